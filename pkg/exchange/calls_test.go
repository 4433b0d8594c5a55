package exchange

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// modelCall is a call in the simple model that the call table is checked against.
type modelCall struct {
	id       [2]uint32 // slot, generation
	caller   party
	deadline uint32
	told     bool
	credit   int
}

// callMachine drives a call table and a plain map side by side. Every call that was opened
// must be told exactly once, by whichever event comes first.
type callMachine struct {
	table    calls
	live     map[[2]uint32]*modelCall
	retired  [][2]uint32 // ids that were answered
	outcomes map[uint32]int
	next     uint32
	tick     uint32
}

func (m *callMachine) outcome(t *rapid.T, p party) {
	m.outcomes[p.slot]++
	if n := m.outcomes[p.slot]; n > 1 {
		t.Fatalf("caller of call %d was told %d outcomes, want 1", p.slot, n)
	}
}

func (m *callMachine) pick(t *rapid.T) *modelCall {
	if len(m.live) == 0 {
		t.Skip("no call is live")
	}
	ids := make([][2]uint32, 0, len(m.live))
	for id := range m.live {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b [2]uint32) int { return slices.Compare(a[:], b[:]) })
	return m.live[rapid.SampledFrom(ids).Draw(t, "call")]
}

func (m *callMachine) Open(t *rapid.T) {
	m.next++
	c := &modelCall{caller: party{session: 1, number: 2, slot: m.next, gen: 7}, credit: firstCredit}
	c.deadline = m.tick + rapid.Uint32Range(0, 3*buckets).Draw(t, "deadline")
	n, s, ok := m.table.open(c.caller, 3, false, c.deadline)
	c.deadline = max(c.deadline, m.tick+1) // never in the tick under way
	if ok == m.table.closed {
		t.Fatalf("open = %v on a table whose closed is %v", ok, m.table.closed)
	}
	if !ok {
		return
	}
	c.id = [2]uint32{n, s.generation()}
	if m.live[c.id] != nil {
		t.Fatalf("id %v was given away twice", c.id)
	}
	m.live[c.id] = c
}

func (m *callMachine) Answer(t *rapid.T) {
	c := m.pick(t)
	s, v := m.table.answer(c.id[0], c.id[1])
	want := done
	if c.told {
		want = late
	}
	if v != want || s.party() != c.caller {
		t.Fatalf("answer to %v = %v for %v, want %v for %v", c.id, v, s.party(), want, c.caller)
	}
	if v == done {
		m.outcome(t, c.caller)
	}
	delete(m.live, c.id)
	m.retired = append(m.retired, c.id)
}

func (m *callMachine) AnswerAgain(t *rapid.T) {
	if len(m.retired) == 0 {
		t.Skip("nothing was answered")
	}
	id := rapid.SampledFrom(m.retired).Draw(t, "id")
	if _, v := m.table.answer(id[0], id[1]); v != foreign {
		t.Fatalf("a second answer to %v = %v, want foreign", id, v)
	}
}

func (m *callMachine) Cancel(t *rapid.T) {
	c := m.pick(t)
	s, v := m.table.tell(c.id[0], c.id[1])
	if c.told {
		if v != missed {
			t.Fatalf("cancel of a told call = %v, want missed", v)
		}
		return
	}
	if v != done || s.party() != c.caller {
		t.Fatalf("cancel of %v = %v, want done", c.id, v)
	}
	c.told = true
	m.outcome(t, c.caller)
}

func (m *callMachine) CancelRetired(t *rapid.T) {
	if len(m.retired) == 0 {
		t.Skip("nothing was answered")
	}
	id := rapid.SampledFrom(m.retired).Draw(t, "id")
	if _, v := m.table.tell(id[0], id[1]); v != missed {
		t.Fatalf("cancel of an answered call = %v, want missed", v)
	}
}

func (m *callMachine) Result(t *rapid.T) {
	c := m.pick(t)
	size := rapid.IntRange(0, firstCredit).Draw(t, "size")
	want := done
	switch {
	case c.told:
		want = missed
	case size > c.credit:
		want = overdrawn
	default:
		c.credit -= size
	}
	if _, v := m.table.result(c.id[0], c.id[1], size); v != want {
		t.Fatalf("result of %d bytes on a credit of %d = %v, want %v", size, c.credit, v, want)
	}
}

func (m *callMachine) Grant(t *rapid.T) {
	c := m.pick(t)
	size := rapid.Uint32Range(0, 1<<32-1).Draw(t, "size")
	want := 0
	if !c.told {
		want = int(min(int64(size), maxCredit-int64(c.credit)))
		c.credit += want
	}
	if got := m.table.grant(c.id[0], c.id[1], size); int(got) != want {
		t.Fatalf("grant = %v, want %v", got, want)
	}
}

func (m *callMachine) Expire(t *rapid.T) {
	m.tick += rapid.Uint32Range(0, 2*buckets).Draw(t, "ticks")
	limit := rapid.IntRange(1, 4).Draw(t, "limit")
	for finished := false; !finished; {
		n := 0
		finished = m.table.expire(m.tick, limit, func(n0 uint32, s *slot) {
			n++
			m.expired(t, n0, s)
		})
		if n > limit {
			t.Fatalf("one run expired %d calls, want at most %d", n, limit)
		}
	}
	for id, c := range m.live {
		if !c.told && !before(m.tick, c.deadline) {
			t.Fatalf("call %v with deadline %d is open at tick %d", id, c.deadline, m.tick)
		}
	}
}

func (m *callMachine) expired(t *rapid.T, n uint32, s *slot) {
	c := m.live[[2]uint32{n, s.generation()}]
	switch {
	case c == nil:
		t.Fatalf("slot %d expired without a call", n)
	case c.told:
		t.Fatalf("call %v expired after it was told", c.id)
	case before(m.tick, c.deadline):
		t.Fatalf("call %v with deadline %d expired at tick %d", c.id, c.deadline, m.tick)
	}
	c.told = true
	m.outcome(t, c.caller)
}

// Drop ends the session: every open call is told, and nothing opens any more.
func (m *callMachine) Drop(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "whether") > 0 {
		t.Skip("sessions live longer than that")
	}
	m.table.close()
	for from, more := uint32(0), true; more; {
		from, more = m.table.drop(from, 5, func(s *slot) { m.outcome(t, s.party()) })
	}
	for id := range m.live {
		m.retired = append(m.retired, id)
	}
	clear(m.live)
}

func (m *callMachine) Check(t *rapid.T) {
	if n := int(m.table.taken.Load()); n != len(m.live) {
		t.Fatalf("%d slots are taken, want %d", n, len(m.live))
	}
	for id, c := range m.live {
		want := open
		if c.told {
			want = told
		}
		if s := m.table.at(id[0]); !s.is(id[1], want) {
			t.Fatalf("slot %v has state %d of generation %d, want state %d", id, s.state(), s.generation(), want)
		}
	}
}

func TestCallTable_OneOutcomePerCall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &callMachine{live: map[[2]uint32]*modelCall{}, outcomes: map[uint32]int{}, tick: 100}
		m.table.wheel.at = m.tick
		t.Repeat(rapid.StateMachineActions(m))
	})
}

func TestCallTable_GenerationWrapsToZero(t *testing.T) {
	var c calls
	n, s, _ := c.open(party{}, 0, false, 10)
	s.word.Store(word(maxGeneration, open))
	if _, v := c.answer(n, maxGeneration); v != done {
		t.Fatalf("answer = %v, want done", v)
	}
	if s.generation() != 0 || s.state() != free {
		t.Errorf("slot has generation %d and state %d, want 0 and free", s.generation(), s.state())
	}
}

func TestWheel_TickCounterMayWrap(t *testing.T) {
	var c calls
	c.wheel.at = 1<<32 - 5
	c.open(party{slot: 1}, 0, false, 1<<32-2)
	c.open(party{slot: 2}, 0, false, 3) // behind the wrap
	var got []uint32
	take := func(_ uint32, s *slot) { got = append(got, s.callerSlot) }
	c.expire(1<<32-1, 10, take)
	if !slices.Equal(got, []uint32{1}) {
		t.Errorf("expired %v before the wrap, want [1]", got)
	}
	c.expire(4, 10, take)
	if !slices.Equal(got, []uint32{1, 2}) {
		t.Errorf("expired %v after the wrap, want [1 2]", got)
	}
}
