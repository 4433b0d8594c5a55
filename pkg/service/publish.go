package service

import (
	"context"
	"sync"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Publish sends v on one of the service's subjects to all who are subscribed to it now. It
// returns when the report is in the connection's outbox, for whose room it waits until ctx
// ends, at most Options.Timeout; nobody else is waited for. Reports of one goroutine arrive
// in the order published. A value that is retained on the subject is forgotten.
//
// The error is always a *Failure, and then nothing was published: bad_params for a subject
// that cannot be one, encode, too_large, no_service while the service is not announced,
// unreachable while the link is down, timeout or canceled.
func (s *Service) Publish(ctx context.Context, subject string, v any) error {
	return s.PublishWith(ctx, subject, v, PublishOptions{})
}

// PublishWith is Publish with options: a value to be retained, a report to one subscriber, a
// word from the exchange. With Confirm the error may also be the exchange's: busy over its
// limit of retained values, which it names; and where the exchange has not answered it says
// maybe. What is retained comes back by itself after a reconnection, marked, with the time
// it has left.
func (s *Service) PublishWith(ctx context.Context, subject string, v any, opts PublishOptions) error {
	if f := opts.check(subject); f != nil {
		return f
	}
	p := publications.Get().(*publication)
	defer p.recycle()
	p.opts, p.subject = opts, subject
	if f := p.encode(v); f != nil {
		return f
	}
	if f := s.publish(ctx, p); f != nil {
		return f
	}
	return nil
}

// publication is a report on its way into the outbox.
type publication struct {
	subject string
	opts    PublishOptions
	body    []byte
	valueAt int // where in body the value begins
	answer  chan controlAnswer
}

var publications = sync.Pool{New: func() any { return new(publication) }}

func (p *publication) recycle() {
	if cap(p.body) > keptBytes {
		p.body = nil
	}
	*p = publication{body: p.body[:0]}
	publications.Put(p)
}

// encode makes the body of the frame.
func (p *publication) encode(v any) *wire.Failure {
	head := wire.Publish{Lifetime: p.opts.lifetime(), To: p.opts.To.Number}
	body, _ := wire.AppendPublish(p.body[:0], &head, p.subject) // the subject has been checked
	p.valueAt = len(body)
	encoded, err := value.Append(body, v)
	p.body = encoded
	if err != nil {
		return wire.Failf(wire.CodeEncodeArgs, wire.No, "%v", err)
	}
	return nil
}

// publish sends an encoded report, and waits for the exchange's word if that is wanted.
func (s *Service) publish(ctx context.Context, p *publication) *wire.Failure {
	if err := ctx.Err(); err != nil {
		return ended(err, wire.No)
	}
	session, added, f := s.post(p)
	if added == link.Full {
		session, added, f = s.postSlowly(ctx, p)
	}
	switch {
	case f != nil:
		return f
	case added == link.Closed:
		return session.conn.unreachable()
	case p.answer != nil:
		session.link.FlushNow()
		return session.confirmed(ctx, p.answer)
	case added == link.Flush:
		nudge(session.conn.unwritten)
	}
	return nil
}

// writeReports writes what publishers have appended. They do not do so themselves: one who
// publishes in a loop appends meanwhile, and many reports go out in one write. It ends when the
// Conn does.
func (c *Conn) writeReports() {
	for {
		select {
		case <-c.unwritten:
			c.session.Load().flush()
		case <-c.done:
			return
		}
	}
}

// crowdedPublish is how long a publisher waits before it tries again when reports and streams
// fill their part of the outbox.
const crowdedPublish = 5 * time.Millisecond

// postSlowly tries until there is room.
func (s *Service) postSlowly(ctx context.Context, p *publication) (*session, link.Added, *wire.Failure) {
	var bounded context.Context
	for {
		session, added, f := s.post(p)
		if added != link.Full {
			return session, added, f
		}
		if bounded == nil {
			var cancel context.CancelFunc
			bounded, cancel = context.WithTimeout(ctx, session.conn.opts.Timeout)
			defer cancel()
		}
		pause := time.NewTimer(crowdedPublish)
		select {
		case <-pause.C:
		case <-bounded.Done():
			pause.Stop()
			return session, link.Queued, ended(bounded.Err(), wire.No)
		}
	}
}

// post appends the report, behind all that the service has published before, and keeps what
// is to be retained. It does not wait.
func (s *Service) post(p *publication) (*session, link.Added, *wire.Failure) {
	s.mu.Lock()
	i := s.instance
	if i == nil || i.session == nil {
		s.mu.Unlock()
		return nil, link.Queued, s.absent(i)
	}
	defer s.mu.Unlock()
	session := i.session
	if f := session.unfit(p, s.name); f != nil {
		return session, link.Queued, f
	}
	return session, i.append(session, p), nil
}

// absent is the failure of a publisher that the exchange does not have.
func (s *Service) absent(i *instance) *wire.Failure {
	if i != nil && !i.conn.Connected() {
		return i.conn.unreachable()
	}
	return wire.Failf(wire.CodeNoService, wire.No, "service %s is not announced", s.title())
}

// unfit is why a report cannot travel in this session, nil when it can.
func (s *session) unfit(p *publication, name string) *wire.Failure {
	if f := s.tooLarge(len(p.body), name); f != nil {
		return f
	}
	if to := p.opts.To; to.Origin != 0 && to.Origin != s.origin {
		return foreign(to.String())
	}
	return nil
}

// tooLarge is about the frame of a report, which grows on the way by the name of its publisher.
func (s *session) tooLarge(body int, name string) *wire.Failure {
	const grows = 8
	size := wire.HeaderSize + body + grows + len(name)
	if size <= s.maxFrame {
		return nil
	}
	return wire.Failf(wire.CodeTooLarge, wire.No, "the report makes a frame of %d bytes, over the limit of %d", size, s.maxFrame)
}

// append appends the frame. It is called with the service's mutex held.
func (i *instance) append(session *session, p *publication) link.Added {
	h := wire.Header{Kind: wire.KindPublish, Target: i.handle}
	if p.opts.Lifetime == 0 && !p.opts.Confirm {
		added := session.link.AppendStream(&h, p.body)
		if added.Taken() && p.opts.To.IsZero() {
			i.values.forget(p.subject)
		}
		return added
	}
	var kept *retained
	if p.opts.Lifetime != 0 {
		kept = &retained{
			value: append([]byte(nil), p.body[p.valueAt:]...), lifetime: p.opts.lifetime(),
			born: i.conn.now(), session: session,
		}
	}
	if p.opts.Confirm && p.answer == nil {
		p.answer = make(chan controlAnswer, 1) // room for the one answer, so the reader never waits
	}
	answered := i.confirmation(p.subject, kept, p.answer)
	added := session.tryAsk(h, p.body, answered)
	if added.Taken() && p.opts.To.IsZero() {
		i.values.set(p.subject, kept, i.conn.now())
	}
	return added
}

// confirmation takes the exchange's answer to a report, on the reader's goroutine. What it
// does not take is not retained, and what it had of the subject still is.
func (i *instance) confirmation(subject string, kept *retained, waiting chan<- controlAnswer) func(controlAnswer) {
	return func(a controlAnswer) {
		if !a.lost {
			i.settleValue(subject, kept, a.failure == nil)
		}
		if a.failure != nil && !a.lost {
			i.conn.counts.refused.Add(1)
			if waiting == nil {
				i.log().Error("the exchange refused a report", "service", i.service.name, "subject", subject, "err", a.failure)
			}
		}
		if waiting != nil {
			waiting <- a
		}
	}
}

// confirmed waits for the exchange's word on a report.
func (s *session) confirmed(ctx context.Context, answer <-chan controlAnswer) *wire.Failure {
	bounded, cancel := context.WithTimeout(ctx, s.conn.opts.Timeout)
	defer cancel()
	select {
	case a := <-answer:
		return a.failure
	case <-bounded.Done():
		return ended(bounded.Err(), wire.Maybe)
	}
}
