package command

import (
	"context"
	"strings"

	"github.com/netsvc/netsvc/internal/render"
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
			"the oldest member that has the method.\n\n" +
			"With --each every line of stdin that is not blank is an item, and a call of its own: a JSON list\n" +
			"has arguments by position, behind those of the command line, an object has them by name, and\n" +
			"anything else is one argument. Results come in the order of the lines. An item that fails has its\n" +
			"error line, with its number, on stderr; the others go on, and the exit code is 9. --timeout bounds\n" +
			"each item. No more than four items for each call in flight are held: a slow one holds up reading.\n\n" +
			"--envelope prints one JSON object a call or item, good or bad, and no error line: item (null\n" +
			"without --each), ok, value, error, delivered, instance, origin, elapsed_ms. --dry-run prints item,\n" +
			"service, group, method, args (in order), and checked, false where no signature is known. --curl\n" +
			"prints the command that makes the same call over HTTP.\n\n" +
			"--save keeps target, arguments and flags for netsvc run NAME, in the place of a call of that name,\n" +
			"once the arguments have been checked.",
		Flags:   callFlags(),
		MinArgs: 1, MaxArgs: -1, Values: 1,
		Formats:  []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Complete: callable,
		Run:      runCall,
	}
}

func callFlags() []Flag {
	return []Flag{
		{Name: "all", Kind: Switch, Summary: "call every instance of the service"},
		{Name: "group", Kind: Text, Arg: "GROUP", Summary: "call every member of the group", Complete: AnyGroup},
		{Name: "each", Kind: Switch, Summary: "make a call of each JSON line of stdin"},
		{Name: "parallel", Short: "P", Kind: Count, Arg: "N", Default: "1", Summary: "with --each: so many calls at a time, up to 1024"},
		{Name: "fail-fast", Kind: Switch, Summary: "with --each: begin no more calls when one has failed"},
		{Name: "args", Kind: Text, Arg: "JSON", Summary: "the arguments, in place of words: a list by position, an object by name"},
		{Name: "envelope", Kind: Switch, Summary: "print what came of the call as one object, and no error line"},
		{Name: "stream", Kind: Switch, Summary: "print each result of a stream when it comes, one a line"},
		{Name: "no-reply", Kind: Switch, Summary: "want no answer: end when the call has been delivered"},
		{Name: "dry-run", Kind: Switch, Summary: "print what would be sent, and send nothing"},
		{Name: "curl", Kind: Switch, Summary: "print the curl command of the same call, and send nothing"},
		{Name: "gateway", Kind: Text, Arg: "URL", Default: defaultGateway + "/NAME", Summary: "with --curl: the gateway"},
		{Name: "exit-status", Kind: Switch, Summary: "end with exit code 1 when the result, after --jq, is false or null"},
		{Name: "save", Kind: Text, Arg: "NAME", Summary: "keep the call under this name, and make it"},
	}
}

func runCall(ctx context.Context, env *Env) error { return makeCall(ctx, env, nil) }

// makeCall makes the call of a command line, with saved words in front of its arguments.
func makeCall(ctx context.Context, env *Env, saved []string) error {
	c, err := newCall(env, saved)
	switch {
	case err != nil:
		return err
	case env.Flags.Bool("each"):
		return c.each(ctx)
	}
	return c.end(ctx, c.once(ctx))
}

// call is one command line that calls a method.
type call struct {
	env      *Env
	conn     *service.Conn
	endpoint *service.Endpoint
	target   string // empty for a group
	group    string
	method   string
	saved    []string          // the words of a saved call
	words    []string          // those given now
	methods  []value.Signature // of the target, once known
	learned  bool              // the target was there
	fallback bool              // it may answer other methods, too
}

// newCall reads what to call.
func newCall(env *Env, saved []string) (*call, error) {
	c := &call{env: env, saved: saved, words: env.Args[1:]}
	if err := checkModes(env.Flags); err != nil {
		return nil, err
	}
	if err := checkSaveName(env.Flags); err != nil {
		return nil, err
	}
	if err := c.checkWords(); err != nil {
		return nil, err
	}
	return c, c.aim(env.Args[0])
}

// aim reads the target.
func (c *call) aim(word string) error {
	if c.env.Flags.IsSet("group") {
		c.group, c.method = c.env.Flags.String("group"), word
		if c.group == "" || c.method == "" {
			return usage("such as --group web-services multiply", "call --group wants GROUP and METHOD, not %q and %q", c.group, word)
		}
		return nil
	}
	c.target, c.method = value.SplitTarget(word)
	if c.target == "" || c.method == "" {
		return usage("such as math.multiply", "call wants SERVICE.METHOD, not %q", word)
	}
	return nil
}

// connect gets the connection.
func (c *call) connect(ctx context.Context) error {
	conn, err := c.env.Connect(ctx, false)
	if err != nil {
		return explain(err).about(c.target, c.method)
	}
	c.conn, c.endpoint = conn, conn.Endpoint(c.target)
	return nil
}

// once makes a single call, or calls all who are meant once.
func (c *call) once(ctx context.Context) *outcome {
	if err := c.connect(ctx); err != nil {
		return c.failed(ctx, 0, err)
	}
	ctx, cancel := c.env.bounded(ctx)
	defer cancel()
	args, err := c.prepare(ctx)
	if err == nil {
		err = c.save(ctx)
	}
	if err != nil {
		return c.failed(ctx, 0, err)
	}
	return c.perform(ctx, 0, args)
}

// end prints what came of a single call, and returns what the command ends with.
func (c *call) end(ctx context.Context, o *outcome) error {
	enveloped := c.env.Flags.Bool("envelope")
	if o.err != nil && (!enveloped || o.err.Exit == ExitUsage) {
		return o.err
	}
	if err := c.print(c.env, o); err != nil {
		return c.explain(ctx, err)
	}
	if o.err != nil {
		return o.err.told()
	}
	return c.exitStatus(o)
}

// exitStatus makes a result that is false or null an exit code, where that is wanted.
func (c *call) exitStatus(o *outcome) error {
	if !c.env.Flags.Bool("exit-status") || !c.env.saysNo(o.value) {
		return nil
	}
	return (&Error{Code: codeInternal, Exit: ExitInternal, Message: "the result is false or null"}).told()
}

// explain says what the error is about and what was probably meant.
func (c *call) explain(ctx context.Context, err error) *Error {
	e := Explain(ctx, err).about(c.target, c.method)
	sig := c.signature()
	switch {
	case !e.unmade():
	case c.group != "" && e.Code == wire.CodeNoService.String():
		e.groupOfNobody(ctx, c.conn, c.group)
	case e.Exit == ExitNotFound && !c.exists(e):
		e.namesNothing(ctx, c.conn, methodNames(c.methods))
	case e.Code == wire.CodeBadParams.String() && sig != nil:
		e.Hint = render.UsageOf(sig)
	}
	return e
}

// exists reports whether what a failure says is missing was there when the call was prepared:
// then another call is meant.
func (c *call) exists(e *Error) bool {
	if e.Code == wire.CodeNoMethod.String() {
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
