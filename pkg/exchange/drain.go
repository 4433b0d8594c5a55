package exchange

import (
	"context"
	"errors"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Shutdown ends the exchange in good order: it lets nobody in, takes no new calls but those
// that running handlers make, waits until the open ones have ended or ctx has, and closes.
// Calls that are open then end as unreachable. Every process is told goodbye behind the
// outcomes of all its calls that were taken, so it knows of the others that they were not.
// Shutdown returns ctx's error when calls were left.
func (e *Exchange) Shutdown(ctx context.Context) error {
	e.closeListeners()
	e.draining.Store(true)
	e.actAndWrite(func(c *core) []effect { return c.drain() })
	e.announceDrain(ctx)
	err := e.waitIdle(ctx)
	for _, s := range e.admitted() {
		s.callers.refuse()
	}
	if err == nil {
		err = e.waitIdle(ctx) // for what was taken before all of them refused
	}
	e.sayBye("the exchange is shutting down")
	return errors.Join(err, e.Close())
}

// announceDrain tells every process how long the exchange will still be there.
func (e *Exchange) announceDrain(ctx context.Context) {
	h := wire.Header{Kind: wire.KindDrain}
	if deadline, ok := ctx.Deadline(); ok {
		h.TTL = wire.Millis(time.Until(deadline))
	}
	for _, s := range e.admitted() {
		s.link.AppendFrame(&h, nil)
		s.link.FlushNow()
	}
}

// sayBye ends every session with a last word.
func (e *Exchange) sayBye(text string) {
	e.ending.Store(true)
	bye := wire.AppendMessage(nil, 0, 0, &wire.Bye{Reason: wire.ReasonDrained, Text: text})
	for _, s := range e.admitted() {
		s.endCalls()
		s.link.CloseAfter(bye, ErrClosed)
	}
}

// endCalls ends what this session has open, and has it taken no more. When it returns, the
// outcome of every call that was taken is in the session's outbox: giving a call up takes
// the mutex under which whoever decided it before has appended that.
func (s *session) endCalls() {
	var owed flushes
	s.callers.close(func(n uint32, o *outgoing) {
		if delivered, ok := s.giveUp(o, &owed); ok {
			s.ex.counts.failures.add(wire.CodeUnreachable, 1)
			h := shutAnswer.header(wire.CallID(n, o.callerGen), o.by)
			h.Flags = uint8(delivered)
			owed.owe(s.link, s.give(&h, shutAnswer.body))
		}
	})
	owed.write(true)
}

// admitted lists the sessions there are, without the exchange's own.
func (e *Exchange) admitted() []*session {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]*session, 0, len(e.sessions))
	for _, s := range e.sessions {
		if !s.own {
			all = append(all, s)
		}
	}
	return all
}

// idle reports whether no call holds a slot. A forward moves its call from one session to
// another, maybe behind the back of the count, so a count during which one began is void.
func (e *Exchange) idle() bool {
	moved := e.moved.Load()
	return e.moving.Load() == 0 && e.openCalls() == 0 && e.moved.Load() == moved
}

// waitIdle waits until no call holds a slot.
func (e *Exchange) waitIdle(ctx context.Context) error {
	ticker := time.NewTicker(tickLength)
	defer ticker.Stop()
	for !e.idle() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}
