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
		s.fail(h.ID, &s.ex.tooMany)
		return nil
	}
	t := s.target(h.Target)
	if t == nil {
		return violation("a request on handle %d, which is not bound", h.Target)
	}
	refusal := s.screen(h, body)
	s.callers.mu.Lock()
	defer s.callers.mu.Unlock()
	entry := s.callers.at(n)
	switch {
	case entry.isOpen():
		return violation("a request on slot %d, whose call is open", n)
	case s.callers.refusing:
		refusal = &drainingAnswer
	case refusal == nil:
		c := s.newOffer(h, &req, body)
		refusal = s.dispatch(t, &c, entry)
	}
	if refusal != nil {
		s.fail(h.ID, refusal)
	} else if h.Flags&wire.FlagOneWay != 0 {
		s.settle(s, &wire.Header{Kind: wire.KindResponse, ID: h.ID, Target: entry.by}, nilValue)
	}
	return nil
}

// nilValue is the encoded result of a call that has none.
var nilValue = []byte{0xf6}

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

// dispatch offers the call to the instances of its target until one takes it. It returns
// the failure to answer with when none does. The entry is where a taken call is noted; it is
// called with the mutex of the caller's entries held, unless the entry is nobody's.
func (s *session) dispatch(t *target, c *offer, entry *outgoing) *answer {
	for range tries {
		list := t.list.Load()
		var r replies
		switch v := s.offerAll(t, *list, c, entry, &r); {
		case v == taken:
			return nil
		case t.list.Load() != list:
			continue
		case v != gone:
			return s.busy(*list, &r)
		}
		break
	}
	return &t.absent
}

// offer is a call on its way to some instance.
type offer struct {
	header    wire.Header
	party     party
	tick      uint32 // now
	deadline  uint32
	beside    bool
	forwarded bool // no failure says no any more
	body      []byte
}

// newOffer makes the callee's side of a request.
func (s *session) newOffer(h *wire.Header, req *wire.Request, body []byte) offer {
	ttl := min(h.TTL, s.ex.deadlineMS)
	n, gen := wire.SplitCallID(h.ID)
	return offer{
		header: wire.Header{
			Kind: wire.KindDeliver, Flags: h.Flags & wire.FlagOneWay, Depth: h.Depth, Target: s.number, TTL: ttl,
		},
		party:    party{session: s.place, number: s.number, slot: n, gen: gen},
		tick:     tickAt(s.batchTime()),
		deadline: ticks(s.batchTime() + time.Duration(ttl)*time.Millisecond),
		beside:   isBeside(req.Method),
		body:     body,
	}
}

// isBeside reports whether a method is one that every service answers beside its limit.
func isBeside(method []byte) bool {
	return len(method) > len(systemPrefix) && string(method[:len(systemPrefix)]) == systemPrefix
}

// offerAll offers the call to the likeliest instance and then to all others. When none
// takes it the reply is gone if none of them will ever, and r says what each replied.
func (s *session) offerAll(t *target, list []*instance, c *offer, entry *outgoing, r *replies) reply {
	if len(list) == 0 {
		return gone
	}
	first, best := t.pick(list), gone
	for i := range list {
		v := s.offer(list[(first+i)%len(list)], c, entry)
		if v == taken {
			return taken
		}
		r[v]++
		best = max(best, v)
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
		return crowded
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
		return unread
	}
	to.taken++
	if !c.beside {
		to.inflight.Add(1)
	}
	sl.forwarded, sl.depth = c.forwarded, c.header.Depth
	if c.header.Flags&wire.FlagOneWay != 0 {
		callee.calls.tell(n, generation) // its caller is told that it is on its way
		sl.oneWay = true
	}
	callee.callMu.Unlock()
	to.counts.calls.Add(1)
	s.delivered++
	*entry = outgoing{callee: callee, slot: sl, number: n, generation: generation, callerGen: c.party.gen, by: to.number}
	s.dirty.owe(callee.link, added)
	s.ex.clock.wake()
	return taken
}

// willing says how an instance takes to one more call. It is asked with the call mutex of
// its session held.
func (i *instance) willing(beside bool) reply {
	switch {
	case !i.accepting || i.session.calls.closed:
		return gone
	case i.session.link.Suspect():
		return suspect
	case !beside && i.inflight.Load() >= i.limit:
		return limited
	default:
		return taken
	}
}
