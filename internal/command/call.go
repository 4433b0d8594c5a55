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
			"list when it has ended; with --stream each of its results has its line as it comes.\n\n" +
			"With --all every instance is called, and with --group, whose target is METHOD alone, every\n" +
			"member of a group. Each has its line, result or failure, as it answers; exit code 9 says that\n" +
			"at least one failed. Arguments are checked against the signature of the newest instance, or of\n" +
			"the oldest member that has the method.",
		Flags: []Flag{
			{Name: "all", Kind: Switch, Summary: "call every instance of the service"},
			{Name: "group", Kind: Text, Arg: "GROUP", Summary: "call every member of the group"},
			{Name: "stream", Kind: Switch, Summary: "print each result of a stream when it comes, one a line"},
			{Name: "no-reply", Kind: Switch, Summary: "want no answer: end when the call has been delivered"},
		},
		MinArgs: 1, MaxArgs: -1,
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Run:     runCall,
	}
}

func runCall(ctx context.Context, env *Env) error {
	c, err := newCall(env)
	if err != nil {
		return err
	}
	if c.conn, err = env.Connect(ctx, false); err != nil {
		return explain(err).about(c.target, c.method)
	}
	ctx, cancel := env.bounded(ctx)
	defer cancel()
	args, err := c.prepare(ctx, env.Args[1:], env)
	if err == nil {
		err = c.run(ctx, env, args)
	}
	if err != nil {
		return c.explain(ctx, err)
	}
	return nil
}

// callModes are the flags that say what becomes of the call; there is one at most.
var callModes = []string{"all", "group", "stream", "no-reply"}

// newCall reads what to call.
func newCall(env *Env) (*call, error) {
	var modes []string
	for _, name := range callModes {
		if env.Flags.IsSet(name) && (name == "group" || env.Flags.Bool(name)) {
			modes = append(modes, "--"+name)
		}
	}
	if len(modes) > 1 {
		return nil, usage("", "call: %s do not go together", strings.Join(modes, " and "))
	}
	word := env.Args[0]
	if env.Flags.IsSet("group") {
		group := env.Flags.String("group")
		if group == "" || word == "" {
			return nil, usage("such as --group web-services multiply", "call --group wants GROUP and METHOD, not %q and %q", group, word)
		}
		return &call{group: group, method: word}, nil
	}
	target, method := value.SplitTarget(word)
	if target == "" || method == "" {
		return nil, usage("such as math.multiply", "call wants SERVICE.METHOD, not %q", word)
	}
	return &call{target: target, method: method}, nil
}

// run makes the call and prints what comes of it.
func (c *call) run(ctx context.Context, env *Env, args []byte) error {
	endpoint := c.conn.Endpoint(c.target)
	switch {
	case c.group != "" || env.Flags.Bool("all"):
		return c.gather(ctx, env, args)
	case env.Flags.Bool("stream"):
		return c.stream(ctx, env, args)
	case env.Flags.Bool("no-reply"):
		return endpoint.SendRaw(ctx, c.method, args, nil)
	}
	response, err := endpoint.CallRaw(ctx, c.method, args, nil)
	if err != nil {
		return err
	}
	return env.printValue(response.Value)
}

// stream prints the results of a stream as they come.
func (c *call) stream(ctx context.Context, env *Env, args []byte) error {
	for result, err := range c.conn.Endpoint(c.target).StreamRaw(ctx, c.method, args, nil) {
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
	conn     *service.Conn
	target   string // empty for a group
	group    string
	method   string
	methods  []value.Signature // of the target, once known
	learned  bool              // the target was there
	fallback bool              // it may answer other methods, too
}

// prepare fetches the signature and encodes the words by it.
func (c *call) prepare(ctx context.Context, words []string, src value.Sources) ([]byte, error) {
	if err := c.learn(ctx); err != nil {
		return nil, notSent(err)
	}
	args, err := value.ParseArgs(words, c.signature(), src)
	if err != nil {
		return nil, c.orNoMethod(err)
	}
	return value.AppendArgs(nil, args)
}

// learn fetches the methods of who is called.
func (c *call) learn(ctx context.Context) error {
	if c.group != "" {
		return c.learnFromGroup(ctx)
	}
	d, err := c.conn.Describe(ctx, c.target)
	if err == nil {
		c.methods, c.fallback, c.learned = d.Methods, hasFallback(d), true
	}
	return err
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
	case !e.unmade():
	case c.group != "" && e.Code == wire.CodeNoService.String():
		e.groupOfNobody(ctx, c.conn, c.group)
	case e.Exit == ExitNotFound && !c.exists(e.Code):
		e.namesNothing(ctx, c.conn, methodNames(c.methods))
	case e.Code == wire.CodeBadParams.String() && sig != nil:
		e.Hint = usageOf(sig)
	}
	return e
}

// exists reports whether what a failure says is missing was there when the call was prepared:
// then another call is meant.
func (c *call) exists(code string) bool {
	if code == wire.CodeNoMethod.String() {
		return c.signature() != nil
	}
	return c.learned
}

// namesNothing words an error about a name that nobody has, with the nearest one there is: of
// the methods, or of the services that the exchange knows.
func (e *Error) namesNothing(ctx context.Context, conn *service.Conn, methods []string) {
	switch {
	case e.Code == wire.CodeNoMethod.String():
		e.Message = "no such method"
		e.meantOneOf(methods, e.Method)
	case strings.Contains(e.Service, "@"):
		e.Message = "no such instance"
	default:
		e.Message = "no such service"
		e.meantOneOf(serviceNames(ctx, conn), e.Service)
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
