package service

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// retention is what an instance has published to be retained, so that it can be given to the
// exchange again after a reconnection. The exchange's limits bound it, for what it refuses is
// dropped here. It is guarded by the service's mutex.
type retention struct {
	values  map[string]*retained // by subject
	last    uint64               // number of the last one
	sweepAt int                  // how many values make a look for dead ones worth while

	again []string // subjects that the present session is still to be given, the oldest first
	open  int      // given to it again, and not answered
}

// retained is one value.
type retained struct {
	number   uint64 // they are given again in this order
	value    []byte
	lifetime int32         // seconds, or wire.LifetimeOfPublisher
	born     time.Duration // on the Conn's clock
	session  *session      // that has it
}

// minSweep is how many values are kept without a look for dead ones.
const minSweep = 64

// isDead reports whether a value's lifetime is over.
func (v *retained) isDead(now time.Duration) bool {
	return v.lifetime != wire.LifetimeOfPublisher && now-v.born >= time.Duration(v.lifetime)*time.Second
}

// set keeps a value; nil forgets the subject's.
func (r *retention) set(subject string, v *retained, now time.Duration) {
	if v == nil {
		r.forget(subject)
		return
	}
	if r.values == nil {
		r.values, r.sweepAt = map[string]*retained{}, minSweep
	}
	r.last++
	v.number = r.last
	r.values[subject] = v
	if len(r.values) >= r.sweepAt {
		r.sweep(now)
	}
}

func (r *retention) forget(subject string) {
	if len(r.values) > 0 {
		delete(r.values, subject)
	}
}

// sweep drops what is dead. The next time is when there is twice as much.
func (r *retention) sweep(now time.Duration) {
	for subject, v := range r.values {
		if v.isDead(now) {
			delete(r.values, subject)
		}
	}
	r.sweepAt = max(minSweep, 2*len(r.values))
}

// drop forgets a value that the exchange has not taken, unless there is a newer one.
func (i *instance) drop(subject string, v *retained) {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	if v != nil && i.values.values[subject] == v {
		i.values.forget(subject)
	}
}

// beginRestore gives a session what is retained, right behind the Announce. It is called
// with the service's mutex held.
func (i *instance) beginRestore(s *session) {
	r := &i.values
	r.sweep(i.conn.now())
	r.open = 0
	r.again = r.again[:0]
	for subject := range r.values {
		r.again = append(r.again, subject)
	}
	slices.SortFunc(r.again, func(a, b string) int { return cmp.Compare(r.values[a].number, r.values[b].number) })
	i.restoreMore(s)
}

// restoreMore goes on as far as half an outbox goes; each answer goes on from there. It is
// called with the service's mutex held.
func (i *instance) restoreMore(s *session) {
	r := &i.values
	now := i.conn.now()
	for len(r.again) > 0 && (r.open == 0 || s.link.Below(2)) {
		subject := r.again[0]
		r.again = r.again[1:]
		v := r.values[subject]
		if v == nil || v.session == s || v.isDead(now) {
			continue // gone, or published anew meanwhile
		}
		v.session = s
		r.open++
		answered := func(a controlAnswer) { i.restored(s, subject, v, a) }
		s.askIn(func(id uint64) []byte { return i.restoreFrame(id, subject, v, now) }, answered)
	}
}

// restoreFrame is a Publish that gives a value again.
func (i *instance) restoreFrame(id uint64, subject string, v *retained, now time.Duration) []byte {
	h := wire.Header{Kind: wire.KindPublish, Flags: wire.FlagRetained, ID: id, Target: i.handle}
	age := uint32(min((now-v.born)/time.Millisecond, math.MaxUint32))
	frame := wire.BeginFrame(nil, &h)
	frame, _ = wire.AppendPublish(frame, &wire.Publish{Lifetime: v.lifetime, AgeMS: age}, subject) // it has travelled before
	frame = append(frame, v.value...)
	wire.EndFrame(frame, 0)
	return frame
}

// restored takes the exchange's answer, on the reader's goroutine.
func (i *instance) restored(s *session, subject string, v *retained, a controlAnswer) {
	if a.lost {
		return // it is given again after the next reconnection
	}
	if a.failure != nil && a.failure.Code != wire.CodeNoService { // then the Announce was refused, which is told
		i.conn.counts.refused.Add(1)
		i.log().Error("the exchange refused a retained value after the reconnection",
			"service", i.service.name, "subject", subject, "err", a.failure)
		i.drop(subject, v)
	}
	i.service.mu.Lock()
	if i.session == s {
		i.values.open--
		i.restoreMore(s)
	}
	i.service.mu.Unlock()
	s.link.FlushNow()
}

// Expire forgets the retained values of subjects that match pattern and were published at
// least age ago; age zero forgets them all. Subscribers are told nothing. It waits for the
// exchange until ctx ends, at most Options.Timeout. The error is a *Failure; when it says no,
// nothing was forgotten.
func (s *Service) Expire(ctx context.Context, pattern string, age time.Duration) error {
	if err := value.CheckPattern(pattern); err != nil {
		return badParams("%v", err)
	}
	if age < 0 {
		return badParams("an age of %v is negative", age)
	}
	answer := make(chan controlAnswer, 1) // room for the one answer, so the reader never waits
	session, f := s.expire(pattern, age, answer)
	if f != nil {
		return f
	}
	session.link.FlushNow()
	if f := session.confirmed(ctx, answer); f != nil {
		return f
	}
	return nil
}

// expire asks the exchange to forget, and forgets.
func (s *Service) expire(pattern string, age time.Duration, answer chan<- controlAnswer) (*session, *wire.Failure) {
	s.mu.Lock()
	i := s.instance
	if i == nil || i.session == nil {
		s.mu.Unlock()
		return nil, s.absent(i)
	}
	session := i.session
	ms := uint32(min(age/time.Millisecond, math.MaxUint32))
	asked := session.ask(&wire.Expire{Handle: i.handle, Pattern: pattern, AgeMS: ms}, func(a controlAnswer) { answer <- a })
	if asked != 0 {
		i.values.expire(pattern, i.conn.now()-age)
	}
	s.mu.Unlock()
	if asked == 0 {
		return nil, i.conn.unreachable()
	}
	return session, nil
}

// expire forgets values of matching subjects that were born then or before.
func (r *retention) expire(pattern string, then time.Duration) {
	for subject, v := range r.values {
		if v.born <= then && value.Match(pattern, subject) {
			r.forget(subject)
		}
	}
}
