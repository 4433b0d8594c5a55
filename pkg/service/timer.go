package service

import (
	"context"
	"sync"
	"time"
)

// Timer is a func that will run. It ends by Stop, with its context, or, made by After, when
// the func has run.
type Timer struct {
	cancel context.CancelFunc
	done   chan struct{}
	wg     sync.WaitGroup
}

// After runs f once after d, on a goroutine of its own, unless ctx ends first. f's context
// ends with ctx and by Stop.
func After(ctx context.Context, d time.Duration, f func(context.Context)) *Timer {
	t, ctx := newTimer(ctx)
	t.wg.Go(func() { t.after(ctx, d, f) }) // ends when f has run, or ctx has ended
	return t
}

// Every runs f each d, on a goroutine of its own, until ctx ends. A tick that comes while f
// runs is left out. d must be more than zero.
func Every(ctx context.Context, d time.Duration, f func(context.Context)) *Timer {
	t, ctx := newTimer(ctx)
	t.wg.Go(func() { t.every(ctx, d, f) }) // ends when ctx has ended
	return t
}

func newTimer(ctx context.Context) (*Timer, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	return &Timer{cancel: cancel, done: make(chan struct{})}, ctx
}

// Stop ends the timer: f does not run any more, and the context of one that runs ends. It
// does not wait for it, so f may call it.
func (t *Timer) Stop() { t.cancel() }

// Done is closed when the timer has ended and its func is not running any more.
func (t *Timer) Done() <-chan struct{} { return t.done }

func (t *Timer) after(ctx context.Context, d time.Duration, f func(context.Context)) {
	defer close(t.done)
	defer t.cancel()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		f(ctx)
	case <-ctx.Done():
	}
}

func (t *Timer) every(ctx context.Context, d time.Duration, f func(context.Context)) {
	defer close(t.done)
	defer t.cancel()
	ticker := time.NewTicker(d)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ticker.C:
			f(ctx)
		case <-ctx.Done():
		}
	}
}
