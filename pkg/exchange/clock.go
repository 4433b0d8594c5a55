package exchange

import (
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// expireRun bounds the calls ended under one hold of a session's call mutex, so that a
// million of them do not stop the others.
const expireRun = 1_024

// idleTicks is how many ticks without a single open call make the clock stop until the
// next one.
const idleTicks = 100

// deadlines is the one goroutine that keeps the time of all open calls. It sleeps for good
// while there are none.
type deadlines struct {
	asleep atomic.Bool
	alarm  chan struct{} // room for one: more alarms say nothing new
}

// wake starts the clock if it has stopped.
func (d *deadlines) wake() {
	if d.asleep.Load() && d.asleep.CompareAndSwap(true, false) {
		select {
		case d.alarm <- struct{}{}:
		default:
		}
	}
}

// keepTime runs the clock until the exchange is closed.
func (e *Exchange) keepTime() {
	ticker := time.NewTicker(tickLength)
	defer ticker.Stop()
	idle := 0
	for {
		select {
		case <-e.stop:
			return
		case <-ticker.C:
		}
		idle++
		if e.expireAll(tickAt(e.now())) {
			idle = 0
		}
		if idle < idleTicks {
			continue
		}
		if !e.sleep(ticker) {
			return
		}
		idle = 0
	}
}

// sleep waits for the next call. It reports false when the exchange was closed.
func (e *Exchange) sleep(ticker *time.Ticker) bool {
	e.clock.asleep.Store(true)
	if e.openCalls() > 0 { // one slipped in before asleep was set
		e.clock.asleep.Store(false)
		return true
	}
	ticker.Stop()
	defer ticker.Reset(tickLength)
	select {
	case <-e.stop:
		return false
	case <-e.clock.alarm:
		return true
	}
}

// expireAll ends the calls whose deadline has passed. It reports whether any call is open.
func (e *Exchange) expireAll(tick uint32) bool {
	busy := false
	for i := range e.table.places {
		s := e.table.places[i].Load()
		if s == nil || s.calls.taken.Load() == 0 {
			continue
		}
		busy = true
		s.expire(tick)
	}
	return busy
}

// expire ends the calls to this session that ran out of time.
func (s *session) expire(tick uint32) {
	var owed flushes
	for finished := false; !finished; {
		s.callMu.Lock()
		finished = s.calls.expire(tick, expireRun, func(n uint32, sl *slot) {
			owed.owe(s.link, s.sendCancel(n, sl.generation(), wire.FlagExpired))
			s.conclude(sl, s.instances[sl.instance], &timeoutAnswer, &owed)
		})
		s.callMu.Unlock()
		owed.write(true)
	}
}
