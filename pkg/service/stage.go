package service

import (
	"sync"
)

// stage is where a Conn's handlers run: warm goroutines that take requests in order of
// arrival. The reader adds a batch of requests and wakes one worker; a worker that takes a
// request and sees more waiting wakes the next one before it runs the handler. So a handler
// that blocks holds up nobody, quick ones share few goroutines, and at most one wake is
// under way.
type stage struct {
	crew *crew

	mu      sync.Mutex
	ready   requestList // may start; each has its place in its instance's limit
	running int         // requests that workers have
	waking  bool        // a worker has been woken and has not come yet
	workers []*worker   // idle, the last one parked first to be woken
	closed  bool
}

// maxIdle is how many idle workers are kept warm. Others end when they find nothing to do.
const maxIdle = 64

// admit takes new requests in and returns those that are over their instance's bounds.
func (t *stage) admit(batch []*request) (refused []*request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range batch {
		if !t.enter(r) {
			refused = append(refused, r)
		}
	}
	t.summon()
	return refused
}

// enter gives a request its place, or one in the queue. It reports false when both are full.
func (t *stage) enter(r *request) bool {
	l := &r.place.lane
	switch {
	case l.running < l.limit:
		l.running++
		t.makeReady(r)
	case l.waiting.len < l.queue && l.bytes+r.size() <= l.queueBytes:
		r.state = requestWaiting
		l.waiting.push(r)
		l.bytes += r.size()
	default:
		r.state = requestOver
		return false
	}
	return true
}

func (t *stage) makeReady(r *request) {
	r.state = requestReady
	t.ready.push(r)
}

// summon sees to it that somebody comes for the requests that are ready. It is called with
// the mutex held; neither step blocks.
func (t *stage) summon() {
	if t.waking || t.ready.len == 0 {
		return
	}
	t.waking = true
	if n := len(t.workers); n > 0 {
		w := t.workers[n-1]
		t.workers = t.workers[:n-1]
		w.wake <- struct{}{} // room for one, and it is woken once
		return
	}
	w := &worker{stage: t, wake: make(chan struct{}, 1)}
	t.crew.Go(w.work) // ends when there is nothing to do and enough others are idle, or by close
}

// take gives a worker its next request, or parks it until there is one. woken tells that a
// summons brought it here. It returns nil when the worker is to end.
func (t *stage) take(w *worker, woken bool) *request {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		if woken {
			t.waking = false
		}
		if r := t.pick(); r != nil {
			return r
		}
		if t.closed || len(t.workers) >= maxIdle {
			return nil
		}
		t.workers = append(t.workers, w)
		t.mu.Unlock()
		<-w.wake
		t.mu.Lock()
		woken = true
	}
}

// pick takes the oldest ready request and has somebody come for the others.
func (t *stage) pick() *request {
	r := t.ready.pop()
	if r != nil {
		r.state = requestRunning
		t.running++
		t.summon()
	}
	return r
}

// finish gives up the place of an answered request. A worker that owes the link a flush has
// somebody else come for what is ready, since it is about to yield; otherwise it gets the
// next request, if there is one. alone tells that no other request is ready or running.
func (t *stage) finish(r *request, owes bool) (next *request, alone bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	t.leave(r)
	if owes {
		t.summon()
		return nil, t.running == 0 && t.ready.len == 0
	}
	return t.pick(), false
}

// pull takes a request that has not started out of its list. It reports false when the
// handler has it already, or it is over.
func (t *stage) pull(r *request) bool {
	l := &r.place.lane
	switch r.state {
	case requestWaiting:
		l.waiting.remove(r)
		l.bytes -= r.size()
		r.state = requestOver
		return true
	case requestReady:
		t.ready.remove(r)
		t.leave(r)
		t.summon()
		return true
	default:
		return false
	}
}

// cancel ends the context of a request's handler, or reports true when the handler has not
// started and never will, so that the caller has to answer.
func (t *stage) cancel(r *request, id uint64, cause error) bool {
	t.mu.Lock()
	if r.id != id {
		t.mu.Unlock()
		return false
	}
	if t.pull(r) {
		t.mu.Unlock()
		return true
	}
	var h *handlerContext
	if r.begun() {
		h = r.cut(cause)
	}
	t.mu.Unlock()
	if h != nil {
		h.end(cause)
	}
	return false
}

// drop ends what a session has brought when its link is gone: waiting requests leave their
// lists, the contexts of running handlers end. It returns how many never started.
func (t *stage) drop(all []*request, cause error) (waiting int) {
	var running []*handlerContext
	t.mu.Lock()
	for _, r := range all {
		if t.pull(r) {
			waiting++
		} else if r.begun() {
			if h := r.cut(cause); h != nil {
				running = append(running, h)
			}
		}
	}
	t.mu.Unlock()
	for _, h := range running {
		h.end(cause)
	}
	return waiting
}

// expel takes out all requests of an instance that have not started. The caller answers them.
func (t *stage) expel(i *instance) []*request {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*request
	for r := i.lane.waiting.head; r != nil; r = i.lane.waiting.head {
		t.pull(r)
		out = append(out, r)
	}
	for r := t.ready.head; r != nil; {
		next := r.next
		if r.place == i {
			t.pull(r)
			out = append(out, r)
		}
		r = next
	}
	return out
}

// close ends the idle workers, and the others as they become idle.
func (t *stage) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, w := range t.workers {
		close(w.wake)
	}
	t.workers = nil
}
