package service

import (
	"context"
	"math"
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
	unfit []unfit  // dropped for the session's limit, and not logged yet
}

// retained is one value.
type retained struct {
	number   uint64 // they are given again in this order
	value    []byte
	lifetime int32         // seconds, or wire.LifetimeOfPublisher
	born     time.Duration // on the Conn's clock
	session  *session      // that has it
	before   *retained     // what the exchange still has if it refuses this one; nil once it has answered
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
	v.number, v.before = r.last, r.values[subject]
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

// settle notes the exchange's word on a value: of a subject it has the last that it took.
func (r *retention) settle(subject string, v *retained, taken bool) {
	newest := r.values[subject]
	if !taken && newest == v {
		r.replace(subject, v.before)
		return
	}
	for n := newest; n != nil; n = n.before {
		switch {
		case taken && n == v:
			n.before = nil
		case !taken && n.before == v:
			n.before = v.before
		}
	}
}

// replace puts an older value in the place of the newest; nil is none.
func (r *retention) replace(subject string, v *retained) {
	if v == nil {
		delete(r.values, subject)
		return
	}
	r.values[subject] = v
}

// settleValue is retention's settle, with the service's mutex. Nil is no value.
func (i *instance) settleValue(subject string, v *retained, taken bool) {
	if v == nil {
		return
	}
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	i.values.settle(subject, v, taken)
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
		if !value.Match(pattern, subject) {
			continue
		}
		for n := v; n != nil; n = n.before {
			if n.before != nil && n.before.born <= then {
				n.before = nil
			}
		}
		if v.born <= then {
			r.forget(subject)
		}
	}
}
