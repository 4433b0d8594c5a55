package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/exchange"
)

const exchangePort = "11111"

func exchangeCommand() *command.Command {
	return &command.Command{
		Name:    "exchange",
		Section: command.SectionRun,
		Summary: "run an exchange, the process that all others stay connected to",
		Flags: append(append(listenFlags(exchangePort), graceFlag(),
			command.Flag{Name: "beat", Kind: command.Duration, Arg: "DUR", Default: "2s", Summary: "say something at least this often"},
			command.Flag{Name: "suspect", Kind: command.Duration, Arg: "DUR", Default: "4.5s", Summary: "give no calls to a process silent this long"},
			command.Flag{Name: "dead", Kind: command.Duration, Arg: "DUR", Default: "14.5s", Summary: "give up a process silent this long"},
		), limitFlags()...),
		Daemon: true,
		Run:    runExchange,
	}
}

// graceFlag is how long a drain may take.
func graceFlag() command.Flag {
	return command.Flag{Name: "grace", Kind: command.Duration, NotNegative: true, Arg: "DUR", Default: "5s",
		Summary: "how long calls in flight may take when told to end"}
}

const defaultGrace = 5 * time.Second

func graceOf(flags command.Flags) time.Duration {
	if flags.IsSet("grace") {
		return flags.Duration("grace")
	}
	return defaultGrace
}

// limitFlags name the limits of an exchange.
func limitFlags() []command.Flag {
	count := func(name, standard, summary string) command.Flag {
		return command.Flag{Name: name, Kind: command.Count, Arg: "N", Default: standard, Summary: "limit: " + summary}
	}
	return []command.Flag{
		count("sessions", "10000", "connected processes"),
		count("instances", "1024", "instances of one process"),
		count("handles", "16384", "names and addresses that one process calls"),
		count("watches", "1024", "watches of one process"),
		count("pending", "65536", "open calls of one process"),
		count("groups", "64", "groups of one instance"),
		count("methods", "1024", "methods of one instance"),
		{Name: "max-frame", Kind: command.Size, Arg: "SIZE", Default: "4MiB", Summary: "limit: one message"},
		{Name: "outbox", Kind: command.Size, Arg: "SIZE", Default: "8MiB", Summary: "limit: what waits for one slow process"},
		{Name: "deadline", Kind: command.Duration, Arg: "DUR", Default: "1h", Summary: "limit: the time of one call"},
	}
}

func exchangeOptions(flags command.Flags, log *slog.Logger) *exchange.Options {
	return &exchange.Options{
		Beat: flags.Duration("beat"), Suspect: flags.Duration("suspect"), Dead: flags.Duration("dead"),
		Limits: exchange.Limits{
			Sessions: flags.Int("sessions"), Instances: flags.Int("instances"), Handles: flags.Int("handles"),
			Watches: flags.Int("watches"), Pending: flags.Int("pending"), Groups: flags.Int("groups"),
			Methods: flags.Int("methods"), MaxFrame: flags.Int("max-frame"), Outbox: flags.Int("outbox"),
			Deadline: flags.Duration("deadline"),
		},
		Software: "netsvc " + command.Version(),
		Logger:   log,
	}
}

func runExchange(ctx context.Context, env *command.Env) error {
	ex, err := exchange.New(exchangeOptions(env.Flags, env.Log))
	if err != nil {
		return command.Usage("", "%v", err)
	}
	var serving sync.WaitGroup
	defer serving.Wait()
	defer ex.Close()
	open, err := listenByFlags(env.Flags, exchangePort, guard{})
	if err != nil {
		return err
	}
	for _, l := range open {
		serving.Go(func() { ex.Serve(l) }) // ends when the exchange closes the listener
	}
	if err := writeAddressFile(env.Flags.String("address-file"), open.addresses()); err != nil {
		return err
	}
	logListening(env.Log, open)
	<-ctx.Done()
	return drain(env.Log, graceOf(env.Flags), ex.Shutdown)
}

// logListening tells where others can connect: all interfaces are told as what they are.
func logListening(log *slog.Logger, open listeners) {
	for _, l := range open {
		log.Info("listening", "address", boundAddress(l.Addr()))
	}
}

// drain ends something in good order. What did not end within the grace time is cut off, which
// is logged and is no failure: those who waited are told.
func drain(log *slog.Logger, grace time.Duration, shutdown func(context.Context) error) error {
	log.Info("draining", "grace", grace.String())
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := shutdown(ctx); err != nil {
		log.Warn("calls were cut off", "err", err)
	}
	log.Info("ended")
	return nil
}
