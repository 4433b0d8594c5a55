package exchange

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// Bounds of what an outlet remembers of its matching: subjects, and subscriptions under all
// of them. At either it forgets all and begins anew; so it does when the outlets of its session
// remember maxMatchBytes together, and if that is of no help it goes without.
const (
	maxMatches    = 10_000
	maxMatched    = 1 << 20
	maxMatchBytes = 32 << 20
)

// outlet is an instance as a publisher: who is subscribed to it, and the values it retains.
// Its mutex is the publisher's report lock: publishing, subscribing, unsubscribing and
// expiring take effect one after the other, so that a new subscription gets what is retained
// and then each change, and none of them twice or in the wrong order.
type outlet struct {
	mu       sync.Mutex
	closed   bool // the instance is withdrawn
	subs     []*subscription
	at       map[*subscription]int // their places in subs
	matches  map[string]*match     // of subs as it is
	matched  int                   // subscriptions in matches
	bytes    int64                 // of matches
	allBytes *atomic.Int64         // of the session's; nil before the first match
	retained map[string]*retained
	births   uint64        // values retained so far
	soonest  time.Duration // when the first retained value expires, on the exchange's clock; 0 for none
}

// match is which subscriptions a subject is for. It is never changed.
type match struct {
	subject string
	subs    []*subscription
}

// matchCost is about what remembering costs beside the subject and the list.
const matchCost = 160

// bytes is about what remembering the match takes.
func (m *match) bytes() int64 { return int64(matchCost + len(m.subject) + 8*cap(m.subs)) }

// join adds a subscription, which gets the retained values that match and from then on each
// report.
func (o *outlet) join(b *subscription, now time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at == nil {
		o.at = map[*subscription]int{}
	}
	o.at[b] = len(o.subs)
	o.subs = append(o.subs, b)
	o.forgetMatches()
	b.replay(o, o.retainedFor(b, now))
}

// leave takes a subscription out.
func (o *outlet) leave(b *subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, ok := o.at[b]
	if !ok {
		return
	}
	last := len(o.subs) - 1
	o.subs[at] = o.subs[last]
	o.at[o.subs[at]] = at
	o.subs[last] = nil
	o.subs = o.subs[:last]
	delete(o.at, b)
	o.forgetMatches()
}

// rematch notes that a subscription has other patterns.
func (o *outlet) rematch() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forgetMatches()
}

// forgetMatches is called with the mutex held, as are those below.
func (o *outlet) forgetMatches() {
	if o.allBytes != nil {
		o.allBytes.Add(-o.bytes)
	}
	o.matches, o.matched, o.bytes = nil, 0, 0
}

// match finds out whom a subject is for, once until anybody comes or goes. The error says
// what is wrong with the subject.
func (o *outlet) match(by *session, subject []byte) (*match, error) {
	if m := o.matches[string(subject)]; m != nil {
		return m, nil
	}
	m := &match{subject: string(subject)}
	if err := value.CheckSubject(m.subject); err != nil {
		return nil, err
	}
	for _, b := range o.subs {
		if b.wants(m.subject) {
			m.subs = append(m.subs, b)
		}
	}
	o.remember(m, &by.matched)
	return m, nil
}

// remember keeps a match within the bounds. all counts the bytes of the session's outlets.
func (o *outlet) remember(m *match, all *atomic.Int64) {
	size := m.bytes()
	if len(o.matches) >= maxMatches || o.matched+len(m.subs) > maxMatched || all.Load()+size > maxMatchBytes {
		o.forgetMatches()
	}
	if all.Load()+size > maxMatchBytes {
		return
	}
	if o.matches == nil {
		o.matches = map[string]*match{}
	}
	o.matches[m.subject] = m
	o.matched += len(m.subs)
	o.bytes += size
	o.allBytes = all
	all.Add(size)
}

// close ends the outlet of an instance that is withdrawn. What it retained is gone for
// everybody, also for those who wait for it. It returns who was subscribed.
func (o *outlet) close(by *session) []*subscription {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	for _, r := range o.retained {
		o.forget(by, r)
	}
	audience := o.subs
	o.retained, o.subs, o.at, o.soonest = nil, nil, nil, 0
	o.forgetMatches()
	return audience
}
