package service

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/wire"
)

// instances are what a session has announced, by handle. The reader looks here for each
// request, so the map is copied to change it.
type instances struct {
	mu    sync.Mutex
	table atomic.Pointer[map[uint32]*instance]
}

func (i *instances) get(handle uint32) *instance {
	if m := i.table.Load(); m != nil {
		return (*m)[handle]
	}
	return nil
}

// set adds an instance, or removes one with nil.
func (i *instances) set(handle uint32, inst *instance) {
	i.mu.Lock()
	defer i.mu.Unlock()
	changed := map[uint32]*instance{}
	if m := i.table.Load(); m != nil {
		maps.Copy(changed, *m)
	}
	if inst == nil {
		delete(changed, handle)
	} else {
		changed[handle] = inst
	}
	i.table.Store(&changed)
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
	if svc.instance != i || i.conn.session.Load() != s { // or displaced has passed already
		return false
	}
	i.session = s
	s.instances.set(i.handle, i)
	methods := svc.methods.Load()
	announced := s.ask(&wire.Announce{
		Handle: i.handle, Name: svc.name, Groups: svc.groupList(), Hidden: svc.hidden,
		Version: svc.metadata.version, Description: svc.metadata.description, Labels: svc.metadata.labels,
		Limit: uint32(svc.opts.Limit), Queue: uint32(svc.opts.Queue), QueueBytes: uint32(svc.opts.QueueBytes),
		Methods: methods.blob, Fallback: methods.fallback != nil, Subjects: svc.opts.Subjects,
	}, func(a controlAnswer) { i.answered(s, a) }) != 0
	if announced {
		i.beginRestore(s)
	}
	return announced
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
		i.settle(s)
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
	i.logAnswer(a, first)
	i.tellUnfit()
	s.announceMore()
}

// logAnswer tells of what became of an announcement. The first refusal is the error of Announce.
func (i *instance) logAnswer(a controlAnswer, first bool) {
	name := i.service.name
	switch m, ok := a.message.(*wire.Announced); {
	case ok && a.failure == nil:
		i.conn.log.Info("announced", "service", name, "address", Address{Name: name, Number: m.Number}.String())
	case a.failure != nil && !first:
		i.log().Error("the exchange refused to announce a service again", "service", name, "err", a.failure)
	}
}

// settle begins what hangs on an instance that the exchange has. It is called with the
// service's mutex held.
func (i *instance) settle(s *session) {
	if i.service.instance != i {
		return // withdrawn meanwhile
	}
	if a := i.service.audience; a != nil {
		a.begin(s, i)
	}
	i.startWork()
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
