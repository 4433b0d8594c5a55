package service

import (
	"context"
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

// rest tells those who wait for a lane that nothing runs or waits in it.
func (l *lane) rest() {
	if l.running == 0 && l.idle != nil {
		close(l.idle)
		l.idle = nil
	}
}

// quiet waits until nothing of a lane runs or waits, or for ctx.
func (t *stage) quiet(ctx context.Context, l *lane) error {
	t.mu.Lock()
	if l.running == 0 {
		t.mu.Unlock()
		return nil
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
