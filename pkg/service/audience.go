package service

import (
	"cmp"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/netsvc/netsvc/pkg/wire"
)

// audience is a service's copy of who is subscribed to its reports. Its mutex is taken
// behind the service's, and before those of the session.
type audience struct {
	service *Service

	mu        sync.Mutex
	in        *session // where it is followed; nil while the exchange does not have the service
	instance  *instance
	watch     uint32
	present   map[seat]Subscriber
	synced    bool
	listeners []*listener
}

// seat is what tells subscriptions apart.
type seat struct{ connection, subscription uint32 }

// listener is a func of the user's that is told of changes.
type listener struct {
	f       func(SubscriberEvent)
	queue   []SubscriberEvent
	running bool
}

// following is the audience, which begins to follow at its first use.
func (s *Service) following() *audience {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.audience != nil {
		return s.audience
	}
	s.audience = &audience{service: s, present: map[seat]Subscriber{}}
	i := s.instance
	if i != nil && i.session != nil && i.numberIn(i.session) != 0 {
		s.audience.begin(i.session, i)
		i.session.link.FlushNow()
	}
	return s.audience
}

// begin asks a session that has the instance who is subscribed. It is called with the
// service's mutex held; the caller flushes.
func (a *audience) begin(s *session, i *instance) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.in, a.instance, a.watch = s, i, s.conn.nextWatch.Add(1)
	s.audiences.set(a.watch, a)
	m := &wire.Watch{ID: a.watch, Scope: wire.ScopeSubscribers, Pattern: i.address().String(), Origin: s.origin}
	s.ask(m, func(answer controlAnswer) {
		if answer.failure != nil && !answer.lost {
			i.log().Error("the exchange does not tell who is subscribed", "service", i.service.name, "err", answer.failure)
		}
	})
	for _, t := range a.listeners {
		a.tell(t)
	}
}

// lose takes all subscribers away, because the link or the service is gone. It is called
// with the service's mutex held.
func (a *audience) lose(s *session, reason Reason) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.in != s || s == nil {
		return
	}
	s.audiences.set(a.watch, nil)
	if reason == ReasonClosed {
		s.ask(&wire.Unwatch{ID: a.watch}, func(controlAnswer) {})
	}
	gone := a.list()
	a.present, a.synced, a.in = map[seat]Subscriber{}, false, nil
	for _, one := range gone {
		a.add(SubscriberEvent{Kind: Unsubscribed, Subscriber: one, Reason: reason, Time: wallNow()})
	}
}

// apply takes one event of the exchange.
func (a *audience) apply(s *session, e *wire.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.in != s {
		return
	}
	ev := SubscriberEvent{Kind: e.Kind, Reason: e.Reason, Time: wallTime(e.Time)}
	if e.Info != nil {
		ev.Subscriber = Subscriber{Info: infoOf(s.origin, e.Info), Number: e.Subscription, Patterns: e.Patterns}
	}
	at := seat{ev.Subscriber.Info.Address.Number, e.Subscription}
	switch e.Kind {
	case wire.Subscribed:
		a.present[at] = ev.Subscriber
	case wire.Unsubscribed:
		delete(a.present, at)
	case wire.Synced:
		a.synced = true
	case wire.Reset:
		a.present, a.synced = map[seat]Subscriber{}, false
	case wire.Available, wire.Changed, wire.Joined, wire.Left, wire.Withdrawn:
		return // of the instance itself
	}
	a.add(ev)
}

// list is the present subscribers, the oldest connection first.
func (a *audience) list() []Subscriber {
	order := func(x, y seat) int {
		return cmp.Or(cmp.Compare(x.connection, y.connection), cmp.Compare(x.subscription, y.subscription))
	}
	list := make([]Subscriber, 0, len(a.present))
	for _, at := range slices.SortedFunc(maps.Keys(a.present), order) {
		list = append(list, a.present[at])
	}
	return list
}

// state is the events that tell what there is.
func (a *audience) state() []SubscriberEvent {
	var events []SubscriberEvent
	for _, one := range a.list() {
		events = append(events, SubscriberEvent{Kind: Subscribed, Subscriber: one, Time: wallNow()})
	}
	if a.synced {
		events = append(events, SubscriberEvent{Kind: Synced, Time: wallNow()})
	}
	return events
}

// add tells all listeners. It is called with the mutex held.
func (a *audience) add(e SubscriberEvent) {
	for _, t := range a.listeners {
		if len(t.queue) >= maxUnread+len(a.present) {
			t.queue = append([]SubscriberEvent{{Kind: Reset, Time: e.Time}}, a.state()...)
		} else {
			t.queue = append(t.queue, e)
		}
		a.tell(t)
	}
}

// tell sees to it that somebody calls a listener that has something to hear. It is called
// with the mutex held.
func (a *audience) tell(t *listener) {
	if t.running || len(t.queue) == 0 || a.instance == nil {
		return
	}
	t.running = true
	a.instance.conn.crew.Go(func() { a.call(t) }) // ends when the listener has heard all there is
}

func (a *audience) call(t *listener) {
	cut := true
	defer func() {
		if cut {
			a.callAnew(t)
		}
	}()
	for {
		a.mu.Lock()
		if len(t.queue) == 0 {
			t.running, cut = false, false
			a.mu.Unlock()
			return
		}
		e := t.queue[0]
		t.queue = t.queue[1:]
		log := a.instance.panicLog()
		a.mu.Unlock()
		t.hear(e, log)
	}
}

// callAnew goes on for a listener that has ended its goroutine, as a test's Fatal does.
func (a *audience) callAnew(t *listener) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t.running = false
	a.tell(t)
}

// hear calls the user's func. A panic costs one event, not the process.
func (t *listener) hear(e SubscriberEvent, log *slog.Logger) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("a func for subscribers panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	t.f(e)
}

// audiences are those that a session follows, by the number of their watch.
type audiences struct {
	mu   sync.Mutex
	byID map[uint32]*audience
}

func (t *audiences) get(id uint32) *audience {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byID[id]
}

// set adds an audience, or removes one with nil.
func (t *audiences) set(id uint32, a *audience) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a == nil {
		delete(t.byID, id)
		return
	}
	if t.byID == nil {
		t.byID = map[uint32]*audience{}
	}
	t.byID[id] = a
}
