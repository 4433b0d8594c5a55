package service

import (
	"context"
	"sync"

	"github.com/netsvc/netsvc/pkg/wire"
)

// follower keeps a copy of a part of the registry, over all reconnections, and for a Watch
// the events that have not been read.
type follower struct {
	conn  *Conn
	watch wire.Watch

	mu     sync.Mutex
	queue  *eventQueue // nil for a Directory
	asked  uint64      // the control request, until it is known to have gone well
	in     *session    // nil while the link is down
	known  index
	synced bool
	absent returning
	err    error         // why it has ended
	wake   chan struct{} // closed, and made anew, at each change
}

func (c *Conn) follow(opts *WatchOptions, queue *eventQueue) (*follower, error) {
	f, asked, err := c.newFollower(opts, queue)
	asked.flush()
	return f, err
}

func (c *Conn) newFollower(opts *WatchOptions, queue *eventQueue) (f *follower, asked *session, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil, nil, ErrClosed
	}
	m, err := opts.message(c.nextWatch.Add(1))
	if err != nil {
		return nil, nil, err
	}
	if m.Scope == wire.ScopeAddress && m.Origin == 0 {
		m.Origin = c.origin
	}
	f = &follower{conn: c, watch: *m, queue: queue, known: newIndex(), wake: make(chan struct{})}
	c.followers[m.ID] = f
	if asked = c.session.Load(); asked != nil {
		f.begin(asked)
	}
	return f, asked, nil
}

// begin asks a session for the present state and all that follows. It is called with the
// Conn's mutex held.
func (f *follower) begin(s *session) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watch.Scope == wire.ScopeAddress {
		if f.watch.Origin == 0 {
			f.watch.Origin = s.origin
		}
		if f.watch.Origin != s.origin {
			delete(f.conn.followers, f.watch.ID)
			f.finish(foreign(f.watch.Pattern))
			return
		}
	}
	f.in = s
	f.asked = s.ask(&f.watch, func(a controlAnswer) {
		if a.failure != nil && !a.lost {
			f.refused(s, a.failure)
		}
	})
}

// refused ends the follower, since the exchange does not want it.
func (f *follower) refused(s *session, failure *wire.Failure) {
	f.conn.mu.Lock()
	delete(f.conn.followers, f.watch.ID)
	f.conn.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.in == s {
		f.finish(failure)
	}
}

// end ends the follower for a reason.
func (f *follower) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finish(err)
}

// finish is end with the mutex held. The first reason counts.
func (f *follower) finish(err error) {
	if f.err == nil {
		f.err = err
		f.in = nil
		f.change()
	}
}

// change wakes those who wait for something new. It is called with the mutex held.
func (f *follower) change() {
	close(f.wake)
	f.wake = make(chan struct{})
}

// close ends the follower and tells the exchange.
func (f *follower) close() {
	f.conn.mu.Lock()
	delete(f.conn.followers, f.watch.ID)
	f.conn.mu.Unlock()
	f.mu.Lock()
	s, asked := f.in, f.asked
	f.finish(ErrClosed)
	f.mu.Unlock()
	if s != nil {
		s.forget(asked)
		s.ask(&wire.Unwatch{ID: f.watch.ID}, func(controlAnswer) {})
		s.flush()
	}
}

// apply takes one event of the exchange.
func (f *follower) apply(s *session, e *wire.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.in != s {
		return
	}
	if f.asked != 0 {
		s.forget(f.asked)
		f.asked = 0
	}
	ev := eventOf(s.origin, e)
	loading := !f.synced
	f.note(&ev)
	if f.queue != nil {
		switch {
		case ev.Kind == Reset:
			f.queue.reset(ev, nil)
		case !f.queue.push(ev, loading):
			f.queue.reset(Event{Kind: Reset, Rev: ev.Rev, Time: ev.Time}, f.present())
		}
	}
	f.change()
}

// note brings the copy up to date.
func (f *follower) note(ev *Event) {
	switch ev.Kind {
	case Available, Changed, Joined:
		f.known.set(ev.Info)
		f.absent.seen(ev.Info.Name)
	case Left:
		if f.watch.Scope == wire.ScopeGroup {
			f.known.remove(ev.Info.Address.Number)
		} else {
			f.known.set(ev.Info)
		}
	case Withdrawn:
		f.known.remove(ev.Info.Address.Number)
	case Synced:
		f.synced = true
		f.absent.complete(f.conn.now())
	case Reset:
		f.known = newIndex()
		f.synced = false
	}
}

// await waits until ready reports true, which it is asked with the mutex held, or the
// follower or ctx ends.
func (f *follower) await(ctx context.Context, ready func() bool) error {
	for {
		f.mu.Lock()
		ok, err, wake := ready(), f.err, f.wake
		f.mu.Unlock()
		switch {
		case ok:
			return nil
		case err != nil:
			return err
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// events hands the events of one frame to their follower.
func (s *session) events(id uint32, m *wire.Events) error {
	s.conn.mu.Lock()
	f := s.conn.followers[id]
	s.conn.mu.Unlock()
	a := s.audiences.get(id)
	for _, encoded := range m.Events {
		e, err := wire.DecodeEvent(encoded)
		if err != nil {
			return err
		}
		switch { // or else it has just been closed here
		case f != nil:
			f.apply(s, &e)
		case a != nil:
			a.apply(s, &e)
		}
	}
	return nil
}
