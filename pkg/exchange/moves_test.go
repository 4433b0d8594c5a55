package exchange

import (
	"context"
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/pkg/wire"
)

// TestMoves_OneTerminalFramePerCallAndLink lets callers and services of a real exchange do
// whatever they may, one thing after the other or many at once: on each link every call gets
// exactly one terminal frame, the right one, and no failure says no of a call that a
// service was given.
func TestMoves_OneTerminalFramePerCallAndLink(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawMove), 1, 80).Draw(rt, "moves")
		drain := rapid.Bool().Draw(rt, "drain")
		synctest.Test(t, func(t *testing.T) {
			m := newTown(t)
			for _, s := range steps {
				m.make(s)
			}
			if drain {
				m.drain()
			} else {
				m.rest()
			}
		})
	})
}

// move is one thing that somebody does.
type move struct {
	kind  string
	who   int // caller or service
	which int // of the calls that it may be done to
	at    uint32
	alone bool // the exchange is done with it before the next
}

func drawMove(t *rapid.T) move {
	kinds := []string{"call", "call", "call", "one-way", "brief", "answer", "answer", "fail", "result", "forward", "forward", "cancel", "credit", "wait", "lose", "leave"}
	return move{
		kind: rapid.SampledFrom(kinds).Draw(t, "kind"), who: rapid.IntRange(0, 1).Draw(t, "who"), which: rapid.IntRange(0, 9).Draw(t, "which"),
		at: rapid.Uint32Range(0, 2).Draw(t, "at"), alone: rapid.Bool().Draw(t, "alone"),
	}
}

// town is an exchange with two services and two callers, and what is known of their calls.
type town struct {
	t        *testing.T
	ex       *Exchange
	callers  [2]*caller
	services [2]*provider
	number   uint64          // of the last call
	given    map[uint64]bool // calls that a service was given
	begun    map[uint64]bool // calls that a result came of
}

// caller is a process that calls. Its calls are numbered in their arguments.
type caller struct {
	*process
	open   map[uint64]uint64 // numbers by id
	oneWay map[uint64]bool   // by number
	free   []uint64          // ids to use again
	slots  uint32
	bye    bool
}

// provider is a process that is called.
type provider struct {
	*process
	name    string
	pending map[uint64]frame // by id: not answered yet
	order   []uint64         // as they came
}

// targets are the names behind the handles 0 to 2 of everybody. Nobody has the last.
var targets = [...]string{"left", "right", "nobody"}

func newTown(t *testing.T) *town {
	m := &town{t: t, given: map[uint64]bool{}, begun: map[uint64]bool{}}
	m.ex = newExchange(t, &Options{Suspect: time.Hour, Dead: 2 * time.Hour, Limits: Limits{Sessions: 16}}) // a small table is quick to look through
	for i := range m.services {
		m.settle(i)
	}
	for i := range m.callers {
		m.arrive(i)
	}
	return m
}

// settle has a service announced.
func (m *town) settle(i int) {
	s := &provider{process: connect(m.t, m.ex, targets[i]), name: targets[i], pending: map[uint64]frame{}}
	s.announce(&wire.Announce{Name: s.name, Limit: 3, Queue: 1})
	s.bindAll()
	m.services[i] = s
}

// arrive connects a caller.
func (m *town) arrive(i int) {
	c := &caller{process: connect(m.t, m.ex, "caller"+targets[i]), open: map[uint64]uint64{}, oneWay: map[uint64]bool{}}
	c.bindAll()
	m.callers[i] = c
}

func (p *process) bindAll() {
	for i, name := range targets {
		p.bind(uint32(i), name)
	}
}

// make does one move, if it can be done.
func (m *town) make(s move) {
	c, p := m.callers[s.who], m.services[s.who]
	switch s.kind {
	case "call":
		m.call(c, s.at, 0, 10*time.Second)
	case "brief":
		m.call(c, s.at, 0, 50*time.Millisecond)
	case "one-way":
		m.call(c, s.at, wire.FlagOneWay, 10*time.Second)
	case "cancel", "credit":
		c.about(s.kind, s.which)
	case "wait":
		time.Sleep(30 * time.Millisecond)
	case "lose":
		m.look()
		p.link.Close(nil)
		m.settle(s.who)
	case "leave":
		m.look()
		c.link.Close(nil)
		m.arrive(s.who)
	default:
		m.serve(p, s)
	}
	if s.alone {
		m.look()
	}
}

func (m *town) call(c *caller, at uint32, flags uint8, ttl time.Duration) {
	id := wire.CallID(c.slots, 0)
	if n := len(c.free); n > 0 {
		slot, gen := wire.SplitCallID(c.free[n-1])
		id, c.free = wire.CallID(slot, gen+1), c.free[:n-1]
	} else {
		c.slots++
	}
	m.number++
	c.open[id], c.oneWay[m.number] = m.number, flags != 0
	h := wire.Header{Kind: wire.KindRequest, Flags: flags, ID: id, Target: at, TTL: wire.Millis(ttl)}
	head, _ := wire.AppendRequest(nil, "m", nil)
	c.raw(wire.AppendFrame(nil, &h, binary.LittleEndian.AppendUint64(head, m.number)))
}

// about cancels one of a caller's calls, or grants it credit; they may have ended.
func (c *caller) about(what string, which int) {
	id := wire.CallID(uint32(which), 0)
	for open := range c.open {
		if slot, _ := wire.SplitCallID(open); slot == uint32(which) {
			id = open
		}
	}
	if what == "cancel" {
		c.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCancel, ID: id}, nil))
		return
	}
	c.raw(creditFrame(id, 100))
}

// serve has a service do something about a call it was given.
func (m *town) serve(p *provider, s move) {
	m.take(p)
	if len(p.order) == 0 {
		return
	}
	at := s.which % len(p.order)
	d := p.pending[p.order[at]]
	number := d.body[len(d.body)-8:]
	if s.kind == "result" {
		p.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResult, ID: d.ID}, number))
		return
	}
	p.order = append(p.order[:at:at], p.order[at+1:]...)
	delete(p.pending, d.ID)
	switch s.kind {
	case "answer":
		p.answer(d.ID, number)
	case "fail":
		p.raw(wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: d.ID}, wire.Failf(wire.CodeApplication, wire.Yes, "no")))
	case "forward":
		body := append(binary.LittleEndian.AppendUint32(nil, s.at), d.body[4:]...)
		p.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindForward, ID: d.ID, Depth: d.Depth + 1}, body))
	}
}

// look reads what everybody has been sent.
func (m *town) look() {
	synctest.Wait()
	for _, p := range m.services {
		m.take(p)
	}
	for _, c := range m.callers {
		m.hear(c)
	}
}

// take notes the requests a service was given. An id comes again only when it was answered.
func (m *town) take(p *provider) {
	for len(p.frames) > 0 {
		f := p.read()
		if f.Kind != wire.KindDeliver {
			continue
		}
		if _, is := p.pending[f.ID]; is {
			m.t.Fatalf("%s was given call %#x, which it has not answered", p.name, f.ID)
		}
		p.pending[f.ID] = f
		p.order = append(p.order, f.ID)
		m.given[binary.LittleEndian.Uint64(f.body[len(f.body)-8:])] = true
	}
}

// hear checks what a caller was sent.
func (m *town) hear(c *caller) {
	for len(c.frames) > 0 {
		f := c.read()
		number, open := c.open[f.ID]
		switch f.Kind {
		case wire.KindDrain:
			continue
		case wire.KindBye:
			c.bye = true
			continue
		case wire.KindResult:
			if !open || c.oneWay[number] || binary.LittleEndian.Uint64(f.body) != number {
				m.t.Fatalf("a result of %#x, call %d, open %v, that is none of it", f.ID, number, open)
			}
			m.begun[number] = true
			continue
		}
		if !open {
			m.t.Fatalf("%s for call %#x, which is not open", f.Kind, f.ID)
		}
		m.ended(c, f, number)
		delete(c.open, f.ID)
		c.free = append(c.free, f.ID)
	}
}

// ended checks the terminal frame of a call.
func (m *town) ended(c *caller, f frame, number uint64) {
	switch {
	case f.Kind == wire.KindFailure:
		failure := c.failure(f)
		if failure.Delivered == wire.No && m.given[number] {
			m.t.Fatalf("call %d failed with %v, delivered no, and a service was given it", number, failure)
		}
		if failure.Delivered != wire.Yes && m.begun[number] {
			m.t.Fatalf("call %d failed with %v, delivered %v, after a result", number, failure, failure.Delivered)
		}
	case c.oneWay[number]:
		if f.body[0] != nilValue[0] {
			m.t.Fatalf("one-way call %d was answered % x", number, f.body)
		}
	case binary.LittleEndian.Uint64(f.body) != number:
		m.t.Fatalf("call %d got the answer % x, another one's", number, f.body)
	}
}

// rest lets all deadlines pass and has everything answered: nothing may be left.
func (m *town) rest() {
	time.Sleep(11 * time.Second)
	for range 4 { // a told call may hold the place of one that is forwarded
		m.look()
		for _, p := range m.services {
			for len(p.order) > 0 {
				m.serve(p, move{kind: "answer"})
			}
		}
	}
	m.look()
	for i, c := range m.callers {
		if len(c.open) > 0 {
			m.t.Errorf("caller %d was told nothing of %v", i, c.open)
		}
	}
	if n := m.ex.openCalls(); n != 0 {
		m.t.Errorf("%d calls are open in the exchange", n)
	}
	m.unblamed()
}

// drain shuts the exchange down in whatever state it is: what has no outcome then was given
// to nobody.
func (m *town) drain() {
	ctx, cancel := context.WithTimeout(m.t.Context(), 20*time.Millisecond)
	defer cancel()
	m.ex.Shutdown(ctx)
	m.look()
	for i, c := range m.callers {
		if !c.bye {
			m.t.Errorf("caller %d was told no goodbye", i)
		}
		for _, number := range c.open {
			if m.given[number] {
				m.t.Errorf("caller %d was told nothing of call %d, which a service was given", i, number)
			}
		}
	}
	m.unblamed()
}

func (m *town) unblamed() {
	if v, s := m.ex.counts.violations.Load(), m.ex.counts.slow.Load(); v+s > 0 {
		m.t.Errorf("%d sessions were closed for violations and %d as slow, want none", v, s)
	}
}
