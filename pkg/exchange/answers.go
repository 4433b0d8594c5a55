package exchange

import (
	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// fail answers a request of this session itself.
func (s *session) fail(id uint64, a *answer) {
	s.ex.counts.failures.add(a.code, 1)
	h := a.header(id, 0)
	s.settle(s, &h, a.body)
}

// settle sends a caller the one terminal frame of a call. It is appended under the mutex
// under which the call was decided, that of the callee's calls or of the caller's entries:
// who takes both and finds the call decided has its outcome before him in the outbox.
func (s *session) settle(caller *session, h *wire.Header, body []byte) {
	s.dirty.owe(caller.link, caller.give(h, body))
}

// give appends the terminal frame of one of this session's calls. A large one that has no
// room is told in few words. A session whose outbox cannot take even those is closed: an
// outcome is never dropped.
func (s *session) give(h *wire.Header, body []byte) link.Added {
	added := s.link.AppendAnswer(h, body)
	if added == link.Full {
		added = s.link.AppendBytes(s.inFewWords(h, body))
	}
	if added == link.Full {
		s.link.Close(link.ErrSlow)
	}
	return added
}

// inFewWords is the failure that takes the place of a terminal frame for which there is no
// room. A response becomes too_large; a failure stays what it is and loses its words.
func (s *session) inFewWords(h *wire.Header, body []byte) []byte {
	f := wire.Failf(wire.CodeTooLarge, wire.Yes, "the answer makes a frame of %d bytes; the caller's outbox has room for %d",
		wire.HeaderSize+len(body), s.link.AnswerRoom())
	if h.Kind == wire.KindFailure {
		f.Code, _ = wire.FailureCode(body)
		f.Delivered = wire.Delivered(h.Flags & wire.FlagDeliveredMask)
	} else {
		s.ex.counts.failures.add(f.Code, 1)
	}
	return wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: h.ID, Target: h.Target}, f)
}

// conclude tells the caller of a call to this session that it ended, and not by the callee's
// answer. It is called with the call mutex held, after the slot has moved.
func (s *session) conclude(sl *slot, by *instance, a *answer, owed *flushes) {
	sl.blamed = true
	by.counts.failures.add(a.code, 1)
	s.ex.counts.failures.add(a.code, 1)
	p := sl.party()
	caller := s.ex.table.find(p)
	if caller == nil {
		return
	}
	h := a.header(wire.CallID(p.slot, p.gen), by.number)
	h.Flags = max(a.flags, uint8(sl.delivered()))
	owed.owe(caller.link, caller.give(&h, a.body))
}

// answer takes the answer to a call that was delivered to this session.
func (s *session) answer(h *wire.Header, body []byte) error {
	if h.Kind == wire.KindFailure && len(body) < 2 {
		return wire.ErrBadFailure
	}
	n, gen := wire.SplitCallID(h.ID)
	s.callMu.Lock()
	sl, v := s.calls.answer(n, gen)
	if sl == nil {
		s.callMu.Unlock()
		return foreignAnswer(h)
	}
	p, by, oneWay, blamed, flags := sl.party(), s.retire(sl), sl.oneWay, sl.blamed, sl.outcome(h)
	caller := s.ex.table.find(p)
	wanted := v == done && caller != nil
	if wanted {
		out := wire.Header{Kind: h.Kind, Flags: flags, ID: wire.CallID(p.slot, p.gen), Target: by.number}
		s.settle(caller, &out, body)
	}
	s.callMu.Unlock()
	if h.Kind == wire.KindFailure && !blamed {
		s.countFailure(body, by, v)
	}
	if !wanted && !oneWay {
		s.ex.counts.late.Add(1)
	}
	return nil
}

// countFailure counts an answer that is a failure.
func (s *session) countFailure(body []byte, by *instance, v verdict) {
	code, _ := wire.FailureCode(body)
	by.counts.failures.add(code, 1)
	if v == done {
		s.ex.counts.failures.add(code, 1)
	}
}

func foreignAnswer(h *wire.Header) error {
	return violation("%s for call %#x, which was not delivered or is answered", h.Kind, h.ID)
}

// outcome is the flags with which the callee's answer goes on: a failure says at least what
// the exchange knows of the handler.
func (s *slot) outcome(h *wire.Header) uint8 {
	flags := h.Flags & wire.FlagDeliveredMask
	switch {
	case h.Kind != wire.KindFailure:
		return h.Flags & wire.FlagStream
	case s.streamed:
		return uint8(wire.Yes)
	case s.forwarded:
		return max(flags, uint8(wire.Maybe))
	}
	return flags
}

// retire counts a call out of its instance's flight and returns the instance. It is called
// with the call mutex held, after the slot was freed.
func (s *session) retire(sl *slot) *instance {
	by := s.instances[sl.instance]
	by.taken--
	if !sl.beside {
		by.inflight.Add(-1)
	}
	s.forgetIfIdle(by)
	return by
}

// cancel ends a call that its caller gave up.
func (s *session) cancel(h *wire.Header) {
	n, gen := wire.SplitCallID(h.ID)
	if n >= uint32(s.ex.limits.Pending) {
		return
	}
	s.callers.mu.Lock()
	defer s.callers.mu.Unlock()
	entry := s.callers.at(n)
	if entry.callerGen != gen || !entry.isOpen() {
		return // its outcome is on the way
	}
	if delivered, ok := s.giveUp(entry, &s.dirty); ok {
		out := canceledAnswer.header(h.ID, entry.by)
		out.Flags = uint8(delivered)
		s.ex.counts.failures.add(wire.CodeCanceled, 1)
		s.settle(s, &out, canceledAnswer.body)
	}
}

// giveUp moves a call of this session to told and sends its callee a Cancel. It returns
// whether the handler may have run, or false when the call has been decided otherwise. It is
// called with the mutex of the caller's entries held.
func (s *session) giveUp(entry *outgoing, owed *flushes) (wire.Delivered, bool) {
	callee := entry.callee
	callee.callMu.Lock()
	defer callee.callMu.Unlock()
	sl, v := callee.calls.tell(entry.number, entry.generation)
	if v != done {
		return 0, false
	}
	owed.owe(callee.link, callee.sendCancel(entry.number, entry.generation, 0))
	return sl.delivered(), true
}

// sendCancel tells the callee that nobody waits for a call any more. A Cancel that does not
// fit the outbox is dropped and counted: it only saves work, and the handler's own deadline
// travelled with the request.
func (s *session) sendCancel(n, generation uint32, flags uint8) link.Added {
	added := s.link.AppendMinor(&wire.Header{Kind: wire.KindCancel, Flags: flags, ID: wire.CallID(n, generation)}, nil)
	if added == link.Full {
		s.ex.counts.cancelsDropped.Add(1)
	}
	return added
}
