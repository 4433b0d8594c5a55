package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Announce makes the service known, now and after each reconnection, and waits for the
// exchange's answer. When the exchange refuses or ctx ends first, the service is not
// announced and the error says why: the refusal, or a Failure with code unreachable,
// timeout or canceled. A service is announced by one Conn at a time.
func (c *Conn) Announce(ctx context.Context, s *Service) error {
	i, err := c.attach(s)
	if err != nil {
		return err
	}
	if err := i.wait(ctx); err != nil {
		c.withdraw(i, wire.ReasonClosed)
		return err
	}
	return nil
}

// attach makes the service one that the Conn announces, and sends Announce if it can.
func (c *Conn) attach(s *Service) (*instance, error) {
	c.mu.Lock()
	if c.closing {
		c.mu.Unlock()
		return nil, ErrClosed
	}
	i, err := s.attach(c, c.nextHandle)
	if err != nil {
		c.mu.Unlock()
		return nil, err
	}
	c.nextHandle++
	c.announced[i.handle] = i
	session := c.session.Load()
	if session != nil {
		session.announcing.push(i)
	}
	c.mu.Unlock()
	if session != nil {
		session.announceMore()
	}
	return i, nil
}

// attach makes the service's instance, if the service is fit for it.
func (s *Service) attach(c *Conn, handle uint32) (*instance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return nil, s.err
	case s.instance != nil:
		return nil, fmt.Errorf("service: %s is announced already", s.name)
	}
	s.instance = newInstance(c, s, handle)
	return s.instance, nil
}

// wait returns when the exchange has answered the first Announce.
func (i *instance) wait(ctx context.Context) error {
	select {
	case <-i.settled:
		return i.refusal
	case <-i.conn.done:
		return i.conn.Err()
	case <-ctx.Done():
		if !i.conn.Connected() {
			return i.conn.unreachable()
		}
		return ended(ctx.Err(), wire.Maybe)
	}
}

// Withdraw ends the announcement, now and for later reconnections, and waits until the
// exchange sends no more calls and those it had sent have ended: their handlers have
// returned, and what they have kept is answered. When ctx ends first its error is returned;
// the service is withdrawn even so, and calls in flight go on, kept ones, too.
func (c *Conn) Withdraw(ctx context.Context, s *Service) error {
	s.mu.Lock()
	i := s.instance
	s.mu.Unlock()
	if i == nil || i.conn != c {
		return fmt.Errorf("service: %s is not announced here", s.name)
	}
	return c.retire(ctx, i, c.withdraw(i, wire.ReasonClosed))
}

// retire waits until a withdrawn instance has no calls.
func (c *Conn) retire(ctx context.Context, i *instance, withdrawn <-chan struct{}) error {
	select {
	case <-withdrawn:
	case <-ctx.Done():
		return ctx.Err()
	}
	return c.stage.quiet(ctx, &i.lane)
}

// withdraw takes the instance out of the Conn and tells the exchange. The channel is closed
// when no further call will come.
func (c *Conn) withdraw(i *instance, reason wire.Reason) <-chan struct{} {
	c.mu.Lock()
	delete(c.announced, i.handle)
	c.mu.Unlock()
	told := i.detach(reason)
	told.flush()
	return i.withdrawn
}

// detach takes the instance from its service and appends Withdraw where the exchange has
// it, once.
func (i *instance) detach(reason wire.Reason) (told *session) {
	svc := i.service
	svc.mu.Lock()
	defer svc.mu.Unlock()
	if svc.instance != i {
		return nil
	}
	svc.instance = nil
	session := i.session
	i.session = nil
	i.stopWork()
	if svc.audience != nil {
		svc.audience.lose(session, ReasonClosed)
	}
	if session == nil {
		close(i.withdrawn)
		return nil
	}
	asked := session.ask(&wire.Withdraw{Handle: i.handle, Reason: reason}, func(controlAnswer) {
		session.admit() // the last requests may have come in this very batch
		session.instances.set(i.handle, nil)
		close(i.withdrawn)
	})
	if asked == 0 {
		close(i.withdrawn)
	}
	return session
}

// Shutdown withdraws all services as drained, waits until the calls they had have ended, by
// the rules of Withdraw, says goodbye and closes. Handlers may make calls until then. When
// ctx ends first, calls that wait in queues get draining (no), the contexts of running
// handlers and of kept requests are cancelled and their callers get lost (maybe), and an
// error that wraps ctx's is returned.
func (c *Conn) Shutdown(ctx context.Context) error {
	c.mu.Lock()
	all := c.instances()
	session := c.session.Load()
	c.mu.Unlock()
	err := c.drain(ctx, all)
	if err != nil && session != nil {
		session.expel(all)
	}
	c.end()
	if err != nil {
		return fmt.Errorf("service: calls were cut off at the end of the grace time: %w", err)
	}
	if err := c.crew.wait(ctx); err != nil {
		return fmt.Errorf("service: handlers or callbacks did not end: %w", err)
	}
	return nil
}

// drain withdraws the instances and waits until they have no calls.
func (c *Conn) drain(ctx context.Context, all []*instance) error {
	withdrawn := make([]<-chan struct{}, len(all))
	for n, i := range all {
		if i != c.own {
			withdrawn[n] = c.withdraw(i, wire.ReasonDrained)
		}
	}
	var err error
	for n, i := range all {
		if i == c.own {
			err = errors.Join(err, c.stage.quiet(ctx, &i.lane))
		} else {
			err = errors.Join(err, c.retire(ctx, i, withdrawn[n]))
		}
	}
	return err
}

// expel answers the calls that have not been started.
func (s *session) expel(all []*instance) {
	for _, i := range all {
		for _, r := range s.conn.stage.expel(i) {
			f := wire.Failf(wire.CodeDraining, wire.No, "service %s is shutting down", i.service.title())
			r.session.answer(r, nil, f) // the goodbye that follows is written with it
			r.session.spare.Put(r)
		}
	}
}
