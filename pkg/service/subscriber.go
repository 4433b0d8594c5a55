package service

import (
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Subscriber is a subscription of somebody to the reports of a service. Its Patterns are
// shared and must not be changed.
type Subscriber struct {
	Info     Info     // of the own instance of the connection: its Address is for PublishOptions.To
	Number   uint32   // tells several subscriptions of one connection apart
	Patterns []string // of subjects; none for all
}

// Wants reports whether the subscription selects a subject.
func (s *Subscriber) Wants(subject string) bool {
	for _, pattern := range s.Patterns {
		if Match(pattern, subject) {
			return true
		}
	}
	return len(s.Patterns) == 0
}

// The kinds of subscriber events, beside Synced and Reset.
const (
	Subscribed   = wire.Subscribed // also when the patterns of a subscription have changed
	Unsubscribed = wire.Unsubscribed
)

// SubscriberEvent tells a publisher of a change among its subscribers.
type SubscriberEvent struct {
	Kind       EventKind  // Subscribed, Unsubscribed, Synced or Reset
	Subscriber Subscriber // zero for Synced and Reset
	Reason     Reason     // of Unsubscribed: closed, or how the subscriber's connection ended; exchange-lost at the end of our own
	Time       time.Time  // by the exchange's clock, or by ours for what the library has found itself
}

// OnSubscriber has f told who is subscribed to the service's reports: first subscribed for
// each subscription there is, then synced, then each change. At the loss of the link, and
// when the service is withdrawn, all are unsubscribed; after a reconnection comes the present
// state again, and synced. f gets one event at a time, in order, on a goroutine of the
// Conn's own. One that leaves 1,024 changes unread finds reset in their place, and the
// present state behind it. It may be called before the service is announced, and many times.
func (s *Service) OnSubscriber(f func(SubscriberEvent)) {
	a := s.following()
	a.mu.Lock()
	defer a.mu.Unlock()
	t := &listener{f: f, queue: a.state()}
	a.listeners = append(a.listeners, t)
	a.tell(t)
}

// Subscribers lists who is subscribed to the service's reports, the oldest connection first.
// The first use of it, of Watched or of OnSubscriber asks the exchange and does not wait:
// until its answer there is nobody.
func (s *Service) Subscribers() []Subscriber {
	a := s.following()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.list()
}

// Watched reports whether anybody is subscribed to a subject, so that work can be left undone
// while nobody is. What Subscribers says of its first use holds here, too.
func (s *Service) Watched(subject string) bool {
	a := s.following()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range a.present {
		if one.Wants(subject) {
			return true
		}
	}
	return false
}
