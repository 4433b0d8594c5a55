package exchange

import (
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// publication is one Publish on its way to the subscribers. It stays on the stack of the
// publisher's reader, so that publishing allocates nothing while nobody is behind.
type publication struct {
	by        *session
	instance  *instance
	publish   wire.Publish
	flags     uint8
	millis    int64  // when it was published
	head      []byte // of the report, before the publish's tail
	subject   string
	report    *report    // made when the report has to be kept
	delivered uint64     // put into an outbox
	behind    []*session // with subscriptions that were given something to wait
}

// publish takes a report to all who are subscribed. An error is a violation.
func (s *session) publish(h *wire.Header, body []byte) error {
	p, err := wire.ParsePublish(body)
	if err != nil {
		return err
	}
	f := s.publishFor(s.placed[h.Target], h, &p)
	switch {
	case f == nil && h.ID != 0:
		s.done(h.ID)
	case f == nil:
	case h.ID == 0:
		s.ex.counts.reportsRefused.Add(1)
	default:
		s.ex.counts.reportsRefused.Add(1)
		s.refuse(h.ID, f)
	}
	return nil
}

func noInstance(handle uint32) *wire.Failure {
	return wire.Failf(wire.CodeNoService, wire.No, "the session has announced no instance %d", handle)
}

// publishFor is publish for one of the session's instances, nil when it has no such.
func (s *session) publishFor(i *instance, h *wire.Header, m *wire.Publish) *wire.Failure {
	if i == nil {
		return noInstance(h.Target)
	}
	p := publication{by: s, instance: i, publish: *m, flags: h.Flags & wire.FlagRetained, millis: s.batchMillis() - int64(m.AgeMS)}
	p.head = wire.AppendReportHead(s.headRoom(), p.millis, i.name)
	if f := p.check(); f != nil {
		return f
	}
	if f := i.outlet.publish(&p); f != nil {
		return f
	}
	s.reports.delivered += p.delivered
	for _, behind := range p.behind {
		s.pump(behind)
	}
	return nil
}

// maxReportHead holds the head of a report with the longest name there is.
const maxReportHead = 144

// headRoom is where the head of a report is made. A session that publishes keeps it.
func (s *session) headRoom() []byte {
	if s.reportHead == nil {
		s.reportHead = make([]byte, 0, maxReportHead)
	}
	return s.reportHead
}

// check refuses what no subscriber could be given.
func (p *publication) check() *wire.Failure {
	limit := p.by.ex.limits.MaxFrame
	switch size := wire.HeaderSize + len(p.head) + len(p.publish.Tail); {
	case size > limit:
		return wire.Failf(wire.CodeTooLarge, wire.No, "a report of %d bytes is over the limit of %d for a frame", size, limit)
	case p.publish.Lifetime < wire.LifetimeOfPublisher:
		return wire.Failf(wire.CodeBadParams, wire.No, "%d is no lifetime of a report", p.publish.Lifetime)
	case p.publish.Lifetime != 0 && p.publish.To != 0:
		return wire.Failf(wire.CodeBadParams, wire.No, "a report to one subscriber cannot be retained")
	}
	return nil
}

// publish gives a report to all it is for, under the publisher's report lock.
func (o *outlet) publish(p *publication) *wire.Failure {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return noInstance(p.instance.handle)
	}
	m, err := o.match(p.by, p.publish.Subject)
	if err != nil {
		return wire.Failf(wire.CodeBadParams, wire.No, "%v", err)
	}
	p.subject = m.subject
	if p.publish.To == 0 {
		expired, f := o.keep(p)
		if expired || f != nil {
			return f
		}
	}
	p.by.reports.published++
	reached := false
	for _, b := range m.subs {
		if p.publish.To == 0 || p.publish.To == b.session.number {
			reached = true
			b.push(p)
		}
	}
	if !reached {
		p.by.reports.unmatched++
	}
	return nil
}

// keep retains the report, or clears what was retained on its subject. It reports whether a
// value that comes again has expired meanwhile, and so is to reach nobody.
func (o *outlet) keep(p *publication) (expired bool, f *wire.Failure) {
	m := &p.publish
	if m.Lifetime == 0 {
		if old := o.retained[p.subject]; old != nil {
			o.forget(p.by, old)
		}
		return false, nil
	}
	e := p.by.ex
	now := p.by.batchTime()
	since := now - time.Duration(m.AgeMS)*time.Millisecond
	var until time.Duration
	if m.Lifetime > 0 {
		until = since + time.Duration(m.Lifetime)*time.Second
		if until <= now {
			return true, nil
		}
	}
	if f := o.retain(p.by, p.kept(), since, until); f != nil {
		return false, f
	}
	if until != 0 {
		e.sweep.add(p.instance)
	}
	return false, nil
}

// kept is the report in the form that outlives its frame.
func (p *publication) kept() *report {
	if p.report == nil {
		body := make([]byte, 0, len(p.head)+len(p.publish.Tail))
		body = append(append(body, p.head...), p.publish.Tail...)
		p.report = &report{publisher: p.instance.number, flags: p.flags, subject: p.subject, body: body}
	}
	return p.report
}

// pump sends what waits for the subscriptions of a session, as far as its outbox takes it.
// It is called on this session's reader, without a lock.
func (s *session) pump(other *session) {
	added, full := other.pumpReports()
	s.dirty.owe(other.link, added)
	for _, b := range full {
		s.dirty = append(s.dirty, s.ex.lapse(b)...)
	}
}

// lapse ends a subscription that could not keep all of its reports, and whose policy lets
// none be lost.
func (e *Exchange) lapse(b *subscription) flushes {
	return e.act(func(c *core) []effect {
		if e.subscriptions[subID{b.session.number, b.id}] != b {
			return nil // it was ended otherwise
		}
		return c.lapse(subID{b.session.number, b.id})
	})
}
