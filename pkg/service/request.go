package service

import (
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// request is one delivered request from its frame to its answer. Requests are pooled by the
// session, whose reader alone makes them; contexts of handlers are not part of them.
type request struct {
	session *session
	place   *instance // whose request it is
	method  *method
	cell    *atomic.Pointer[request] // where Cancel finds it, until it is answered
	id      uint64
	number  uint32 // of the instance in this session
	caller  uint32
	depth   uint8
	oneWay  bool // nobody waits for the answer
	stream  bool // the answer is a stream

	deadline time.Time
	args     []byte
	headers  []byte

	// guarded by the stage's mutex
	state      requestState
	prev, next *request // in the list it waits in

	cause   atomic.Pointer[error]          // why the context is to end
	context atomic.Pointer[handlerContext] // nil when the func takes none
}

// requestCell holds a request while it is not answered.
type requestCell = atomic.Pointer[request]

// requestState is how far a request has come.
type requestState uint8

const (
	requestNew     requestState = iota // not handed to the stage yet
	requestWaiting                     // in its instance's queue
	requestReady                       // has a place among the running ones, and waits for a worker
	requestRunning                     // a worker has it
	requestKept                        // its handler has returned, its answer comes later
	requestOver                        // answered, or to be dropped
)

// address is that of the instance that was called.
func (r *request) address() Address {
	return Address{Origin: r.session.origin, Name: r.place.service.name, Number: r.number}
}

// begun reports whether the handler has started and the request has no outcome.
func (r *request) begun() bool { return r.state == requestRunning || r.state == requestKept }

// size is what a waiting request counts towards the bound of bytes.
func (r *request) size() int { return len(r.args) + len(r.headers) }

// newContext makes the context of the handler. A Cancel that came before is not missed:
// whichever of the two steps here and the two in cut comes later sees the other.
func (r *request) newContext() *handlerContext {
	h := &handlerContext{
		deadline: r.deadline, session: r.session, place: r.place, number: r.number, method: r.method.name,
		caller: r.caller, depth: r.depth, request: r,
	}
	if len(r.headers) > 0 {
		h.headers = append([]byte(nil), r.headers...)
	}
	if r.method.mayStream() && !r.oneWay {
		h.flow = newFlow(r)
	}
	if r.oneWay { // the exchange has nothing to do with it any more
		h.expireAt(r.deadline)
	}
	r.context.Store(h)
	if cause := r.cause.Load(); cause != nil {
		h.end(*cause)
	}
	return h
}

// cut asks for the end of a running handler's context. It is called with the stage's mutex
// held and returns the context to end, if there is one already.
func (r *request) cut(cause error) *handlerContext {
	r.cause.Store(&cause)
	return r.context.Load()
}

// requestList is a list of waiting requests, in order of arrival, from which any can leave.
type requestList struct {
	head, tail *request
	len        int
}

func (l *requestList) push(r *request) {
	r.prev, r.next = l.tail, nil
	if l.tail == nil {
		l.head = r
	} else {
		l.tail.next = r
	}
	l.tail = r
	l.len++
}

// pop takes the oldest, nil when there is none.
func (l *requestList) pop() *request {
	r := l.head
	if r != nil {
		l.remove(r)
	}
	return r
}

func (l *requestList) remove(r *request) {
	if r.prev == nil {
		l.head = r.next
	} else {
		r.prev.next = r.next
	}
	if r.next == nil {
		l.tail = r.prev
	} else {
		r.next.prev = r.prev
	}
	r.prev, r.next = nil, nil
	l.len--
}

// deliveredSlots are the requests of one session that are not answered, by the slot of
// their id. The reader alone looks here; a request's cell is cleared by whoever answers it.
type deliveredSlots struct {
	chunks []*[chunkSlots]requestCell
}

// maxDelivered bounds the slots an exchange may use.
const maxDelivered = 1 << 22

// cell is the place of a slot, nil when the slot is over the bound.
func (d *deliveredSlots) cell(slot uint32) *requestCell {
	if slot >= maxDelivered {
		return nil
	}
	n := int(slot / chunkSlots)
	for len(d.chunks) <= n {
		d.chunks = append(d.chunks, nil)
	}
	if d.chunks[n] == nil {
		d.chunks[n] = new([chunkSlots]requestCell)
	}
	return &d.chunks[n][slot%chunkSlots]
}

// find is the unanswered request of an id, nil when it has been answered.
func (d *deliveredSlots) find(id uint64) *request {
	slot, _ := wire.SplitCallID(id)
	n := int(slot / chunkSlots)
	if n >= len(d.chunks) || d.chunks[n] == nil {
		return nil
	}
	if r := d.chunks[n][slot%chunkSlots].Load(); r != nil && r.id == id {
		return r
	}
	return nil
}

// each visits the unanswered requests.
func (d *deliveredSlots) each(f func(*request)) {
	for _, chunk := range d.chunks {
		if chunk == nil {
			continue
		}
		for i := range chunk {
			if r := chunk[i].Load(); r != nil {
				f(r)
			}
		}
	}
}
