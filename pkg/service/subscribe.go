package service

import (
	"context"
	"maps"
	"math"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/netsvc/netsvc/internal/backlog"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// subscriptions are those of a Conn that have not ended, by number. Its mutex is a leaf: the
// reader looks here for each report.
type subscriptions struct {
	mu   sync.Mutex
	last uint32
	byID map[uint32]*Subscription
}

// add gives a subscription its number.
func (t *subscriptions) add(s *Subscription) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byID == nil {
		t.byID = map[uint32]*Subscription{}
	}
	t.last++
	s.id, s.wanted.ID = t.last, t.last
	t.byID[s.id] = s
}

func (t *subscriptions) remove(id uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byID, id)
}

// get finds the subscription that a frame belongs to, nil when it has just been closed.
func (t *subscriptions) get(id uint64) *Subscription {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id > math.MaxUint32 {
		return nil
	}
	return t.byID[uint32(id)]
}

// all lists them, the oldest first.
func (t *subscriptions) all() []*Subscription {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]*Subscription, 0, len(t.byID))
	for _, id := range slices.Sorted(maps.Keys(t.byID)) {
		list = append(list, t.byID[id])
	}
	return list
}

// Subscribe begins to get reports. It does not wait: the first comes when the exchange is
// there. What is wrong with the options is the error; what the exchange refuses, such as
// more than its limit of subscriptions, ends the subscription.
func (c *Conn) Subscribe(opts SubscribeOptions) (*Subscription, error) {
	m, err := opts.message()
	if err != nil {
		return nil, err
	}
	s := &Subscription{
		conn: c, opts: opts, wanted: *m,
		queue: backlog.New[Report](opts.Overflow, opts.backlog(), maxBacklogBytes),
		wake:  make(chan struct{}, 1), ended: make(chan struct{}), done: make(chan struct{}), syncing: make(chan struct{}),
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	asked, err := s.enlist()
	if err != nil {
		cancel()
		return nil, err
	}
	asked.flush()
	if opts.OnReport != nil {
		c.crew.Go(func() { s.handle(ctx) }) // ends with the subscription
	}
	return s, nil
}

// enlist makes the subscription one of its Conn's, and asks for it if the link is up.
func (s *Subscription) enlist() (asked *session, err error) {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil, ErrClosed
	}
	if s.wanted.Scope == wire.ScopeAddress && s.wanted.Origin == 0 {
		s.wanted.Origin = c.origin
	}
	c.subscriptions.add(s)
	if asked = c.session.Load(); asked != nil {
		s.begin(asked)
	}
	return asked, nil
}

// begin asks a session for the reports. It is called with the Conn's mutex held.
func (s *Subscription) begin(in *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	if s.wanted.Scope == wire.ScopeAddress {
		if s.wanted.Origin == 0 {
			s.wanted.Origin = in.origin
		}
		if s.wanted.Origin != in.origin {
			s.conn.subscriptions.remove(s.id)
			s.finish(foreign(s.wanted.Target))
			return
		}
	}
	if s.outage {
		s.outage = false
		s.queue.Lose(wire.UnknownGap)
		nudge(s.wake)
	}
	s.in = in
	in.ask(&s.wanted, func(a controlAnswer) { s.answered(in, a) })
}

// answered takes the exchange's answer to Subscribe, on the reader's goroutine.
func (s *Subscription) answered(in *session, a controlAnswer) {
	if a.lost {
		return // it is asked for anew after the reconnection
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in != in {
		return
	}
	if a.failure != nil {
		s.conn.subscriptions.remove(s.id)
		s.finish(a.failure)
		return
	}
	s.begun = true
}

// lostLink notes that a session is gone. What it has brought can still be read.
func (s *Subscription) lostLink(in *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in != in {
		return
	}
	s.in = nil
	s.outage = s.begun
	if s.synced {
		s.synced, s.syncing = false, make(chan struct{})
	}
}

// end ends the subscription because its Conn has ended.
func (s *Subscription) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut.Store(true)
	s.finish(err)
}

// finish ends the subscription for a reason, the first of which counts. It is called with
// the mutex held.
func (s *Subscription) finish(err error) {
	if s.cut.Load() {
		s.cancel()
	}
	if s.err != nil {
		return
	}
	s.err = err
	s.in = nil
	close(s.ended)
	if s.opts.OnReport == nil {
		s.cancel()
		close(s.done)
	}
}

func (s *Subscription) hasEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// take takes what comes next: a report, or a gap. A report that cannot be decoded is a gap.
func (s *Subscription) take() (r Report, gap *GapError, ok bool) {
	s.taking.Lock()
	defer s.taking.Unlock()
	if s.holds {
		r, s.held, s.holds = s.held, Report{}, false
		s.received.Add(1)
		return r, nil, true
	}
	lost, r, has := s.pop()
	if has && value.Check(r.value) != nil {
		s.undecodable.Add(1)
		s.conn.counts.undecodable.Add(1)
		has = false
		if lost != wire.UnknownGap {
			lost++
		}
	}
	switch {
	case lost > 0:
		s.held, s.holds = r, has
		if lost != wire.UnknownGap {
			s.lost.Add(lost)
		}
		if has {
			nudge(s.wake)
		}
		return Report{}, gapOf(lost), true
	case has:
		s.received.Add(1)
	}
	return r, nil, has
}

// pop takes the oldest report from the queue, and wakes the next reader if there is more.
func (s *Subscription) pop() (lost uint64, r Report, has bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost, r, has = s.queue.Pop()
	if !s.queue.IsEmpty() {
		nudge(s.wake)
	}
	return lost, r, has
}

// handle hands the reports to the user's funcs. It ends with the subscription, and the
// subscription with it: one of the funcs may end its goroutine, as a test's Fatal does.
func (s *Subscription) handle(ctx context.Context) {
	defer close(s.done)
	defer s.Close()
	for {
		r, gap, err := s.nextFor(context.Background())
		if err != nil || s.isCut() {
			return
		}
		s.call(ctx, r, gap)
	}
}

// isCut reports whether the handler is to get nothing more, whatever waits.
func (s *Subscription) isCut() bool {
	select {
	case <-s.conn.done:
		return true
	default:
		return s.cut.Load()
	}
}

// nextFor is Next with the gap apart.
func (s *Subscription) nextFor(ctx context.Context) (r Report, gap *GapError, err error) {
	r, err = s.Next(ctx)
	if g, is := err.(*GapError); is {
		return Report{}, g, nil
	}
	return r, nil, err
}

// call runs one of the user's funcs. A panic costs one report, not the process.
func (s *Subscription) call(ctx context.Context, r Report, gap *GapError) {
	defer func() {
		if p := recover(); p != nil {
			s.conn.own.panicLog().Error("handler of reports panicked",
				"subject", r.Subject, "publisher", r.Publisher.String(), "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if gap != nil {
		s.opts.OnGap(ctx, gap)
		return
	}
	s.opts.OnReport(ctx, r)
}
