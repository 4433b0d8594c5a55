package exchange

import "sync/atomic"

// chunkSlots is how many slots are added at a time. Chunks never move, so a pointer to a
// slot stays good while the session lives, and growing copies no slot.
const chunkSlots = 128

// maxSlots bounds the slots of one session, whatever limits its instances announce.
const maxSlots = 1 << 22

// calls is the call table of one callee: its slots, the free ones in a list, the open and
// told ones in a timer wheel. It has no lock, clock or I/O of its own; the session's call
// mutex guards it.
type calls struct {
	chunks []*[chunkSlots]slot
	spare  uint32       // first free slot + 1, 0 when none
	taken  atomic.Int32 // slots that are not free; may be read without the mutex
	closed bool         // the session has ended; nothing opens any more
	wheel  wheel
}

// verdict is what became of an event on a slot.
type verdict uint8

const (
	done      verdict = iota // the slot moved: the caller is to be told
	late                     // an answer to a told call: counted, the slot is free now
	missed                   // nothing to do: somebody else was first
	foreign                  // an answer to a call that was never delivered: a violation
	overdrawn                // a stream result beyond the credit: the call is to be ended
)

// at returns a slot by its number, nil when there is none.
func (c *calls) at(n uint32) *slot {
	i := n / chunkSlots
	if int(i) >= len(c.chunks) {
		return nil
	}
	return &c.chunks[i][n%chunkSlots]
}

// open takes a free slot for a call and returns its number, or false when the session has
// ended or all slots are taken.
func (c *calls) open(p party, instance uint16, beside bool, deadline uint32) (uint32, *slot, bool) {
	if c.closed || (c.spare == 0 && !c.grow()) {
		return 0, nil, false
	}
	n := c.spare - 1
	s := c.at(n)
	c.spare = s.next
	s.caller, s.callerID, s.callerSlot, s.callerGen = p.session, p.number, p.slot, p.gen
	s.instance, s.beside, s.deadline = instance, beside, deadline
	s.credit, s.streamed, s.oneWay, s.forwarded, s.blamed = firstCredit, false, false, false, false
	s.next, s.prev = 0, 0
	s.word.Store(word(s.generation(), open))
	c.taken.Add(1)
	c.wheel.add(c, n, s)
	return n, s, true
}

// grow adds a chunk of free slots.
func (c *calls) grow() bool {
	base := uint32(len(c.chunks) * chunkSlots)
	if base >= maxSlots {
		return false
	}
	chunk := new([chunkSlots]slot)
	c.chunks = append(c.chunks, chunk)
	for i := chunkSlots - 1; i >= 0; i-- {
		chunk[i].next = c.spare
		c.spare = base + uint32(i) + 1
	}
	return true
}

// release frees a slot; its next call has another generation.
func (c *calls) release(n uint32, s *slot) {
	if s.state() == open {
		c.wheel.remove(c, s)
	}
	g := s.generation() + 1
	if g > maxGeneration {
		g = 0
	}
	s.word.Store(word(g, free))
	s.next, s.prev = c.spare, 0
	c.spare = n + 1
	c.taken.Add(-1)
}

// answer is the callee's answer to the call of that id. The slot is returned while its
// fields still tell whose call it was; it is free already.
func (c *calls) answer(n, generation uint32) (*slot, verdict) {
	s := c.at(n)
	if s == nil || s.generation() != generation {
		return nil, foreign
	}
	switch s.state() {
	case open:
		c.release(n, s)
		return s, done
	case told:
		c.release(n, s)
		return s, late
	default:
		return nil, foreign
	}
}

// tell moves the open call of that id to told, because its caller gave up or is gone. The
// slot stays taken until the callee answers.
func (c *calls) tell(n, generation uint32) (*slot, verdict) {
	s := c.at(n)
	if s == nil || !s.is(generation, open) {
		return nil, missed
	}
	c.wheel.remove(c, s)
	s.word.Store(word(generation, told))
	return s, done
}

// result is a stream result of that cost from the callee of that id. The call stays open.
func (c *calls) result(n, generation uint32, cost int) (*slot, verdict) {
	s := c.at(n)
	if s == nil || s.generation() != generation || s.state() == free {
		return nil, foreign
	}
	if s.state() == told {
		return s, missed
	}
	if cost > int(s.credit) {
		return s, overdrawn
	}
	s.credit -= int32(cost)
	s.streamed = true
	return s, done
}

// grant adds to the credit of an open call, up to the most there is. It returns how much it
// added.
func (c *calls) grant(n, generation uint32, size uint32) uint32 {
	s := c.at(n)
	if s == nil || !s.is(generation, open) {
		return 0
	}
	given := min(int64(size), maxCredit-int64(s.credit))
	s.credit += int32(given)
	return uint32(given)
}

// expire moves up to limit calls whose deadline is at or before the tick to told and hands
// each to f. It reports whether all of them were.
func (c *calls) expire(tick uint32, limit int, f func(n uint32, s *slot)) bool {
	return c.wheel.advance(c, tick, limit, func(n uint32, s *slot) {
		s.word.Store(word(s.generation(), told))
		f(n, s)
	})
}

// close refuses new calls. The calls that are there are ended by drop.
func (c *calls) close() { c.closed = true }

// drop frees the slots from number from on, limit of them, and hands the open calls among
// them to f: their callee is gone. It returns the number to go on with, and false when all
// slots are free.
func (c *calls) drop(from uint32, limit int, f func(s *slot)) (uint32, bool) {
	end := uint32(len(c.chunks) * chunkSlots)
	stop := min(from+uint32(limit), end)
	for n := from; n < stop; n++ {
		s := c.at(n)
		switch s.state() {
		case open:
			c.release(n, s)
			f(s)
		case told:
			c.release(n, s)
		case free:
		}
	}
	return stop, stop < end
}
