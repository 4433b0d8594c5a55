package command

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

func callCommand() *Command {
	return &Command{
		Name:    "call",
		Section: SectionUse,
		Args:    "SERVICE.METHOD [ARG...]",
		Summary: "call a method and print its result",
		Doc: "SERVICE is a name or an address such as math@3. An argument is a value by position (3),\n" +
			"by name (x=3), or JSON (:=[1,2] or x:=[1,2]); @FILE and - read a file and stdin. Arguments\n" +
			"are checked against the method's signature before anything is sent. A stream is printed as one\n" +
			"list when it has ended; with --stream each of its results has its line as it comes.",
		Flags: []Flag{
			{Name: "stream", Kind: Switch, Summary: "print each result of a stream when it comes, one a line"},
		},
		MinArgs: 1, MaxArgs: -1,
		Run: runCall,
	}
}

func runCall(ctx context.Context, env *Env) error {
	target, method := value.SplitTarget(env.Args[0])
	if target == "" || method == "" {
		return usage("such as math.multiply", "call wants SERVICE.METHOD, not %q", env.Args[0])
	}
	conn, err := env.Connect(ctx, false)
	if err != nil {
		return err
	}
	ctx, cancel := env.bounded(ctx)
	defer cancel()
	c := call{conn: conn, target: target, method: method}
	args, err := c.prepare(ctx, env.Args[1:], env)
	if err == nil {
		err = c.run(ctx, env, args)
	}
	if err != nil {
		return c.explain(ctx, err)
	}
	return nil
}

// run makes the call and prints what comes of it.
func (c *call) run(ctx context.Context, env *Env, args []byte) error {
	endpoint := c.conn.Endpoint(c.target)
	if !env.Flags.Bool("stream") {
		response, err := endpoint.CallRaw(ctx, c.method, args, nil)
		if err != nil {
			return err
		}
		return env.printValue(response.Value)
	}
	for result, err := range endpoint.StreamRaw(ctx, c.method, args, nil) {
		if err != nil {
			return err
		}
		if err := env.printLine(result); err != nil {
			return err
		}
	}
	return nil
}

// call is one call of a method by words.
type call struct {
	conn           *service.Conn
	target, method string
	methods        []value.Signature // of the target, once known
	fallback       bool              // it may answer other methods, too
}

// prepare fetches the signature and encodes the words by it.
func (c *call) prepare(ctx context.Context, words []string, src value.Sources) ([]byte, error) {
	d, err := c.conn.Describe(ctx, c.target)
	if err != nil {
		return nil, notSent(err)
	}
	c.methods, c.fallback = d.Methods, hasFallback(d)
	args, err := value.ParseArgs(words, c.signature(), src)
	if err != nil {
		return nil, c.orNoMethod(err)
	}
	return value.AppendArgs(nil, args)
}

// notSent says of a failure that came before the call was made that the method has not run.
func notSent(err error) error {
	var f *wire.Failure
	if !errors.As(err, &f) {
		return err
	}
	known := *f
	known.Delivered = wire.No
	return &known
}

// signature is that of the method. It is nil for methods that every service has and for those
// that only the service itself may know: their arguments go out as they read.
func (c *call) signature() *value.Signature {
	i := slices.IndexFunc(c.methods, func(s value.Signature) bool { return s.Name == c.method })
	if i < 0 {
		return nil
	}
	return &c.methods[i]
}

// orNoMethod replaces an error about arguments when the method is a misspelt one: then the
// arguments were read without a signature, and are not what is wrong.
func (c *call) orNoMethod(err error) error {
	if argumentsDoNotFit(err) && c.signature() == nil && !c.fallback && c.near() != "" {
		return service.ErrNoMethod
	}
	return err
}

func (c *call) near() string { return value.Nearest(c.method, methodNames(c.methods)) }

// explain says what the error is about and what was probably meant.
func (c *call) explain(ctx context.Context, err error) error {
	e := explain(err).about(c.target, c.method)
	sig := c.signature()
	switch {
	case e.Exit == ExitNotFound:
		e.namesNothing(ctx, c.conn, methodNames(c.methods))
	case e.Code == wire.CodeBadParams.String() && sig != nil:
		e.Hint = usageOf(sig)
	}
	return e
}

// namesNothing words an error about a name that nobody has, with the nearest one there is: of
// the methods, or of the services that the exchange knows.
func (e *Error) namesNothing(ctx context.Context, conn *service.Conn, methods []string) {
	var near string
	switch {
	case e.Code == wire.CodeNoMethod.String():
		e.Message, near = "no such method", value.Nearest(e.Method, methods)
	case strings.Contains(e.Service, "@"):
		e.Message = "no such instance"
	default:
		e.Message, near = "no such service", value.Nearest(e.Service, serviceNames(ctx, conn))
	}
	if near != "" {
		e.meant(near)
	}
}

func methodNames(methods []value.Signature) []string {
	names := make([]string, len(methods))
	for i := range methods {
		names[i] = methods[i].Name
	}
	return names
}

// serviceNames asks the exchange for the names it knows. It is for hints, so an exchange that
// does not answer knows none.
func serviceNames(ctx context.Context, conn *service.Conn) []string {
	services, err := servicesOf(ctx, conn, "", "")
	if err != nil {
		return nil
	}
	names := make([]string, len(services))
	for i, s := range services {
		names[i] = s.Name
	}
	return names
}
