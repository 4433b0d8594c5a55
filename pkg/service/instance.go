package service

import (
	"log/slog"
	"sync"
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

// displaced notes that a session is gone.
func (i *instance) displaced(s *session) {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	if i.session == s {
		i.session = nil
	}
	if p := i.placed.Load(); p != nil && p.session == s {
		i.placed.Store(nil)
	}
}

// announcing paces the announcements of a session: a process may have a thousand services
// whose signatures together are far larger than an outbox.
type announcing struct {
	mu    sync.Mutex
	queue []*instance
	open  int // sent and not answered
}

func (a *announcing) push(i *instance) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queue = append(a.queue, i)
}

// pop takes the next instance to announce, if there is room for it.
func (a *announcing) pop(room func() bool) *instance {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue) == 0 || a.open > 0 && !room() {
		return nil
	}
	i := a.queue[0]
	a.queue = a.queue[1:]
	a.open++
	return i
}

func (a *announcing) answered() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open--
}

// announceMore announces what waits, as far as half an outbox goes; each answer goes on.
func (s *session) announceMore() {
	half := func() bool { return s.link.Below(2) }
	for i := s.announcing.pop(half); i != nil; i = s.announcing.pop(half) {
		if !i.announceIn(s) {
			s.announcing.answered()
		}
	}
	s.link.FlushNow()
}

// announceIn sends Announce. It reports false when the instance has been withdrawn
// meanwhile, or the session has ended.
func (i *instance) announceIn(s *session) bool {
	svc := i.service
	svc.mu.Lock()
	defer svc.mu.Unlock()
	if svc.instance != i {
		return false
	}
	i.session = s
	s.instances.set(i.handle, i)
	return s.ask(&wire.Announce{
		Handle: i.handle, Name: svc.name, Groups: svc.groupList(), Hidden: svc.hidden,
		Version: svc.opts.Version, Description: svc.opts.Description, Labels: svc.opts.Labels,
		Limit: uint32(svc.opts.Limit), Queue: uint32(svc.opts.Queue), QueueBytes: uint32(svc.opts.QueueBytes),
		Methods: svc.methods.Load().blob,
	}, func(a controlAnswer) { i.answered(s, a) }) != 0
}

// answered takes the exchange's answer to Announce, on the reader's goroutine.
func (i *instance) answered(s *session, a controlAnswer) {
	s.announcing.answered()
	if a.lost {
		return // announced anew after the reconnection
	}
	svc := i.service
	svc.mu.Lock()
	if a.failure != nil {
		s.instances.set(i.handle, nil)
		if i.session == s {
			i.session = nil
		}
	} else if m, ok := a.message.(*wire.Announced); ok {
		i.placed.Store(&placement{s, m.Number})
	}
	first := !i.known
	if first {
		i.known = true
		if a.failure != nil {
			i.refusal = a.failure
		}
		close(i.settled)
	}
	svc.mu.Unlock()
	if a.failure != nil && !first {
		i.log().Error("the exchange refused to announce a service again", "service", svc.name, "err", a.failure)
	}
	s.announceMore()
}

// update tells the exchange of a change, if it has the service. It is called with the
// service's mutex held, so changes are told in the order made; the caller flushes what is
// returned when it has let go of the mutex.
func (s *Service) update(u *wire.Update) (told *session) {
	i := s.instance
	if i == nil || i.session == nil || i.handle == wire.OwnInstance {
		return nil
	}
	u.Handle = i.handle
	session := i.session
	session.ask(u, func(a controlAnswer) {
		if a.failure != nil && !a.lost {
			i.log().Error("the exchange refused a change of a service", "service", s.name, "err", a.failure)
		}
	})
	return session
}

// flushFor writes the outbox. Others who have something to append are let go first, unless
// there are none: a yield with nobody to yield to wakes a thread for nothing.
func (s *session) flushFor(alone bool) {
	if alone {
		s.link.FlushNow()
	} else {
		s.link.Flush()
	}
}

// flush writes what was appended for a session, if there is one.
func (s *session) flush() {
	if s != nil {
		s.link.FlushNow()
	}
}
