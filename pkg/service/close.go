package service

import (
	"errors"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Close ends the Conn at once: open calls end as unreachable, kept requests as aborted, the
// contexts of running handlers are cancelled, what is in the outbox still goes out. It waits
// for the Conn's own goroutines, a second at most, but not for handlers. It may be called
// many times.
func (c *Conn) Close() error {
	c.mu.Lock()
	all := c.instances()
	c.mu.Unlock()
	for _, i := range all {
		c.stage.abandonKept(i)
	}
	c.end()
	return nil
}

// end is Close, but that kept requests are cut off as handlers are, without an answer.
func (c *Conn) end() {
	c.mu.Lock()
	first := !c.closing
	c.closing = true
	current := c.current
	c.mu.Unlock()
	if first {
		c.cancel()
		if current != nil {
			current.close()
		}
	}
	c.wg.Wait()
}

// instances lists what the Conn announces, its own hidden one first. It is called with the
// mutex held.
func (c *Conn) instances() []*instance {
	all := []*instance{c.own}
	for _, i := range c.announced {
		all = append(all, i)
	}
	return all
}

// abort cuts the link, so that nothing is waited for any more.
func (c *Conn) abort() {
	c.mu.Lock()
	c.closing = true
	current := c.current
	c.mu.Unlock()
	c.cancel()
	if current != nil {
		current.link.Abort(ErrClosed)
	}
}

// close ends the link with a goodbye if it has been welcomed.
func (s *session) close() {
	if s.conn.session.Load() != s {
		s.link.Close(ErrClosed)
		return
	}
	s.link.CloseAfter(wire.AppendMessage(nil, 0, 0, &wire.Bye{Reason: wire.ReasonClosed}), ErrClosed)
}

// finish ends the Conn.
func (c *Conn) finish(err error) {
	c.mu.Lock()
	c.closing = true
	if c.opts.Once && !isFinal(err) && !errors.Is(err, ErrClosed) {
		err = c.noLink(err)
	}
	c.err = err
	followers := make([]*follower, 0, len(c.followers))
	for _, w := range c.followers {
		followers = append(followers, w)
	}
	announced := c.instances()
	c.change()
	c.mu.Unlock()
	for _, i := range announced {
		i.ended()
	}
	for _, w := range followers {
		w.end(err)
	}
	for _, sub := range c.subscriptions.all() {
		sub.end(err)
	}
	c.stage.close()
	c.states.set(false, err)
	close(c.done)
}
