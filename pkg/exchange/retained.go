package exchange

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// report is a published value as it waits for subscribers, one for all of them.
type report struct {
	publisher uint32
	flags     uint8
	subject   string
	body      []byte // of a KindReport
}

// size is what a report counts for in a queue: its frame and about what keeping it costs.
func (r *report) size() int { return wire.HeaderSize + len(r.body) + reportCost }

const reportCost = 104

// retained is a value that its publisher keeps for those who subscribe later. Subscriptions
// to which it has not been sent yet hold it, too, but not the report: that is taken away
// when the value is replaced or forgotten, so nobody gets it after a newer one, after it has
// expired or after its publisher has gone.
type retained struct {
	report  atomic.Pointer[report]
	subject string
	birth   uint64 // orders the values of a publisher
	size    int
	since   time.Duration // when it was published, on the exchange's clock
	until   time.Duration // when it expires; 0 for never
}

// at is the report, or nil when it is not to be sent any more.
func (r *retained) at(now time.Duration) *report {
	if r.until != 0 && now >= r.until {
		return nil
	}
	return r.report.Load()
}

// kept counts what the instances of a session retain.
type kept struct{ subjects, bytes atomic.Int64 }

// retain puts a value in the place of the one before, or refuses it. It is called with the
// outlet's mutex held, as are those below.
func (o *outlet) retain(by *session, r *report, since, until time.Duration) *wire.Failure {
	l := &by.ex.limits
	subjects, bytes := by.kept.subjects.Load()+1, by.kept.bytes.Load()+int64(r.size())
	old := o.retained[r.subject]
	if old != nil {
		subjects, bytes = subjects-1, bytes-int64(old.size)
	}
	switch {
	case subjects > int64(l.Retained):
		return wire.Failf(wire.CodeBusy, wire.No, "the session has its limit of %d subjects with a retained value", l.Retained)
	case bytes > int64(l.RetainedBytes):
		return wire.Failf(wire.CodeBusy, wire.No, "a value of %d bytes goes over the session's limit of %d bytes of retained values", r.size(), l.RetainedBytes)
	}
	if old != nil {
		o.forget(by, old)
	}
	o.births++
	now := &retained{subject: r.subject, birth: o.births, size: r.size(), since: since, until: until}
	now.report.Store(r)
	if o.retained == nil {
		o.retained = map[string]*retained{}
	}
	o.retained[r.subject] = now
	by.kept.subjects.Add(1)
	by.kept.bytes.Add(int64(now.size))
	if until != 0 && (o.soonest == 0 || until < o.soonest) {
		o.soonest = until
	}
	return nil
}

// forget takes a retained value away from everybody.
func (o *outlet) forget(by *session, r *retained) {
	r.report.Store(nil)
	delete(o.retained, r.subject)
	by.kept.subjects.Add(-1)
	by.kept.bytes.Add(-int64(r.size))
}

// retainedFor lists the values that a new subscription gets first, in the order they were
// published.
func (o *outlet) retainedFor(b *subscription, now time.Duration) []*retained {
	var all []*retained
	for subject, r := range o.retained {
		if r.at(now) != nil && b.wants(subject) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *retained) int { return cmp.Compare(a.birth, b.birth) })
	return all
}

// expire forgets the values that have expired, and returns when the next one will.
func (o *outlet) expire(by *session, now time.Duration) (next time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.soonest == 0 || now < o.soonest {
		return o.soonest
	}
	o.soonest = 0
	for _, r := range o.retained {
		switch {
		case r.until == 0:
		case now >= r.until:
			o.forget(by, r)
		case o.soonest == 0 || r.until < o.soonest:
			o.soonest = r.until
		}
	}
	return o.soonest
}

// purge forgets the values of matching subjects that are at least so old.
func (o *outlet) purge(by *session, pattern string, age, now time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for subject, r := range o.retained {
		if now-r.since >= age && value.Match(pattern, subject) {
			o.forget(by, r)
		}
	}
}

// forgetRetained does what an Expire asks.
func (s *session) forgetRetained(id uint64, m *wire.Expire) {
	i := s.placed[m.Handle]
	if i == nil {
		s.refuse(id, noInstance(m.Handle))
		return
	}
	if err := value.CheckPattern(m.Pattern); err != nil {
		s.refuse(id, wire.Failf(wire.CodeBadParams, wire.No, "%v", err))
		return
	}
	i.outlet.purge(s, m.Pattern, time.Duration(m.AgeMS)*time.Millisecond, s.ex.now())
	s.done(id)
}

// done answers a control request that the core has no part in.
func (s *session) done(id uint64) { s.reply(&wire.Header{Kind: wire.KindDone, ID: id}, nil) }

func (s *session) refuse(id uint64, f *wire.Failure) {
	a := newAnswer(f)
	s.reply(&wire.Header{Kind: wire.KindRefused, Flags: a.flags, ID: id}, a.body)
}

// reply gives the session a control frame, which is never dropped.
func (s *session) reply(h *wire.Header, body []byte) {
	added := s.link.AppendFrame(h, body)
	if added == link.Full {
		s.link.Close(link.ErrSlow)
	}
	s.dirty.owe(s.link, added)
}
