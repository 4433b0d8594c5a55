package exchange

import (
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/wire"
)

// state is where the call in a slot stands. Its transitions are the table "The call table"
// in PROTOCOL.md.
type state uint32

const (
	free state = 0 // no call
	open state = 1 // delivered, nobody has told the caller an outcome
	told state = 2 // the caller knows an outcome, the callee has not answered yet
)

// word packs a slot's generation and state so that both are read at once.
func word(generation uint32, s state) uint32 { return generation<<stateBits | uint32(s) }

const (
	stateBits = 2
	stateMask = 1<<stateBits - 1

	// maxGeneration is the largest generation; the next one is 0 again. An id comes back
	// only after its slot was used a billion times.
	maxGeneration = 1<<(32-stateBits) - 1
)

// slot is one call, kept in the session of its callee. It holds no pointer, so that a
// million of them cost the garbage collector nothing. All fields are guarded by the
// session's call mutex; word may be read without it.
type slot struct {
	word       atomic.Uint32 // generation and state
	caller     uint32        // place of the caller's session in the exchange's table
	callerID   uint32        // number of that session, which tells it from its successors
	callerSlot uint32        // id of the call on the caller's link
	callerGen  uint32
	deadline   uint32 // tick at which the call expires
	credit     int32  // bytes of stream results the callee may still send
	next, prev uint32 // in the wheel's bucket, or next in the free list; 0 ends
	instance   uint16 // place of the instance in the callee's session
	beside     bool   // outside the instance's limit: a system method
	streamed   bool   // a stream result was handed on: the handler has certainly run
	oneWay     bool   // the caller was told when it was delivered
	forwarded  bool   // another instance had it before: no failure says no
	blamed     bool   // its failure has been counted: a late one is the same again
	depth      uint8  // of the request as it was delivered
}

// firstCredit is what a callee may send of a stream before the caller grants more.
const firstCredit = wire.FirstCredit

// maxCredit is the most a callee may have been granted and not used.
const maxCredit = 16 << 20

// delivered is whether the call's handler may have run.
func (s *slot) delivered() wire.Delivered {
	if s.streamed {
		return wire.Yes
	}
	return wire.Maybe
}

func (s *slot) generation() uint32 { return s.word.Load() >> stateBits }
func (s *slot) state() state       { return state(s.word.Load() & stateMask) }

// is reports whether the slot holds the open call of that generation. It may be asked
// without the mutex: a generation never comes back while somebody remembers it.
func (s *slot) is(generation uint32, st state) bool { return s.word.Load() == word(generation, st) }

// party is a call as its caller sees it.
type party struct {
	session uint32 // place in the exchange's table
	number  uint32 // of that session
	slot    uint32
	gen     uint32
}

func (s *slot) party() party {
	return party{session: s.caller, number: s.callerID, slot: s.callerSlot, gen: s.callerGen}
}
