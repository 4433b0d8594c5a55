package exchange

import (
	"encoding/binary"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// result hands one result of a stream on to the caller. It counts against the credit that
// the caller has granted, so that a fast service cannot bury a slow caller. It is appended
// with the call mutex held: nothing of a call may follow its terminal frame.
func (s *session) result(h *wire.Header, body []byte) error {
	n, gen := wire.SplitCallID(h.ID)
	s.callMu.Lock()
	sl, v := s.calls.result(n, gen, wire.ResultCost(body))
	added := link.Queued
	if v == done {
		added = s.pass(sl, body)
	}
	s.callMu.Unlock()
	switch {
	case v == foreign:
		return foreignAnswer(h)
	case v == overdrawn:
		s.abort(s, h.ID, &overdrawnAnswer)
	case added == link.Full:
		s.abort(s, h.ID, &unreadAnswer)
	}
	return nil
}

// pass appends a stream result to the caller's outbox, of which streams may fill half. It is
// called with the call mutex held.
func (s *session) pass(sl *slot, body []byte) link.Added {
	p := sl.party()
	caller := s.ex.table.find(p)
	if caller == nil {
		return link.Closed // the call is about to be cancelled
	}
	out := wire.Header{Kind: wire.KindResult, ID: wire.CallID(p.slot, p.gen), Target: s.instances[sl.instance].number}
	added := caller.link.AppendStream(&out, body)
	s.dirty.owe(caller.link, added)
	return added
}

// abort ends a call that was delivered to a session, because a rule was broken: its caller
// is told, and its handler is cancelled.
func (s *session) abort(callee *session, id uint64, a *answer) {
	n, gen := wire.SplitCallID(id)
	callee.callMu.Lock()
	defer callee.callMu.Unlock()
	sl, v := callee.calls.tell(n, gen)
	if v != done {
		return
	}
	s.dirty.owe(callee.link, callee.sendCancel(n, gen, 0))
	callee.conclude(sl, callee.instances[sl.instance], a, &s.dirty)
}

// credit lets the callee of one of this session's calls send so many bytes more.
func (s *session) credit(h *wire.Header, body []byte) error {
	n, gen := wire.SplitCallID(h.ID)
	if len(body) != 4 || n >= uint32(s.ex.limits.Pending) {
		return violation("a malformed Credit")
	}
	s.callers.mu.Lock()
	defer s.callers.mu.Unlock()
	entry := s.callers.at(n)
	if entry.callerGen != gen || !entry.isOpen() {
		return nil // the call has ended meanwhile
	}
	callee := entry.callee
	callee.callMu.Lock()
	given := callee.calls.grant(entry.number, entry.generation, binary.LittleEndian.Uint32(body))
	callee.callMu.Unlock()
	if given == 0 {
		return nil
	}
	var more [4]byte
	binary.LittleEndian.PutUint32(more[:], given)
	out := wire.Header{Kind: wire.KindCredit, ID: wire.CallID(entry.number, entry.generation)}
	added := callee.link.AppendMinor(&out, more[:])
	if added == link.Full {
		s.abort(callee, out.ID, &stuckAnswer)
		return nil
	}
	s.dirty.owe(callee.link, added)
	return nil
}
