package exchange

import (
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// systemPrefix begins the methods that every service answers beside its limit.
const systemPrefix = "system."

// request takes a call from this session to an instance. An error is a violation.
func (s *session) request(h *wire.Header, body []byte) error {
	req, err := wire.ParseRequest(body)
	if err != nil {
		return err
	}
	n, _ := wire.SplitCallID(h.ID)
	if n >= uint32(s.ex.limits.Pending) {
		s.fail(h.ID, &pendingAnswer)
		return nil
	}
	entry := s.callers.at(n)
	if entry.isOpen() {
		return violation("a request on slot %d, whose call is open", n)
	}
	t := s.target(h.Target)
	if t == nil {
		return violation("a request on handle %d, which is not bound", h.Target)
	}
	if refusal := s.screen(h, body); refusal != nil {
		s.fail(h.ID, refusal)
		return nil
	}
	s.dispatch(t, entry, h, &req, body)
	return nil
}

// screen refuses calls that go to nobody whatever their target.
func (s *session) screen(h *wire.Header, body []byte) *answer {
	switch {
	case h.Depth > wire.MaxDepth:
		return &loopAnswer
	case h.TTL == 0:
		return &pastAnswer
	case wire.DeliverSize(body) > s.ex.limits.MaxFrame:
		return &s.ex.tooLarge
	case h.Depth == 0 && s.ex.draining.Load():
		return &drainingAnswer
	}
	return nil
}

// tries bounds how often a call looks again when the instances changed under its hands, as
// they do while a replica is restarted.
const tries = 3

// dispatch offers the call to the instances of its target until one takes it.
func (s *session) dispatch(t *target, entry *outgoing, h *wire.Header, req *wire.Request, body []byte) {
	c := s.newOffer(h, req, body)
	refusal := &t.absent
	for range tries {
		list := t.list.Load()
		v := s.offerAll(t, *list, &c, entry)
		if v == taken {
			return
		}
		refusal = &t.absent
		if v == full {
			refusal = &busyAnswer
		}
		if t.list.Load() == list {
			break
		}
	}
	s.fail(h.ID, refusal)
}

// reply is an instance's to an offer.
type reply uint8

const (
	gone  reply = iota // it is withdrawn, or its session has ended
	full               // it takes no call now
	taken              // the call is on its way
)

// offer is a call on its way to some instance.
type offer struct {
	header   wire.Header
	party    party
	tick     uint32 // now
	deadline uint32
	beside   bool
	body     []byte
}

// newOffer makes the callee's side of a request.
func (s *session) newOffer(h *wire.Header, req *wire.Request, body []byte) offer {
	ttl := min(h.TTL, s.ex.deadlineMS)
	n, gen := wire.SplitCallID(h.ID)
	return offer{
		header: wire.Header{
			Kind: wire.KindDeliver, Depth: h.Depth, Target: s.number, TTL: ttl,
		},
		party:    party{session: s.place, number: s.number, slot: n, gen: gen},
		tick:     tickAt(s.batchTime()),
		deadline: ticks(s.batchTime() + time.Duration(ttl)*time.Millisecond),
		beside:   len(req.Method) > len(systemPrefix) && string(req.Method[:len(systemPrefix)]) == systemPrefix,
		body:     body,
	}
}

// offerAll offers the call to the likeliest instance and then to all others. When none
// takes it the reply is full if any of them might take it later.
func (s *session) offerAll(t *target, list []*instance, c *offer, entry *outgoing) reply {
	if len(list) == 0 {
		return gone
	}
	first, best := t.pick(list), gone
	for i := range list {
		best = max(best, s.offer(list[(first+i)%len(list)], c, entry))
		if best == taken {
			break
		}
	}
	return best
}

// offer hands the call to an instance if it accepts it, all in one step under the call
// mutex of its session.
func (s *session) offer(to *instance, c *offer, entry *outgoing) reply {
	callee := to.session
	callee.callMu.Lock()
	if r := to.willing(c.beside); r != taken {
		callee.callMu.Unlock()
		return r
	}
	if callee.calls.taken.Load() == 0 {
		callee.calls.wheel.start(c.tick)
	}
	n, sl, ok := callee.calls.open(c.party, to.place, c.beside, c.deadline)
	if !ok {
		callee.callMu.Unlock()
		return full
	}
	generation := sl.generation()
	c.header.ID = wire.CallID(n, generation)
	added := callee.link.AppendDeliver(&c.header, to.handle, c.body)
	if !added.Taken() {
		callee.calls.release(n, sl)
		callee.callMu.Unlock()
		if added == link.Closed {
			return gone
		}
		return full
	}
	to.taken++
	if !c.beside {
		to.inflight.Add(1)
	}
	callee.callMu.Unlock()
	to.counts.calls.Add(1)
	s.delivered++
	*entry = outgoing{callee: callee, slot: sl, number: n, generation: generation, callerGen: c.party.gen}
	s.owe(callee.link, added)
	s.ex.clock.wake()
	return taken
}

// willing says how an instance takes to one more call. It is asked with the call mutex of
// its session held.
func (i *instance) willing(beside bool) reply {
	switch {
	case !i.accepting || i.session.calls.closed:
		return gone
	case i.session.link.Suspect() || (!beside && i.inflight.Load() >= i.limit):
		return full
	default:
		return taken
	}
}

// fail answers a request of this session itself.
func (s *session) fail(id uint64, a *answer) {
	s.ex.counts.failures.add(a.code, 1)
	h := a.header(id, 0)
	s.settle(s, &h, a.body)
}

// settle sends a caller the one terminal frame of a call. A caller whose outbox cannot take
// it is closed: an outcome is never dropped.
func (s *session) settle(caller *session, h *wire.Header, body []byte) {
	added := caller.link.AppendFrame(h, body)
	if added == link.Full {
		caller.link.Close(link.ErrSlow)
		return
	}
	s.owe(caller.link, added)
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
		return violation("an answer to call %#x, which was not delivered or is answered", h.ID)
	}
	p, by := sl.party(), s.retire(sl)
	s.callMu.Unlock()
	if v == late {
		s.ex.counts.late.Add(1)
		return nil
	}
	if h.Kind == wire.KindFailure {
		code, _ := wire.FailureCode(body)
		by.counts.failures.add(code, 1)
		s.ex.counts.failures.add(code, 1)
	}
	caller := s.ex.table.find(p)
	if caller == nil {
		s.ex.counts.late.Add(1)
		return nil
	}
	out := wire.Header{Kind: h.Kind, Flags: h.Flags & wire.FlagDeliveredMask, ID: wire.CallID(p.slot, p.gen), Target: by.number}
	s.settle(caller, &out, body)
	return nil
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
	entry := s.callers.at(n)
	if entry.callerGen != gen || !entry.isOpen() {
		return // its outcome is on the way
	}
	if number, ok := s.giveUp(entry); ok {
		out := canceledAnswer.header(h.ID, number)
		s.ex.counts.failures.add(wire.CodeCanceled, 1)
		s.settle(s, &out, canceledAnswer.body)
	}
}

// giveUp moves a call of this session to told and sends its callee a Cancel. It returns the
// number of the instance, or false when the call has been decided otherwise.
func (s *session) giveUp(entry *outgoing) (uint32, bool) {
	callee := entry.callee
	callee.callMu.Lock()
	defer callee.callMu.Unlock()
	sl, v := callee.calls.tell(entry.number, entry.generation)
	if v != done {
		return 0, false
	}
	s.owe(callee.link, callee.sendCancel(entry.number, entry.generation, 0))
	return callee.instances[sl.instance].number, true
}

// sendCancel tells the callee that nobody waits for a call any more. A Cancel that does not
// fit the outbox is dropped and counted: it only saves work, and the handler's own deadline
// travelled with the request.
func (s *session) sendCancel(n, generation uint32, flags uint8) link.Added {
	added := s.link.AppendCancel(&wire.Header{Kind: wire.KindCancel, Flags: flags, ID: wire.CallID(n, generation)})
	if added == link.Full {
		s.ex.counts.cancelsDropped.Add(1)
	}
	return added
}
