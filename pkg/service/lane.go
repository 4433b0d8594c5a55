package service

import (
	"context"
	"runtime"
)

// lane is an instance's part of the stage, guarded by the stage's mutex. It outlives the
// session, so that a handler that ignores its context still counts after a reconnection.
type lane struct {
	limit, queue, queueBytes int // bounds

	running int         // requests ready or running
	waiting requestList // when running is at its limit
	bytes   int         // of waiting
	idle    chan struct{}
	kept    map[*kept]struct{}
}

// leave gives the place of a request that is over to the one that waits longest.
func (t *stage) leave(r *request) {
	r.state = requestOver
	l := &r.place.lane
	if next := l.waiting.pop(); next != nil {
		l.bytes -= next.size()
		t.makeReady(next)
		return
	}
	l.running--
	l.rest()
}

// resting reports whether nothing runs, waits or is kept.
func (l *lane) resting() bool { return l.running == 0 && len(l.kept) == 0 }

// rest tells those who wait for a lane that it rests.
func (l *lane) rest() {
	if l.resting() && l.idle != nil {
		close(l.idle)
		l.idle = nil
	}
}

// quiet waits until nothing of a lane runs, waits or is kept, or for ctx.
func (t *stage) quiet(ctx context.Context, l *lane) error {
	t.mu.Lock()
	if l.resting() {
		t.mu.Unlock()
		return nil
	}
	if len(l.kept) > 0 {
		t.crew.Go(runtime.GC) // ends by itself; what is kept and forgotten is found by nothing else
	}
	if l.idle == nil {
		l.idle = make(chan struct{})
	}
	idle := l.idle
	t.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// load is how many requests of a lane run and wait.
func (t *stage) load(l *lane) (running, waiting int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return l.running, l.waiting.len
}
