package exchange

import (
	"math/rand/v2"
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/wire"
)

// target is what a handle stands for: a list of instances that is replaced whole when it
// changes, so that readers follow it without a lock.
type target struct {
	list   atomic.Pointer[[]*instance]
	turn   atomic.Uint32 // breaks ties round-robin, over all callers
	absent answer        // to a call when nobody is announced
}

// newTarget makes the target of a key. It reaches nobody yet.
func newTarget(k key) *target {
	text := k.name
	if k.number != 0 {
		text = wire.Address{Name: k.name, Number: k.number}.String()
	}
	if k.foreign {
		text = "of an earlier exchange"
	}
	t := &target{absent: newAnswer(noService(text, k))}
	t.list.Store(new([]*instance))
	return t
}

// exactUpTo is the number of instances among which the least loaded is found exactly.
// Among more, the better of two random ones is taken.
const exactUpTo = 8

// pick proposes an instance of a list that is not empty. The proposal is checked under the
// lock of its session; others may have been faster.
func (t *target) pick(list []*instance) int {
	switch n := len(list); {
	case n == 1:
		return 0
	case n <= exactUpTo:
		return least(list, int(t.turn.Add(1)%uint32(n)))
	default:
		a, b := rand.IntN(n), rand.IntN(n)
		if list[b].load() < list[a].load() {
			return b
		}
		return a
	}
}

// least is the place of the instance with the fewest calls in flight, the first of equals
// from place start on.
func least(list []*instance, start int) int {
	best, load := start, list[start].load()
	for i := 1; i < len(list); i++ {
		at := start + i
		if at >= len(list) {
			at -= len(list)
		}
		if l := list[at].load(); l < load {
			best, load = at, l
		}
	}
	return best
}
