package service

import (
	"context"
	"maps"
	"slices"

	"github.com/netsvc/netsvc/pkg/wire"
)

// enter makes a session that has been welcomed the Conn's, and puts everything back that
// was announced and watched. It runs on the reader's goroutine.
func (c *Conn) enter(s *session) {
	c.mu.Lock()
	if c.closing {
		c.mu.Unlock()
		s.link.Close(ErrClosed)
		return
	}
	c.origin, c.trouble = s.origin, nil
	s.instances.set(wire.OwnInstance, c.own)
	c.own.placed.Store(&placement{s, s.number})
	c.session.Store(s)
	for _, w := range c.followers {
		w.begin(s)
	}
	for _, sub := range c.subscriptions.all() {
		sub.begin(s)
	}
	for _, handle := range slices.Sorted(maps.Keys(c.announced)) {
		s.announcing.push(c.announced[handle])
	}
	c.change()
	c.mu.Unlock()
	s.announceMore()
	s.link.FlushNow()
	c.log.Info("connected", "exchange", c.addr, "session", s.number)
	c.states.set(true, nil)
}

// leave takes everything back that hung on a session whose link has ended. It runs on the
// reader's goroutine.
func (c *Conn) leave(s *session, reason error) {
	c.mu.Lock()
	closing := c.closing
	c.session.CompareAndSwap(s, nil)
	c.trouble = reason
	c.own.displaced(s)
	for _, i := range c.announced {
		i.displaced(s)
	}
	for _, w := range c.followers {
		w.lost(s)
	}
	for _, sub := range c.subscriptions.all() {
		sub.lostLink(s)
	}
	c.change()
	c.mu.Unlock()
	for _, call := range s.calls.close() {
		call.finish(s.unanswered(reason))
	}
	s.closeControls(linkBroke(reason))
	c.states.set(false, reason)
	if !closing {
		c.counts.lost.Add(1)
		c.log.Warn("the link to the exchange broke", "exchange", c.addr, "err", reason)
	}
	var open []*request
	s.delivered.each(func(r *request) { open = append(open, r) })
	waiting := c.stage.drop(open, context.Canceled)
	c.counts.dropped.Add(uint64(waiting))
}

// unanswered is the failure of a call that is open at the link's end. An exchange that has
// drained says goodbye behind the outcomes of all calls it has taken, so it left the others
// unread.
func (s *session) unanswered(reason error) *wire.Failure {
	if s.drained {
		return wire.Failf(wire.CodeDraining, wire.No, "the exchange shut down before it took the call")
	}
	return linkBroke(reason)
}

func linkBroke(reason error) *wire.Failure {
	return wire.Failf(wire.CodeUnreachable, wire.Maybe, "the link to the exchange broke: %v", reason)
}

// change wakes those who wait for the link to come or go. It is called with the mutex held.
func (c *Conn) change() {
	close(c.changed)
	c.changed = make(chan struct{})
}
