package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/netsvc/netsvc/internal/command"
)

// interruptPatience is how long a command that is no daemon may take to end once it was told
// to. One that reads a terminal which says nothing would take for ever.
const interruptPatience = time.Second

// manners are what a command does when a signal asks it to end.
type manners uint8

const (
	commandManners manners = 0 // it ends, and has failed
	daemonManners  manners = 1 // it drains first, for as long as that takes
	sessionManners manners = 2 // it follows SIGINT by itself, and ends by others and with its terminal
)

// supervise runs a command under the signals of the process. The first SIGINT or SIGTERM ends
// its context: a daemon then drains and all is well, any other command has failed. The second
// one makes supervise return at once, and so does a command that does not end.
func supervise(own manners, run func(context.Context) error) error {
	told := make(<-chan struct{}) // never, for a daemon
	s := watchSignals(own)
	defer s.stop()
	if own == daemonManners {
		// A closed log pipe is an error of the log and not the end of the daemon.
		signal.Ignore(syscall.SIGPIPE)
	} else {
		told = s.ctx.Done()
	}
	ended := make(chan error, 1)
	var running sync.WaitGroup
	// ends when the command does; nobody waits for it after a second signal, which ends the
	// process
	running.Go(func() { ended <- run(s.ctx) })
	var tooLate <-chan time.Time
	for {
		select {
		case err := <-ended:
			return explained(s.ctx, err)
		case again := <-s.again:
			return &command.Interrupted{Signal: again}
		case <-told:
			told, tooLate = nil, time.After(interruptPatience)
		case <-tooLate:
			return context.Cause(s.ctx)
		}
	}
}

// explained is what command.Explain makes of an error, as an error.
func explained(ctx context.Context, err error) error {
	if e := command.Explain(ctx, err); e != nil {
		return e
	}
	return nil
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
func watchSignals(own manners) *signals {
	s := &signals{again: make(chan syscall.Signal, 1), notices: make(chan os.Signal, 2), stopped: make(chan struct{})}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	if own == sessionManners {
		signal.Notify(s.notices, syscall.SIGTERM, syscall.SIGHUP)
	} else {
		signal.Notify(s.notices, syscall.SIGINT, syscall.SIGTERM)
	}
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
