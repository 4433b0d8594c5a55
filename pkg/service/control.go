package service

import (
	"context"
	"sync"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// controls are the questions of the control plane that the exchange has not answered.
type controls struct {
	mu      sync.Mutex
	last    uint64
	waiting map[uint64]func(controlAnswer)
	closed  bool
}

// controlAnswer is what came back: a message, nothing for Done, or a failure.
type controlAnswer struct {
	message wire.Message
	failure *wire.Failure
	lost    bool // the failure is the link's end
}

// ask appends a control request and has the answer handed to answered, exactly once, on the
// reader's goroutine, which must not be held up. It returns the request's id, or zero when the
// link has ended and there will be no answer. The caller flushes, after ask and whatever belongs in the
// same write.
func (s *session) ask(m wire.Message, answered func(controlAnswer)) uint64 {
	return s.askIn(func(id uint64) []byte { return wire.AppendMessage(nil, id, 0, m) }, answered)
}

// askIn is ask with a frame of any kind.
func (s *session) askIn(frameOf func(id uint64) []byte, answered func(controlAnswer)) uint64 {
	c := &s.controls
	c.mu.Lock()
	defer c.mu.Unlock()
	id := c.open(answered)
	if id == 0 {
		return 0
	}
	frame := frameOf(id)
	for s.link.AppendBytes(frame) == link.Full {
		s.waitRoom(len(frame))
	}
	return id
}

// tryAsk is askIn with a frame of a stream or a report, which is not taken when these fill
// their part of the outbox.
func (s *session) tryAsk(h wire.Header, body []byte, answered func(controlAnswer)) link.Added {
	c := &s.controls
	c.mu.Lock()
	defer c.mu.Unlock()
	h.ID = c.open(answered)
	if h.ID == 0 {
		return link.Closed
	}
	added := s.link.AppendStream(&h, body)
	if added == link.Full {
		delete(c.waiting, h.ID)
	}
	return added
}

// open gives a request its id, zero when there will be no answer. It is called with the
// mutex held.
func (c *controls) open(answered func(controlAnswer)) uint64 {
	if c.closed {
		return 0
	}
	if c.waiting == nil {
		c.waiting = map[uint64]func(controlAnswer){}
	}
	c.last++
	c.waiting[c.last] = answered
	return c.last
}

// askAndWait asks and waits for the answer, or for ctx.
func (s *session) askAndWait(ctx context.Context, m wire.Message) (wire.Message, error) {
	answers := make(chan controlAnswer, 1) // room for the one answer, so the reader never waits
	if s.ask(m, func(a controlAnswer) { answers <- a }) == 0 {
		return nil, s.conn.unreachable()
	}
	s.link.FlushNow()
	select {
	case a := <-answers:
		if a.failure != nil {
			return nil, a.failure
		}
		return a.message, nil
	case <-ctx.Done():
		return nil, ended(ctx.Err(), wire.Maybe)
	}
}

// resolve hands an answer to who asked.
func (s *session) resolve(id uint64, a controlAnswer) error {
	c := &s.controls
	c.mu.Lock()
	answered := c.waiting[id]
	delete(c.waiting, id)
	c.mu.Unlock()
	if answered == nil {
		return violation("an answer to control request %d, which is not open", id)
	}
	answered(a)
	return nil
}

// forget drops a request that will not be answered, because what it asked for has come.
func (s *session) forget(id uint64) {
	s.controls.mu.Lock()
	defer s.controls.mu.Unlock()
	delete(s.controls.waiting, id)
}

// closeControls ends all questions at the link's end.
func (s *session) closeControls(f *wire.Failure) {
	c := &s.controls
	c.mu.Lock()
	c.closed = true
	waiting := c.waiting
	c.waiting = nil
	c.mu.Unlock()
	for _, answered := range waiting {
		answered(controlAnswer{failure: f, lost: true})
	}
}

// control handles a frame of the control plane.
func (s *session) control(h *wire.Header, body []byte) error {
	switch h.Kind {
	case wire.KindDone:
		return s.resolve(h.ID, controlAnswer{})
	case wire.KindRefused:
		f, err := wire.ParseFailure(h.Flags, body)
		if err != nil {
			return err
		}
		return s.resolve(h.ID, controlAnswer{failure: f})
	case wire.KindDrain:
		s.conn.log.Info("the exchange is shutting down", "exchange", s.conn.addr)
		return nil
	case wire.KindGap:
		return s.gap(h, body)
	}
	if h.Kind >= wire.OptionalKind {
		s.conn.counts.skipped.Add(1)
		return nil
	}
	m, err := wire.ParseMessage(h.Kind, body)
	if err != nil {
		return err
	}
	switch m := m.(type) {
	case *wire.Announced, *wire.Described:
		return s.resolve(h.ID, controlAnswer{message: m})
	case *wire.Events:
		return s.events(h.Target, m)
	case *wire.Notice:
		s.notice(h, m)
		return nil
	case *wire.Bye:
		return s.goodbye(m)
	default:
		return violation("a frame of kind %s from an exchange", h.Kind)
	}
}
