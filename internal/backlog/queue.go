// Package backlog holds reports for a subscriber who is slower than his publishers: a queue with a
// bound, and a law for what is lost when it is full. Nothing is lost silently: each item comes out
// with the exact count of those that were lost right before it. Both ends of a subscription use it,
// the exchange for what waits to be sent and the process's library for what waits to be read.
//
// A Queue has no lock, goroutine or clock of its own.
package backlog

import "github.com/netsvc/netsvc/pkg/wire"

// Key is what makes two reports versions of the same value.
type Key struct {
	Publisher uint32
	Subject   string
}

// Queue is a bounded queue of items. Make one with New.
type Queue[T any] struct {
	policy   wire.Policy
	maxItems int
	maxBytes int

	nodes      []node[T]
	spare      int32 // first of the free nodes, linked by next
	head, tail int32
	items      int
	bytes      int
	lost       uint64 // behind the last item
	newest     map[Key]int32
}

type node[T any] struct {
	item       T
	key        Key
	size       int
	lost       uint64 // right before the item
	prev, next int32
}

const none = -1

// New makes a queue for at most maxItems items of maxBytes bytes together. One item always fits.
func New[T any](policy wire.Policy, maxItems, maxBytes int) *Queue[T] {
	return &Queue[T]{policy: policy, maxItems: maxItems, maxBytes: maxBytes, spare: none, head: none, tail: none}
}

// Len is the number of items.
func (q *Queue[T]) Len() int { return q.items }

// Bytes is the size of all items together.
func (q *Queue[T]) Bytes() int { return q.bytes }

// IsEmpty reports whether Pop has nothing to give, neither an item nor a count.
func (q *Queue[T]) IsEmpty() bool { return q.items == 0 && q.lost == 0 }

// Push adds an item of so many bytes and returns how many items were lost for it. It reports
// false, and the queue is as it was, when the item does not fit and the policy lets none be lost.
func (q *Queue[T]) Push(key Key, size int, item T) (lost int, ok bool) {
	if q.policy == wire.PolicyDisconnect && !q.fits(size) {
		return 0, false
	}
	if q.policy == wire.PolicyLatest {
		if old, has := q.newest[key]; has {
			q.drop(old)
			lost++
		}
	}
	for q.items > 0 && !q.fits(size) {
		q.drop(q.head)
		lost++
	}
	q.append(key, size, item)
	return lost, true
}

// Lose notes that n items, or wire.UnknownGap, are missing behind those there are.
func (q *Queue[T]) Lose(n uint64) { q.lost = sum(q.lost, n) }

// Pop takes the oldest item. lost counts the items that are missing right before it. When only
// a count is left, has is false and the count comes alone; both are zero when the queue is empty.
func (q *Queue[T]) Pop() (lost uint64, item T, has bool) {
	if q.items == 0 {
		lost, q.lost = q.lost, 0
		return lost, item, false
	}
	n := &q.nodes[q.head]
	lost, item = n.lost, n.item
	q.remove(q.head)
	return lost, item, true
}

// Peek returns what Pop would, and takes nothing.
func (q *Queue[T]) Peek() (lost uint64, item T, has bool) {
	if q.items == 0 {
		return q.lost, item, false
	}
	n := &q.nodes[q.head]
	return n.lost, n.item, true
}

// TakeLost takes the count that Pop would return, and leaves the item.
func (q *Queue[T]) TakeLost() (lost uint64) {
	at := &q.lost
	if q.items > 0 {
		at = &q.nodes[q.head].lost
	}
	lost, *at = *at, 0
	return lost
}

// DropOldest loses the oldest item. It reports false when there is none.
func (q *Queue[T]) DropOldest() bool {
	if q.items == 0 {
		return false
	}
	q.drop(q.head)
	return true
}

func (q *Queue[T]) fits(size int) bool {
	return q.items == 0 || q.items < q.maxItems && q.bytes+size <= q.maxBytes
}

// drop loses an item: whatever comes behind it tells.
func (q *Queue[T]) drop(i int32) {
	n := &q.nodes[i]
	gone := sum(n.lost, 1)
	if n.next == none {
		q.lost = sum(q.lost, gone)
	} else {
		next := &q.nodes[n.next]
		next.lost = sum(next.lost, gone)
	}
	q.remove(i)
}

func (q *Queue[T]) append(key Key, size int, item T) {
	i := q.take()
	q.nodes[i] = node[T]{item: item, key: key, size: size, lost: q.lost, prev: q.tail, next: none}
	q.lost = 0
	if q.tail == none {
		q.head = i
	} else {
		q.nodes[q.tail].next = i
	}
	q.tail = i
	q.items++
	q.bytes += size
	if q.policy == wire.PolicyLatest {
		if q.newest == nil {
			q.newest = map[Key]int32{}
		}
		q.newest[key] = i
	}
}

// take finds room for one node.
func (q *Queue[T]) take() int32 {
	if i := q.spare; i != none {
		q.spare = q.nodes[i].next
		return i
	}
	q.nodes = append(q.nodes, node[T]{})
	return int32(len(q.nodes) - 1)
}

// remove unlinks a node and frees it.
func (q *Queue[T]) remove(i int32) {
	n := &q.nodes[i]
	if n.prev == none {
		q.head = n.next
	} else {
		q.nodes[n.prev].next = n.next
	}
	if n.next == none {
		q.tail = n.prev
	} else {
		q.nodes[n.next].prev = n.prev
	}
	q.items--
	q.bytes -= n.size
	if q.policy == wire.PolicyLatest && q.newest[n.key] == i {
		delete(q.newest, n.key)
	}
	*n = node[T]{next: q.spare}
	q.spare = i
	if q.items == 0 && len(q.nodes) > keptNodes {
		q.nodes, q.spare = nil, none
		q.newest = nil
	}
}

// keptNodes is how many nodes an empty queue keeps for the next time.
const keptNodes = 64

// sum adds counts; with an unknown one it is unknown.
func sum(a, b uint64) uint64 {
	if a > wire.UnknownGap-b {
		return wire.UnknownGap
	}
	return a + b
}
