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

// prepare fetches the signature and reads the arguments by it.
func (c *call) prepare(ctx context.Context) ([]any, error) {
	if err := c.learn(ctx); err != nil {
		return nil, notSent(err)
	}
	args, err := c.read()
	if err != nil {
		return nil, c.orNoMethod(err)
	}
	return args, nil
}

// read reads the words, or the text of --args.
func (c *call) read() ([]any, error) {
	if !c.env.Flags.IsSet("args") {
		return value.ParseArgs(c.line(), c.signature(), c.env)
	}
	text := strings.TrimSpace(c.env.Flags.String("args"))
	if text == "" || text[0] != '[' && text[0] != '{' {
		return nil, usage("such as [3,4] or {\"x\":3}", "--args wants a list or an object as JSON, not %q", text)
	}
	return c.bind(partArgs{}, []byte(text), "--args")
}

// partArgs are arguments of which some are missing.
type partArgs struct {
	positional []any
	named      map[string]any
}

// bind puts arguments and those of a JSON text behind them into their places. where says where the
// text is from.
func (c *call) bind(part partArgs, text []byte, where string) ([]any, error) {
	sig := c.signature()
	positional, named, err := value.ArgsFromJSON(text, sig, len(part.positional))
	var malformed *value.DecodeError
	if errors.As(err, &malformed) {
		return nil, &value.UsageError{Reason: "unreadable JSON in " + where, Err: err}
	}
	if err != nil {
		return nil, err
	}
	whole := slices.Concat(part.positional, positional)
	if sig == nil {
		return whole, nil
	}
	for name, v := range part.named {
		if _, again := named[name]; again {
			return nil, &value.ArgumentError{Name: name, Reason: "given twice"}
		}
		if named == nil {
			named = map[string]any{}
		}
		named[name] = v
	}
	return sig.Bind(whole, named)
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
	if argumentsDoNotFit(err) && c.misspelt() {
		return service.ErrNoMethod
	}
	return err
}

// misspelt reports whether the target has no such method, but one of nearly that name.
func (c *call) misspelt() bool { return c.signature() == nil && !c.fallback && c.near() != "" }

// absent reports whether the target certainly has no such method, so that there is nothing to
// show or to keep of its call. A call that is made leaves the answer to the service.
func (c *call) absent() bool {
	own := strings.HasPrefix(c.method, "system.")
	return c.misspelt() || c.learned && c.signature() == nil && !c.fallback && !own
}

func (c *call) near() string { return value.Nearest(c.method, methodNames(c.methods)) }

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
