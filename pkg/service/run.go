package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// Grace is how long Run lets calls in flight go on when it drains.
const Grace = 5 * time.Second

// SignalError reports a second signal while Run was draining. A command exits at once with
// 128 and the signal's number then.
type SignalError struct {
	Signal os.Signal // os.Interrupt or syscall.SIGTERM
}

// Error names the signal.
func (e *SignalError) Error() string {
	return fmt.Sprintf("service: %v came while draining", e.Signal)
}

// Run connects in the background, announces the services whenever the exchange is there,
// and serves until ctx ends or the process gets SIGINT or SIGTERM. Then it drains: it
// withdraws, finishes calls in flight, kept ones, too, for up to Grace, and returns nil, or
// the error of
// Conn.Shutdown when calls had to be cut off. A second signal makes it return at once with
// a *SignalError. What is wrong with a service, and what the exchange refuses for good, is
// returned, too.
func Run(ctx context.Context, addr string, services ...*Service) error {
	conn, err := Connect(ctx, addr, &Options{Background: true})
	if err != nil {
		return err
	}
	return RunConn(ctx, conn, Grace, services...)
}

// RunConn is Run over a connection that the caller has made, with its own grace time. It
// closes conn.
func RunConn(ctx context.Context, conn *Conn, grace time.Duration, services ...*Service) error {
	signals := make(chan os.Signal, 2) // a signal that finds it full is one too many anyway
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	return (&runner{conn: conn, signals: signals}).run(ctx, grace, services)
}

// Serve is RunConn without signals: it serves until ctx ends, and drains. It is for programs
// that have their own way with signals, and for tests.
func Serve(ctx context.Context, conn *Conn, grace time.Duration, services ...*Service) error {
	return (&runner{conn: conn}).run(ctx, grace, services)
}

// runner runs the services of one connection.
type runner struct {
	conn    *Conn
	signals <-chan os.Signal // nil: signals are the caller's
	told    bool             // the first signal has been taken
}

func (r *runner) run(ctx context.Context, grace time.Duration, services []*Service) error {
	if err := r.serve(ctx, services); err != nil {
		r.conn.Close()
		return err
	}
	return r.drain(grace)
}

// serve announces the services and returns nil when it is time to drain.
func (r *runner) serve(ctx context.Context, services []*Service) error {
	announcing, cancel := context.WithCancel(ctx)
	defer cancel()
	refusals := make(chan error, len(services)) // room for all, so nobody waits
	for _, s := range services {
		i, err := r.conn.attach(s)
		if err != nil {
			return err
		}
		r.conn.crew.Go(func() { i.report(announcing, refusals) }) // ends with the first answer, or with serve
	}
	select {
	case err := <-refusals:
		if errors.Is(err, ErrClosed) { // the Conn knows better why
			<-r.conn.done
			return r.conn.Err()
		}
		return err
	case <-r.conn.done:
		return r.conn.Err()
	case <-r.signals:
		r.told = true
	case <-ctx.Done():
	}
	return nil
}

// report tells a refusal of the first Announce.
func (i *instance) report(ctx context.Context, refusals chan<- error) {
	select {
	case <-i.settled:
		if i.refusal != nil {
			refusals <- i.refusal
		}
	case <-i.conn.done:
	case <-ctx.Done():
	}
}

// drain shuts the connection down within the grace time, or until another signal comes.
func (r *runner) drain(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var second signalWatch
	second.wg.Go(func() { second.wait(ctx, cancel, r) }) // ends with ctx
	err := r.conn.Shutdown(ctx)
	cancel()
	second.wg.Wait()
	if second.came != nil {
		return second.came
	}
	return err
}

// signalWatch waits for a signal that cuts the draining short.
type signalWatch struct {
	wg   sync.WaitGroup
	came error
}

// wait ends with ctx or the second signal. When a context has ended the serving, the first
// signal is not that: it may be the very one that has ended the context.
func (w *signalWatch) wait(ctx context.Context, cancel context.CancelFunc, r *runner) {
	for {
		select {
		case s := <-r.signals:
			if !r.told {
				r.told = true
				continue
			}
			w.came = &SignalError{Signal: s}
			r.conn.abort()
			cancel()
			return
		case <-ctx.Done():
			return
		}
	}
}
