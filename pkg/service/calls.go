package service

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// calls is the table of the calls a session has open, seen from the caller. A call's slot
// is free, open, or retired: answered here, by cancel or deadline, while the exchange's
// terminal frame is still to come. Whoever moves the slot out of open, by compare and swap
// on a word that holds the generation, too, decides the outcome. So a late frame, a cancel
// and a deadline can never hit another call, and pooled calls need no further care.
type calls struct {
	limit  uint32
	chunks []atomic.Pointer[callChunk]

	mu     sync.Mutex
	closed bool
	next   uint32   // slots from here on were never used
	free   []uint32 // used before, free now
}

// callChunk is a run of slots. Chunks are made as they are needed and never move.
type callChunk [chunkSlots]callSlot

const chunkSlots = 256

type callSlot struct {
	word     atomic.Uint64        // generation and state
	deadline atomic.Int64         // on the Conn's clock
	call     atomic.Pointer[call] // belongs to whoever moves the slot out of open
}

// The states of a slot, the low bits of its word.
const (
	slotFree uint64 = iota
	slotOpen
	slotRetired

	slotStateBits = 2
	slotStateMask = 1<<slotStateBits - 1
)

func slotWord(gen uint32, state uint64) uint64 { return uint64(gen)<<slotStateBits | state }

// maxPending bounds what an exchange may allow, so that the table's directory stays small.
const maxPending = 1 << 20

func newCalls(pending uint32) *calls {
	limit := min(pending, maxPending)
	return &calls{limit: limit, chunks: make([]atomic.Pointer[callChunk], (limit+chunkSlots-1)/chunkSlots)}
}

// slot returns slot n, nil when no call ever had it.
func (t *calls) slot(n uint32) *callSlot {
	if n >= t.limit {
		return nil
	}
	chunk := t.chunks[n/chunkSlots].Load()
	if chunk == nil {
		return nil
	}
	return &chunk[n%chunkSlots]
}

// opened is how an attempt to open a slot ended.
type opened uint8

const (
	openedSlot opened = iota
	openedFull
	openedClosed
)

// open gives a call a slot and with it its id. alone tells that no other call is open.
func (t *calls) open(c *call, deadline time.Duration) (id uint64, alone bool, how opened) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return 0, false, openedClosed
	}
	n, ok := t.vacant()
	if !ok {
		return 0, false, openedFull
	}
	s := t.slot(n)
	gen := uint32(s.word.Load() >> slotStateBits)
	s.call.Store(c)
	s.deadline.Store(int64(deadline))
	s.word.Store(slotWord(gen, slotOpen))
	return wire.CallID(n, gen), int(t.next)-len(t.free) == 1, openedSlot
}

// vacant takes a free slot. It is called with the mutex held.
func (t *calls) vacant() (uint32, bool) {
	if k := len(t.free); k > 0 {
		n := t.free[k-1]
		t.free = t.free[:k-1]
		return n, true
	}
	if t.next == t.limit {
		return 0, false
	}
	n := t.next
	if chunk := &t.chunks[n/chunkSlots]; chunk.Load() == nil {
		chunk.Store(new(callChunk))
	}
	t.next++
	return n, true
}

// end frees the slot of a call whose terminal frame has come. It returns the call, or nil
// when it was answered before; ok is false when no call has that id. The slot is used again
// after recycle only.
func (t *calls) end(id uint64) (c *call, ok bool) {
	n, gen := wire.SplitCallID(id)
	s := t.slot(n)
	if s == nil {
		return nil, false
	}
	free := slotWord(gen+1, slotFree)
	if s.word.CompareAndSwap(slotWord(gen, slotOpen), free) {
		return s.call.Load(), true
	}
	return nil, s.word.CompareAndSwap(slotWord(gen, slotRetired), free)
}

// find is the open call of that id, nil when it was answered before; ok is false when no
// call has that id. The reader alone may ask, for it alone frees slots.
func (t *calls) find(id uint64) (c *call, ok bool) {
	n, gen := wire.SplitCallID(id)
	s := t.slot(n)
	if s == nil {
		return nil, false
	}
	switch s.word.Load() {
	case slotWord(gen, slotOpen):
		return s.call.Load(), true
	case slotWord(gen, slotRetired):
		return nil, true
	}
	return nil, false
}

// recycle makes slots freed by end available.
func (t *calls) recycle(slots []uint32) {
	t.mu.Lock()
	t.free = append(t.free, slots...)
	t.mu.Unlock()
}

// retire takes the outcome of an open call away from the exchange. It reports false when
// the call has been decided already.
func (t *calls) retire(id uint64) bool {
	n, gen := wire.SplitCallID(id)
	return t.slot(n).word.CompareAndSwap(slotWord(gen, slotOpen), slotWord(gen, slotRetired))
}

// abandon frees the slot of a call that was never sent, so that no frame will come for it.
// It reports false when the session's end has decided the call already.
func (t *calls) abandon(id uint64) bool {
	n, gen := wire.SplitCallID(id)
	if !t.slot(n).word.CompareAndSwap(slotWord(gen, slotOpen), slotWord(gen+1, slotFree)) {
		return false
	}
	t.recycle([]uint32{n})
	return true
}

// expire retires the calls whose deadline lies before the given time and returns them, and
// the earliest deadline among the others, zero when there is none.
func (t *calls) expire(before time.Duration) (late []*call, earliest time.Duration) {
	t.each(func(s *callSlot, word uint64) {
		deadline := time.Duration(s.deadline.Load())
		if deadline > before {
			if earliest == 0 || deadline < earliest {
				earliest = deadline
			}
			return
		}
		if c, won := s.take(word); won {
			late = append(late, c)
		}
	})
	return late, earliest
}

// close refuses further calls and returns those that were open.
func (t *calls) close() []*call {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	var open []*call
	t.each(func(s *callSlot, word uint64) {
		if c, won := s.take(word); won {
			open = append(open, c)
		}
	})
	return open
}

// take retires an open slot whose word was read before, and returns its call. The call is
// read first: behind the swap the terminal frame may free the slot for another one.
func (s *callSlot) take(word uint64) (*call, bool) {
	c := s.call.Load()
	return c, s.word.CompareAndSwap(word, word&^slotStateMask|slotRetired)
}

// each visits the slots that are open.
func (t *calls) each(f func(s *callSlot, word uint64)) {
	t.mu.Lock()
	next := t.next
	t.mu.Unlock()
	for n := range next {
		s := t.slot(n)
		if word := s.word.Load(); word&slotStateMask == slotOpen {
			f(s, word)
		}
	}
}

// taken is the number of slots that are not free.
func (t *calls) taken() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return int(t.next) - len(t.free)
}
