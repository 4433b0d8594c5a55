package exchange

import (
	"sync"
	"time"
)

// sweepPause is how often retained values that have expired are thrown away. Nobody is sent
// one meanwhile.
const sweepPause = time.Second

// sweep is the one goroutine that throws away what has expired. It sleeps for good while
// nothing will.
type sweep struct {
	alarm chan struct{} // room for one: more alarms say nothing new

	mu        sync.Mutex
	instances map[*instance]struct{} // those with values that expire
}

// add has an instance looked at until nothing of it expires any more.
func (w *sweep) add(i *instance) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.instances[i]; ok {
		return
	}
	w.instances[i] = struct{}{}
	select {
	case w.alarm <- struct{}{}:
	default:
	}
}

// all lists the instances.
func (w *sweep) all() []*instance {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]*instance, 0, len(w.instances))
	for i := range w.instances {
		all = append(all, i)
	}
	return all
}

// remove forgets an instance of which nothing expires, unless that has changed.
func (w *sweep) remove(i *instance) {
	i.outlet.mu.Lock()
	defer i.outlet.mu.Unlock()
	if i.outlet.soonest != 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.instances, i)
}

// sweepRetained runs the sweep until the exchange is closed.
func (e *Exchange) sweepRetained() {
	for {
		select {
		case <-e.stop:
			return
		case <-e.sweep.alarm:
		}
		for len(e.sweep.all()) > 0 {
			if !e.rest(sweepPause) {
				return
			}
			e.sweepOnce(e.now())
		}
	}
}

func (e *Exchange) sweepOnce(now time.Duration) {
	for _, i := range e.sweep.all() {
		if i.outlet.expire(i.session, now) == 0 {
			e.sweep.remove(i)
		}
	}
}
