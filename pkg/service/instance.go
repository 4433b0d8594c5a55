package service

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/wire"
)

// instance is one announcement of a service by a Conn, from Announce to Withdraw, over all
// reconnections.
type instance struct {
	service *Service
	conn    *Conn
	handle  uint32
	lane    lane // guarded by the stage's mutex

	placed    atomic.Pointer[placement] // nil while the exchange does not have it
	settled   chan struct{}             // closed by the exchange's first answer
	withdrawn chan struct{}             // closed when, after Withdraw, no further call will come

	// guarded by service.mu
	session *session // in which Announce has been sent
	known   bool     // settled is closed
	refusal error    // of the first answer
	values  retention
	work    context.CancelFunc // ends ServiceOptions.Work; nil when it does not run
}

// placement is the number of an instance in one session.
type placement struct {
	session *session
	number  uint32
}

func newInstance(c *Conn, s *Service, handle uint32) *instance {
	return &instance{
		service: s, conn: c, handle: handle, settled: make(chan struct{}), withdrawn: make(chan struct{}),
		lane: lane{limit: s.opts.Limit, queue: s.opts.Queue, queueBytes: s.opts.QueueBytes},
	}
}

// newOwn makes the hidden instance every session has.
func newOwn(c *Conn) *instance {
	i := newInstance(c, newService("", nil), wire.OwnInstance)
	i.service.instance = i
	return i
}

// numberIn is the instance's number in a session, zero when it has none.
func (i *instance) numberIn(s *session) uint32 {
	if p := i.placed.Load(); p != nil && p.session == s {
		return p.number
	}
	return 0
}

// address is the instance's, zero while the exchange does not have it.
func (i *instance) address() Address {
	p := i.placed.Load()
	if p == nil {
		return Address{}
	}
	return Address{Origin: p.session.origin, Name: i.service.name, Number: p.number}
}

func (i *instance) log() *slog.Logger {
	if l := i.service.opts.Logger; l != nil {
		return l
	}
	return i.conn.log
}

// panicLog is where panics go. They are written even where no logger was given: nobody but
// the service can see their stacks.
func (i *instance) panicLog() *slog.Logger {
	if i.service.opts.Logger == nil && i.conn.opts.unlogged {
		return slog.Default()
	}
	return i.log()
}

// displaced notes that a session is gone.
func (i *instance) displaced(s *session) {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	if i.session == s {
		i.session = nil
	}
	if a := i.service.audience; a != nil {
		a.lose(s, ReasonExchangeLost)
	}
	if p := i.placed.Load(); p != nil && p.session == s {
		i.placed.Store(nil)
	}
}
