package command

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// What wait waits for.
const (
	forAvailable = "available"
	forWithdrawn = "withdrawn"
)

func waitCommand() *Command {
	return &Command{
		Name:    "wait",
		Section: SectionLook,
		Args:    "SERVICE...",
		Summary: "wait until all services are available, or all are withdrawn",
		Doc: "SERVICE is a name, a glob, or an address; _exchange is the exchange itself,\n" +
			"which may come later, too.",
		MinArgs: 1, MaxArgs: -1,
		Flags: []Flag{
			{Name: "for", Kind: Text, Arg: "STATE", Default: forAvailable, Values: []string{forAvailable, forWithdrawn},
				Summary: "available or withdrawn"},
		},
		Complete: anyService,
		Run:      runWait,
	}
}

func runWait(ctx context.Context, env *Env) error {
	conn, err := env.Connect(ctx, true)
	if err != nil {
		return err
	}
	ctx, cancel := env.boundedFor(ctx, strings.Join(env.Args, ", "))
	w := waiter{withdrawn: env.Flags.String("for") == forWithdrawn, told: make(chan finding)}
	defer w.wg.Wait()
	defer cancel()
	for _, target := range env.Args {
		if err := w.follow(ctx, conn, target); err != nil {
			return err
		}
	}
	missing, err := w.wait(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return w.gaveUp(env, conn.Ready(ctx), missing)
	}
	return err
}

// waiter waits until the same can be said of all targets at once.
type waiter struct {
	withdrawn bool // that none of them is there, rather than that each is
	targets   []string
	told      chan finding
	wg        sync.WaitGroup
}

// finding is what is the case for one target, or why that cannot be known.
type finding struct {
	target int
	met    bool
	err    error
}

// follow begins to watch a target. It ends with ctx.
func (w *waiter) follow(ctx context.Context, conn *service.Conn, target string) error {
	opts, err := watchOptions(target)
	if err != nil {
		return err
	}
	watch, err := conn.Watch(opts)
	if err != nil {
		return err
	}
	f := follower{waiter: w, target: len(w.targets), watch: watch, present: map[service.Address]bool{}}
	w.targets = append(w.targets, target)
	w.wg.Go(func() { f.run(ctx) }) // ends with ctx
	return nil
}

func watchOptions(target string) (service.WatchOptions, error) {
	name, number, ok := wire.ParseTarget(target)
	switch {
	case !ok:
		return service.WatchOptions{}, usage("such as math or math@3", "wait wants names or addresses of services, not %q", target)
	case number != 0:
		return service.WatchOptions{Address: service.Address{Name: name, Number: number}}, nil
	}
	if err := value.CheckPattern(name); err != nil && name != exchangeName {
		return service.WatchOptions{}, usage("", "wait: %v", err)
	}
	return service.WatchOptions{Glob: name}, nil
}

// wait returns when all targets are met, or the first one that is not when ctx ends.
func (w *waiter) wait(ctx context.Context) (missing string, err error) {
	met := make([]bool, len(w.targets))
	for {
		i := firstFalse(met)
		if i < 0 {
			return "", nil
		}
		select {
		case f := <-w.told:
			if f.err != nil {
				return "", f.err
			}
			met[f.target] = f.met
		case <-ctx.Done():
			return w.targets[i], ctx.Err()
		}
	}
}

func firstFalse(list []bool) int {
	for i, b := range list {
		if !b {
			return i
		}
	}
	return -1
}

// gaveUp is the error of a wait that took too long. link is why there is no link to the
// exchange, nil when there is one.
func (w *waiter) gaveUp(env *Env, link error, target string) error {
	state := forAvailable
	if w.withdrawn {
		state = forWithdrawn
	}
	e := explain(wire.Failf(wire.CodeTimeout, wire.No, "not %s after %v", state, env.Settings.Timeout)).about(target, "")
	var f *wire.Failure
	switch {
	case errors.As(link, &f) && f.Code != wire.CodeUnreachable:
		e.Hint = f.Description // of an exchange that lets nobody in
	case link != nil:
		e.Hint = "there is no exchange at " + env.Settings.Exchange
	}
	return e
}

// follower knows which instances of one target are present: ready ones for those who wait for
// the target, any for those who wait for its end.
type follower struct {
	*waiter
	target  int
	watch   *service.Watch
	present map[service.Address]bool
	synced  bool // what is known is the present state
}

// met reports whether what is waited for is the case.
func (f *follower) met() bool { return f.synced && (len(f.present) == 0) == f.withdrawn }

// run tells the waiter each time when what it waits for may have come true or ceased to be.
func (f *follower) run(ctx context.Context) {
	defer f.watch.Close()
	for {
		event, err := f.watch.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			f.apply(event)
		}
		finding := finding{f.target, f.met(), err}
		select {
		case f.told <- finding:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// apply takes one event. While the exchange is away nothing is known: that it was lost does not
// mean that a service was withdrawn.
func (f *follower) apply(event service.Event) {
	switch event.Kind {
	case service.Available, service.Changed:
		delete(f.present, event.Info.Address)
		if event.Info.State == service.Ready || f.withdrawn {
			f.present[event.Info.Address] = true
		}
	case service.Withdrawn:
		delete(f.present, event.Info.Address)
		f.synced = f.synced && event.Reason != service.ReasonExchangeLost
	case service.Reset:
		clear(f.present)
		f.synced = false
	case service.Synced:
		f.synced = true
	case service.Joined, service.Left:
	}
}
