package exchange

import (
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// control handles a frame of the control plane in the core before the next frame is read.
func (s *session) control(h *wire.Header, body []byte) error {
	if h.Kind >= wire.OptionalKind {
		s.ex.counts.skipped.Add(1)
		return nil
	}
	if !spoken(h.Kind) {
		return violation("a frame of kind %s from a process", h.Kind)
	}
	m, err := wire.ParseMessage(h.Kind, body)
	if err != nil {
		return err
	}
	switch m := m.(type) {
	case *wire.Bye:
		return errGoodbye
	case *wire.Announce:
		return s.announce(h.ID, m)
	case *wire.Update:
		return s.update(h.ID, m)
	case *wire.Bind:
		return s.bind(m)
	case *wire.Expire:
		s.forgetRetained(h.ID, m)
		return nil
	default:
		s.act(func(c *core) []effect { return c.request(s.number, h.ID, m) })
		return nil
	}
}

// spoken reports whether a process may send a kind that carries a message.
func spoken(k wire.Kind) bool {
	switch k {
	case wire.KindBye, wire.KindAnnounce, wire.KindUpdate, wire.KindWithdraw, wire.KindBind,
		wire.KindUnbind, wire.KindWatch, wire.KindUnwatch, wire.KindDescribe,
		wire.KindSubscribe, wire.KindUnsubscribe, wire.KindExpire:
		return true
	default:
		return false
	}
}

// request is the part of the core's messages that need nothing from the shell first.
func (c *core) request(from uint32, id uint64, m wire.Message) []effect {
	switch m := m.(type) {
	case *wire.Withdraw:
		return c.withdraw(from, id, m)
	case *wire.Unbind:
		return c.unbind(from, m)
	case *wire.Watch:
		return c.watch(from, id, m)
	case *wire.Unwatch:
		return c.unwatch(from, id, m)
	case *wire.Describe:
		return c.describe(from, id, m)
	case *wire.Subscribe:
		return c.subscribe(from, id, m)
	case *wire.Unsubscribe:
		return c.unsubscribe(from, id, m)
	default:
		return nil
	}
}

// act runs the core for this session, unless the core has forgotten it already, as it does
// when the session was replaced. What was written goes out at the end of the batch.
func (s *session) act(f func(*core) []effect) {
	if s.ex.now()-s.batchTime() > longBatch {
		s.flushOwed() // what others are to get does not wait for the rest of a long batch
	}
	s.dirty = append(s.dirty, s.ex.act(func(c *core) []effect {
		if c.sessions[s.number] == nil {
			return nil
		}
		return f(c)
	})...)
}

// longBatch is how long a batch of control frames may keep back what it owes to others.
const longBatch = time.Millisecond

// announce reads the signatures, outside any lock, and has the core add the instance.
func (s *session) announce(id uint64, a *wire.Announce) error {
	methods, f := s.ex.offer(a.Methods)
	s.act(func(c *core) []effect {
		if f != nil {
			return []effect{refuse{s.number, id, f}}
		}
		return c.announce(s.number, id, a, methods)
	})
	return nil
}

func (s *session) update(id uint64, u *wire.Update) error {
	var methods *offered
	var f *wire.Failure
	if u.Methods != nil {
		methods, f = s.ex.offer(*u.Methods)
	}
	s.act(func(c *core) []effect {
		if f != nil {
			return []effect{refuse{s.number, id, f}}
		}
		return c.update(s.number, id, u, methods)
	})
	return nil
}

// bind gives a handle to a target, whether or not anybody is announced there.
func (s *session) bind(b *wire.Bind) error {
	if b.Handle >= uint32(s.ex.limits.Handles) {
		return violation("handle %d is over the limit of %d", b.Handle, s.ex.limits.Handles)
	}
	s.act(func(c *core) []effect { return c.bind(s.number, b) })
	return nil
}

// offer checks a list of signatures. A list that an instance has already is not read again.
func (e *Exchange) offer(blob []byte) (*offered, *wire.Failure) {
	if len(blob) == 0 {
		return &offered{}, nil
	}
	o := &offered{hash: value.HashMethods(blob), blob: blob}
	if names, ok := e.methodNames(o.hash); ok {
		o.names = names
		return o, nil
	}
	sigs, err := value.DecodeMethods(blob)
	if err != nil {
		return nil, wire.Failf(wire.CodeBadParams, wire.No, "signatures: %v", err)
	}
	if len(sigs) > e.limits.Methods {
		return nil, wire.Failf(wire.CodeBadParams, wire.No, "%d methods are over the limit of %d", len(sigs), e.limits.Methods)
	}
	for i := range sigs {
		o.names = append(o.names, sigs[i].Name)
	}
	return o, nil
}

// methodNames looks a list of signatures up by its hash.
func (e *Exchange) methodNames(h hash) ([]string, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := e.core.methods[h]
	if m == nil {
		return nil, false
	}
	return m.names, true
}
