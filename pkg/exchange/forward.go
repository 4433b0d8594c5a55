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
	p, v := s.partyOf(h.ID)
	if v == foreign {
		return foreignAnswer(h)
	}
	caller := s.ex.table.find(p)
	if v == missed || caller == nil {
		return s.answer(&wire.Header{Kind: wire.KindResponse, ID: h.ID}, nilValue) // nobody waits
	}
	caller.callers.mu.Lock()
	defer caller.callers.mu.Unlock()
	return s.forwardTo(t, caller, h, &req, request)
}

// partyOf finds whose call an id is. The verdict is done while it is open.
func (s *session) partyOf(id uint64) (party, verdict) {
	n, gen := wire.SplitCallID(id)
	s.callMu.Lock()
	defer s.callMu.Unlock()
	sl := s.calls.at(n)
	switch {
	case sl == nil || sl.generation() != gen || sl.state() == free:
		return party{}, foreign
	case sl.state() == told:
		return sl.party(), missed
	}
	return sl.party(), done
}

// forwardTo frees the old slot and opens one at the new callee. In between only the caller
// could end the call, and its entries are locked.
func (s *session) forwardTo(t *target, caller *session, h *wire.Header, req *wire.Request, request []byte) error {
	s.ex.moving.Add(1)
	defer s.ex.moving.Add(-1)
	s.ex.moved.Add(1)
	n, gen := wire.SplitCallID(h.ID)
	s.callMu.Lock()
	sl, v := s.calls.answer(n, gen)
	if sl == nil {
		s.callMu.Unlock()
		return foreignAnswer(h)
	}
	old, by := sl.call(), s.retire(sl)
	s.callMu.Unlock()
	if v == late || caller.callers.closed {
		return nil
	}
	refusal := &lateForwardAnswer
	if !old.streamed {
		c := s.newForward(h, req, request, old)
		refusal = s.screenForward(h, request)
		if refusal == nil {
			refusal = s.dispatch(t, &c, caller.callers.at(old.party.slot))
		}
	}
	if refusal != nil {
		s.failForward(refusal, old, by, caller)
	}
	return nil
}

// past is what is kept of a call while it has no slot.
type past struct {
	party    party
	deadline uint32
	streamed bool
}

func (s *slot) call() past {
	return past{party: s.party(), deadline: s.deadline, streamed: s.streamed}
}

// newForward is the call on its way to the next instance, with the time it has left.
func (s *session) newForward(h *wire.Header, req *wire.Request, request []byte, old past) offer {
	left := time.Duration(int32(old.deadline-ticks(s.batchTime()))) * tickLength
	return offer{
		header: wire.Header{Kind: wire.KindDeliver, Depth: h.Depth, Target: old.party.number, TTL: max(wire.Millis(left), 1)},
		party:  old.party, tick: tickAt(s.batchTime()), deadline: old.deadline, beside: isBeside(req.Method), forwarded: true, body: request,
	}
}

// screenForward refuses what can go to nobody.
func (s *session) screenForward(h *wire.Header, request []byte) *answer {
	switch {
	case h.Depth > wire.MaxDepth:
		return &loopAnswer
	case wire.DeliverSize(request) > s.ex.limits.MaxFrame:
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
