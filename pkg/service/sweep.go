package service

import (
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// verdictGrace is how long the exchange's own timeout is waited for after the deadline.
const verdictGrace = 50 * time.Millisecond

// sweepGrain rounds the sweeps, so that many deadlines close to each other make one.
const sweepGrain = 10 * time.Millisecond

// sweeper ends calls for which no verdict has come, all of a Conn's from one goroutine. It
// knows only when to look next, and that lies at the earliest deadline among the open calls
// or before; a steady load of calls with one timeout costs one look in each timeout.
type sweeper struct {
	next atomic.Int64 // when to look, on the Conn's clock; zero while parked
	poke chan struct{}
}

func newSweeper() *sweeper { return &sweeper{poke: make(chan struct{}, 1)} }

// watch makes sure that the sweeper looks when the deadline has passed.
func (w *sweeper) watch(deadline time.Duration) {
	due := int64((deadline + verdictGrace + sweepGrain - 1).Truncate(sweepGrain))
	for {
		next := w.next.Load()
		if next != 0 && next <= due {
			return
		}
		if w.next.CompareAndSwap(next, due) {
			select {
			case w.poke <- struct{}{}:
			default: // it is awake already and will see the new time
			}
			return
		}
	}
}

// keepDeadlines ends when the Conn does.
func (c *Conn) keepDeadlines() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-c.sweep.poke:
		case <-timer.C:
			c.sweepCalls()
		}
		if next := c.sweep.next.Load(); next != 0 {
			timer.Reset(time.Duration(next) - c.now())
		}
	}
}

// sweepCalls ends what is due. The next look is cleared first, so that a call opened
// meanwhile sets it anew.
func (c *Conn) sweepCalls() {
	next := c.sweep.next.Load()
	now := c.now()
	if next == 0 || time.Duration(next) > now || !c.sweep.next.CompareAndSwap(next, 0) {
		return
	}
	s := c.session.Load()
	if s == nil {
		return
	}
	late, earliest := s.calls.expire(now - verdictGrace)
	for _, call := range late {
		call.given = true
		call.finish(wire.Failf(wire.CodeTimeout, wire.Maybe, "the deadline passed, and the exchange has not said more"))
	}
	if earliest != 0 {
		c.sweep.watch(earliest)
	}
}
