package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/netsvc/netsvc/internal/command"
)

// supervise runs a command under the signals of the process. The first SIGINT or SIGTERM ends
// its context: a daemon then drains and all is well, any other command has failed. The second
// one makes supervise return at once.
func supervise(c *command.Command, env *command.Env) error {
	if c.Daemon {
		// A closed log pipe is an error of the log and not the end of the daemon.
		signal.Ignore(syscall.SIGPIPE)
	}
	s := watchSignals()
	defer s.stop()
	ended := make(chan error, 1)
	var running sync.WaitGroup
	// ends when the command does; nobody waits for it after a second signal, which ends the
	// process
	running.Go(func() { ended <- c.Run(s.ctx, env) })
	select {
	case err := <-ended:
		if e := command.Explain(s.ctx, err); e != nil {
			return e
		}
		return nil
	case again := <-s.again:
		return &command.Interrupted{Signal: again}
	}
}

// signals follows the signals that ask the process to end.
type signals struct {
	ctx     context.Context // ended by the first one, which is its cause
	end     context.CancelCauseFunc
	again   chan syscall.Signal // gets the second one
	notices chan os.Signal
	stopped chan struct{}
	wg      sync.WaitGroup
}

// watchSignals begins to follow them. Whether SIGINT was ignored when the process began, as it
// is in the children of a script's "&", does not matter: it is taken again.
func watchSignals() *signals {
	s := &signals{again: make(chan syscall.Signal, 1), notices: make(chan os.Signal, 2), stopped: make(chan struct{})}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	signal.Notify(s.notices, syscall.SIGINT, syscall.SIGTERM)
	s.wg.Go(s.follow) // ends with stop
	return s
}

func (s *signals) follow() {
	for count := 0; ; count++ {
		select {
		case got := <-s.notices:
			number, _ := got.(syscall.Signal)
			if count == 0 {
				s.end(&command.Interrupted{Signal: number})
				continue
			}
			s.again <- number
			return
		case <-s.stopped:
			return
		}
	}
}

// stop ends the context and gives the signals back to the system.
func (s *signals) stop() {
	signal.Stop(s.notices)
	close(s.stopped)
	s.wg.Wait()
	s.end(context.Canceled)
}
