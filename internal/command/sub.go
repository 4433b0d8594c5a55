package command

import (
	"context"
	"errors"
	"strings"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// overflows are the words of --policy.
var overflows = map[string]service.Overflow{
	service.DropOldest.String(): service.DropOldest,
	service.Latest.String():     service.Latest,
	service.Disconnect.String(): service.Disconnect,
}

func subCommand() *Command {
	return &Command{
		Name:    "sub",
		Section: SectionUse,
		Args:    "SERVICE[:SUBJECT-GLOB]",
		Summary: "print the reports that services publish, as they come",
		Doc: "SERVICE is a name, a glob or an address such as clock@2; with --group the argument is the\n" +
			"SUBJECT-GLOB alone, and may be left out. * is any run of characters, ? any one. Services may come\n" +
			"later and go, and so may the exchange. What is retained comes first, marked; where reports are\n" +
			"missing stands a gap. One report has one line.\n\n" +
			"--exec runs a shell command for each report, one at a time, in place of printing it. The command\n" +
			"has the JSON line on its stdin, and NETSVC_SERVICE, NETSVC_INSTANCE, NETSVC_SUBJECT,\n" +
			"NETSVC_RETAINED (true or false) and NETSVC_EXCHANGE in its environment. One that fails is told\n" +
			"on stderr, and so is a gap; the next report comes all the same.\n\n" +
			"When too many reports wait, drop-oldest loses the oldest, latest those that a newer one of the\n" +
			"same subject replaces; disconnect loses none and ends with exit code 10, busy.",
		Flags: []Flag{
			{Name: "max", Kind: Count, Arg: "N", Summary: "end after so many reports"},
			{Name: "retained-only", Kind: Switch, Summary: "print what is retained now, and end"},
			{Name: "exec", Kind: Text, Arg: "CMD", Summary: "run CMD for each report"},
			{Name: "policy", Kind: Text, Arg: "POLICY", Default: service.DropOldest.String(),
				Values:  []string{service.DropOldest.String(), service.Latest.String(), service.Disconnect.String()},
				Summary: "what is lost when too many wait: drop-oldest, latest, disconnect"},
			{Name: "group", Kind: Text, Arg: "GROUP", Summary: "the members of this group are whose reports are wanted", Complete: AnyGroup},
		},
		Formats:  []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		MaxArgs:  1,
		Complete: subscribable,
		Run:      runSub,
	}
}

func runSub(ctx context.Context, env *Env) error {
	opts, err := subOptions(env)
	if err != nil {
		return err
	}
	f := following{env: env, most: env.Flags.Int("max"), retainedOnly: env.Flags.Bool("retained-only")}
	f.show = env.reportOutput()
	if command := env.Flags.String("exec"); command != "" {
		f.show = &executor{env: env, command: command}
	}
	return f.follow(ctx, opts)
}

// subOptions says whose reports are wanted, and which.
func subOptions(env *Env) (service.SubscribeOptions, error) {
	opts := service.SubscribeOptions{Overflow: overflows[env.Flags.String("policy")]}
	var word string
	if len(env.Args) > 0 {
		word = env.Args[0]
	}
	subjects := word
	switch {
	case env.Flags.IsSet("group"):
		if opts.Group = env.Flags.String("group"); value.CheckGroupName(opts.Group) != nil {
			return opts, usage("such as --group web-services", "sub: %v", value.CheckGroupName(opts.Group))
		}
	case len(env.Args) == 0:
		return opts, usage(subCommand().form(), "sub: an argument is missing")
	default:
		var target string
		target, subjects, _ = strings.Cut(word, ":")
		if err := publishersOf(&opts, target); err != nil {
			return opts, err
		}
	}
	if subjects == "" {
		return opts, nil
	}
	opts.Subjects = []string{subjects}
	if err := value.CheckPattern(subjects); err != nil {
		return opts, usage("", "sub: %v", err)
	}
	return opts, nil
}

// publishersOf reads a name, a glob or an address of publishers.
func publishersOf(opts *service.SubscribeOptions, target string) error {
	name, number, ok := wire.ParseTarget(target)
	switch {
	case !ok || target == "" || strings.Contains(target, "."): // no service has a dot in its name
		return usage("such as clock, 'clock:tick' or clock@2", "reports are those of SERVICE[:SUBJECT-GLOB], not of %q", target)
	case number != 0:
		opts.Address = service.Address{Name: name, Number: number}
	default:
		opts.Service = name
	}
	return nil
}

// reporter does something with what a subscription brings.
type reporter interface {
	report(ctx context.Context, r *service.Report) error
	gap(g *service.GapError) error
}

// following is a subscription whose reports are shown until there is an end.
type following struct {
	env          *Env
	show         reporter
	most         int // reports; zero for no bound
	retainedOnly bool
}

func (f *following) follow(ctx context.Context, opts service.SubscribeOptions) error {
	conn, err := f.env.Connect(ctx, true)
	if err != nil {
		return err
	}
	sub, err := conn.Subscribe(opts)
	if err != nil {
		return err
	}
	defer sub.Close()
	background, cancel := context.WithCancel(ctx)
	var patience notice
	defer patience.wg.Wait()
	defer cancel()
	patience.begin(background, f.env, conn)
	next := ctx
	if f.retainedOnly {
		// Once all that is retained has come, Next only hands out what waits.
		next = background
		patience.wg.Go(func() { endWhenSynced(background, sub, cancel) }) // ends with ctx at the latest
	}
	err = f.run(ctx, next, sub)
	if ctx.Err() == nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return tooSlow(err)
}

// endWhenSynced calls end when all that is retained now has come.
func endWhenSynced(ctx context.Context, sub *service.Subscription, end func()) {
	if sub.Synced(ctx) == nil {
		end()
	}
}

// run shows reports until there were enough of them, or none comes any more before next ends.
// Those that have come are shown even then.
func (f *following) run(ctx, next context.Context, sub *service.Subscription) error {
	for shown := 0; f.most == 0 || shown < f.most; {
		r, err := sub.Next(next)
		var gap *service.GapError
		switch {
		case errors.As(err, &gap):
			err = f.show.gap(gap)
		case err != nil:
		case f.retainedOnly && !r.Retained:
			return nil // what is retained comes before all else
		default:
			shown++
			err = f.show.report(ctx, &r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tooSlow words the end of a subscription that may lose nothing: as busy.
func tooSlow(err error) error {
	if !errors.Is(err, service.ErrSlow) {
		return err
	}
	return wire.Failf(wire.CodeBusy, wire.No, "more reports wait than the subscription may keep")
}
