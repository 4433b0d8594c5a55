package exchange

import (
	"encoding/binary"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// forward passes a call that was delivered to this session on to another target. It counts
// as this session's answer; the caller keeps its id, its deadline and its cancel. The mutex
// of the caller's entries is held all along, so that a cancel meets the old slot or the new
// one and never neither.
func (s *session) forward(h *wire.Header, body []byte) error {
	if len(body) < 4 {
		return wire.ErrBadRequest
	}
	request := body[4:]
	req, err := wire.ParseRequest(request)
	if err != nil {
		return err
	}
	t := s.target(binary.LittleEndian.Uint32(body))
	if t == nil {
		return violation("a forward to a handle that is not bound")
	}
	old, err := s.asked(h)
	if err != nil {
		return err
	}
	if old.oneWay {
		return s.forwardOneWay(t, h, &req, request)
	}
	caller := s.ex.table.find(old.party)
	if old.told || caller == nil {
		return s.answer(&wire.Header{Kind: wire.KindResponse, ID: h.ID}, nilValue) // nobody waits
	}
	caller.callers.mu.Lock()
	defer caller.callers.mu.Unlock()
	return s.forwardTo(t, caller, h, &req, request)
}

// past is what is kept of a call while it has no slot.
type past struct {
	party    party
	deadline uint32
	told     bool
	streamed bool
	oneWay   bool
}

func (s *slot) call() past {
	return past{party: s.party(), deadline: s.deadline, told: s.state() == told, streamed: s.streamed, oneWay: s.oneWay}
}

// asked is the call that a forward is about, which still has its slot.
func (s *session) asked(h *wire.Header) (past, error) {
	n, gen := wire.SplitCallID(h.ID)
	s.callMu.Lock()
	defer s.callMu.Unlock()
	sl := s.calls.at(n)
	switch {
	case sl == nil || sl.generation() != gen || sl.state() == free:
		return past{}, foreignAnswer(h)
	case h.Depth != sl.depth+1:
		return past{}, violation("a forward of depth %d, of a call of depth %d", h.Depth, sl.depth)
	}
	return sl.call(), nil
}

// letGo frees the slot of a call that is forwarded. It returns no instance when the call is
// none of this session's any more.
func (s *session) letGo(h *wire.Header) (past, *instance, verdict) {
	n, gen := wire.SplitCallID(h.ID)
	s.callMu.Lock()
	defer s.callMu.Unlock()
	sl, v := s.calls.answer(n, gen)
	if sl == nil {
		return past{}, nil, v
	}
	return sl.call(), s.retire(sl), v
}

// forwardTo frees the old slot and opens one at the new callee. In between only the caller
// could end the call, and its entries are locked.
func (s *session) forwardTo(t *target, caller *session, h *wire.Header, req *wire.Request, request []byte) error {
	s.ex.beginMove()
	defer s.ex.endMove()
	old, by, v := s.letGo(h)
	switch {
	case by == nil:
		return foreignAnswer(h)
	case v == late || caller.callers.closed:
		s.ex.counts.late.Add(1)
		return nil
	}
	refusal := &lateForwardAnswer
	if !old.streamed {
		c := s.newForward(h, req, request, old)
		refusal = s.screenForward(&c)
		if refusal == nil {
			refusal = s.dispatch(t, &c, caller.callers.at(old.party.slot))
		}
	}
	if refusal != nil {
		s.failForward(refusal, old, by, caller)
	}
	return nil
}

// forwardOneWay passes on a call whose caller has been told that it is on its way, and is
// told nothing more, not even that nobody takes it. Its entry may be another call's by now
// and is not touched.
func (s *session) forwardOneWay(t *target, h *wire.Header, req *wire.Request, request []byte) error {
	s.ex.beginMove()
	defer s.ex.endMove()
	old, by, _ := s.letGo(h)
	if by == nil {
		return foreignAnswer(h)
	}
	c := s.newForward(h, req, request, old)
	c.header.Flags = wire.FlagOneWay
	refusal := s.screenForward(&c)
	if refusal == nil && !before(c.tick, c.deadline) {
		refusal = &pastAnswer
	}
	if refusal == nil {
		var nobodys outgoing
		refusal = s.dispatch(t, &c, &nobodys)
	}
	if refusal != nil {
		s.ex.counts.failures.add(refusal.code, 1)
	}
	return nil
}

// beginMove notes a forward under way: its call holds no slot for a moment.
func (e *Exchange) beginMove() {
	e.moving.Add(1)
	e.moved.Add(1)
}

func (e *Exchange) endMove() { e.moving.Add(-1) }

// newForward is the call on its way to the next instance, with the time it has left.
func (s *session) newForward(h *wire.Header, req *wire.Request, request []byte, old past) offer {
	left := time.Duration(int32(old.deadline-ticks(s.batchTime()))) * tickLength
	return offer{
		header: wire.Header{Kind: wire.KindDeliver, Depth: h.Depth, Target: old.party.number, TTL: max(wire.Millis(left), 1)},
		party:  old.party, tick: tickAt(s.batchTime()), deadline: old.deadline, beside: isBeside(req.Method), forwarded: true, body: request,
	}
}

// screenForward refuses what can go to nobody.
func (s *session) screenForward(c *offer) *answer {
	switch {
	case c.header.Depth > wire.MaxDepth:
		return &loopAnswer
	case wire.DeliverSize(c.body) > s.ex.limits.MaxFrame:
		return &s.ex.tooLarge
	}
	return nil
}

// failForward tells the caller that its call ended with the forward. The handler that
// forwarded it has run, so the failure never says no.
func (s *session) failForward(a *answer, old past, by *instance, caller *session) {
	s.ex.counts.failures.add(a.code, 1)
	out := a.header(wire.CallID(old.party.slot, old.party.gen), by.number)
	out.Flags = max(a.flags, uint8(wire.Maybe))
	s.settle(caller, &out, a.body)
}
