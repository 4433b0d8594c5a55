package command

import (
	"context"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

func pubCommand() *Command {
	return &Command{
		Name:    "pub",
		Section: SectionUse,
		Args:    "SERVICE:SUBJECT [VALUE]",
		Summary: "publish a value, or each JSON line of stdin, as a service",
		Doc: "SERVICE is announced while the command runs. VALUE has the forms of an argument without a\n" +
			"signature: JSON if it parses, else text; @FILE, - and the others. Without it each JSON value on\n" +
			"a line of stdin is published as it comes, until stdin ends. It ends when the exchange has taken\n" +
			"all of them.\n\n" +
			"What is retained is retained only while its publisher lives. So with --retain a VALUE stays, and\n" +
			"the command, until SIGINT or SIGTERM, and lines until stdin ends; with --ttl the command ends\n" +
			"when the last value has been retained that long.",
		Flags: []Flag{
			{Name: "retain", Kind: Switch, Summary: "retain the last value for those who subscribe later"},
			{Name: "ttl", Kind: Duration, Arg: "DUR", Summary: "retain it that long, in whole seconds, rounded up"},
		},
		MinArgs: 1, MaxArgs: 2, Values: 1,
		Complete: publishable,
		Run:      runPub,
	}
}

// publisher is a service that exists for the reports of one command.
type publisher struct {
	env     *Env
	svc     *service.Service
	subject string
	opts    service.PublishOptions
	taken   int // reports that the exchange has taken
}

func runPub(ctx context.Context, env *Env) error {
	p, err := newPublisher(env)
	if err != nil {
		return err
	}
	publish, err := p.source()
	if err != nil {
		return err
	}
	conn, err := env.Connect(ctx, false)
	if err != nil {
		return err
	}
	if err := p.announce(ctx, conn); err != nil {
		return explain(err).about(p.svc.Name(), "")
	}
	if err := publish(ctx); err != nil {
		return err
	}
	return p.stay(ctx)
}

// newPublisher reads who publishes, on what, and for how long.
func newPublisher(env *Env) (*publisher, error) {
	name, subject, ok := strings.Cut(env.Args[0], ":")
	if !ok || name == "" || subject == "" {
		return nil, usage("such as build:done", "pub wants SERVICE:SUBJECT, not %q", env.Args[0])
	}
	if err := value.CheckServiceName(name); err != nil {
		return nil, usage("", "pub: %v", err)
	}
	if err := value.CheckSubject(subject); err != nil {
		return nil, usage("", "pub: %v", err)
	}
	lifetime, err := lifetimeOf(env.Flags)
	if err != nil {
		return nil, err
	}
	return &publisher{
		env: env, subject: subject, opts: service.PublishOptions{Lifetime: lifetime, Confirm: true},
		svc: service.New(name, &service.ServiceOptions{Subjects: []string{subject}}),
	}, nil
}

func lifetimeOf(flags Flags) (time.Duration, error) {
	ttl := flags.Duration("ttl")
	switch {
	case flags.IsSet("ttl") && flags.Bool("retain"):
		return 0, usage("", "pub: --retain and --ttl do not go together")
	case flags.IsSet("ttl") && ttl <= 0:
		return 0, usage("", "--ttl wants a duration over zero, not %v", ttl)
	case flags.Bool("retain"):
		return service.WhileAnnounced, nil
	}
	return (ttl + time.Second - 1).Truncate(time.Second), nil
}

func (p *publisher) announce(ctx context.Context, conn *service.Conn) error {
	ctx, cancel := p.env.bounded(ctx)
	defer cancel()
	return conn.Announce(ctx, p.svc)
}

// publish publishes one value and waits for the exchange's word.
func (p *publisher) publish(ctx context.Context, v any) error {
	ctx, cancel := p.env.bounded(ctx)
	defer cancel()
	if err := p.svc.PublishWith(ctx, p.subject, v, p.opts); err != nil {
		return explain(err).about(p.svc.Name(), "")
	}
	p.taken++
	return nil
}

// stay keeps the publisher alive for as long as its last value is to be retained. That a signal
// ends it is its ordinary end.
func (p *publisher) stay(ctx context.Context) error {
	switch {
	case p.taken > 0 && p.opts.Lifetime > 0:
		timer := time.NewTimer(p.opts.Lifetime)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	case p.opts.Lifetime == service.WhileAnnounced && len(p.env.Args) > 1:
		<-ctx.Done()
	}
	return nil
}
