package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/netsvc/netsvc/examples/services"
	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

func hostCommand() *command.Command {
	return &command.Command{
		Name:    "host",
		Section: command.SectionRun,
		Args:    "[NAME...]",
		Summary: "run example services: " + strings.Join(services.Names(), ", "),
		Doc:     "Without a NAME all of them run. Without an exchange they wait for one.",
		MaxArgs: -1,
		Flags: []command.Flag{
			{Name: "group", Kind: command.Texts, Arg: "GROUP", Summary: "join this group, too", Complete: command.AnyGroup},
			graceFlag(),
			{Name: "limit", Kind: command.Count, Arg: "N", Default: "256", Summary: "handlers of one service that run at once"},
		},
		Daemon:   true,
		Complete: exampleServices,
		Run:      runHost,
	}
}

func runHost(ctx context.Context, env *command.Env) error {
	hosted, err := hostedServices(env)
	if err != nil {
		return err
	}
	conn, err := env.Connect(ctx, true)
	if err != nil {
		return err
	}
	return serve(ctx, env, conn, hosted)
}

// hostedServices makes the services that the arguments name.
func hostedServices(env *command.Env) ([]*service.Service, error) {
	names := env.Args
	if len(names) == 0 {
		names = services.Names()
	}
	var hosted []*service.Service
	for _, name := range names {
		s, err := hostedService(name, env.Flags)
		if err != nil {
			return nil, err
		}
		hosted = append(hosted, s)
	}
	return hosted, nil
}

// hostedService makes one of them as the flags want it.
func hostedService(name string, flags command.Flags) (*service.Service, error) {
	s, err := services.New(name)
	if err != nil {
		return nil, noExample(name)
	}
	if err := s.Join(flags.StringSlice("group")...); err != nil {
		return nil, command.Usage("", "--group: %v", err)
	}
	if !flags.IsSet("limit") {
		return s, nil
	}
	return s, s.SetLimit(flags.Int("limit"))
}

func noExample(name string) error {
	hint := "there are " + strings.Join(services.Names(), ", ")
	if near := value.Nearest(name, services.Names()); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return command.Usage(hint, "no example service %q", name)
}

// tap lets netsvc logs read along with a hosted service: its own log, and each call of it. Whoever
// has the tap must run it.
func tap(s *service.Service, log *slog.Logger) (*service.LogTap, error) {
	t := service.NewLogTap(log.Handler())
	own := slog.New(t) // the library says in each record which service it is about
	s.Use(logCalls(own.With("service", s.Name())))
	return t, s.SetLogger(own)
}

// logCalls tells of each call how it ended.
func logCalls(log *slog.Logger) service.Middleware {
	return func(next service.Handler) service.Handler {
		return func(ctx context.Context, r *service.Request) (*service.Response, error) {
			if !log.Enabled(ctx, slog.LevelDebug) {
				return next(ctx, r)
			}
			began := time.Now()
			response, err := next(ctx, r)
			facts := []any{"method", r.Method, "ms", float64(time.Since(began).Microseconds()) / 1000}
			if caller, ok := service.CallerFrom(ctx); ok {
				facts = append(facts, "caller", caller.Address.String())
			}
			if err != nil {
				facts = append(facts, "err", err)
			}
			log.Debug("called", facts...)
			return response, err
		}
	}
}

// serve announces services, which the connection logs and does again whenever the link is made
// anew, and serves until ctx ends. Then it drains: withdrawn first, then the calls in flight.
func serve(ctx context.Context, env *command.Env, conn *service.Conn, hosted []*service.Service) error {
	answers := make(chan error, len(hosted)) // room for all, so nobody waits
	// It goes on while ctx's end drains: what is withdrawn in the middle of being announced is
	// drained like the rest, not just closed.
	announcing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var announcers sync.WaitGroup
	defer announcers.Wait()
	defer stop()
	for _, s := range hosted {
		t, err := tap(s, env.Log)
		if err != nil {
			return err
		}
		announcers.Go(func() { t.Run(announcing, s) })                    // ends with serve
		announcers.Go(func() { answers <- conn.Announce(announcing, s) }) // ends with the answer, or with serve
	}
	for {
		select {
		case err := <-answers:
			if err != nil && ctx.Err() == nil {
				return err
			}
		case <-conn.Done():
			return conn.Err()
		case <-ctx.Done():
			return drain(env.Log, graceOf(env.Flags), conn.Shutdown)
		}
	}
}

// exampleServices offers those that are not named yet.
func exampleServices(_ context.Context, q *command.Query) {
	for _, name := range services.Names() {
		if !slices.Contains(q.Args, name) && !slices.Contains(q.Later, name) {
			q.Add(name, "example service")
		}
	}
}
