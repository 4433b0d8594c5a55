package service

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// unfit is a value that is too large for the exchange that is there now.
type unfit struct {
	subject string
	failure *wire.Failure
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
		body := v.restoreBody(subject, now)
		if f := s.tooLarge(len(body), i.service.name); f != nil { // sent, it would cost the link each time
			r.forget(subject)
			r.unfit = append(r.unfit, unfit{subject, f})
			continue
		}
		v.session, v.before = s, nil
		r.open++
		h := wire.Header{Kind: wire.KindPublish, Flags: wire.FlagRetained, Target: i.handle}
		frame := func(id uint64) []byte {
			h.ID = id
			return wire.AppendFrame(nil, &h, body)
		}
		s.askIn(frame, func(a controlAnswer) { i.restored(s, subject, v, a) })
	}
}

// restoreBody is of a Publish that gives the value again.
func (v *retained) restoreBody(subject string, now time.Duration) []byte {
	age := uint32(min((now-v.born)/time.Millisecond, math.MaxUint32))
	body, _ := wire.AppendPublish(nil, &wire.Publish{Lifetime: v.lifetime, AgeMS: age}, subject) // it has travelled before
	return append(body, v.value...)
}

// restored takes the exchange's answer, on the reader's goroutine.
func (i *instance) restored(s *session, subject string, v *retained, a controlAnswer) {
	if a.lost {
		return // it is given again after the next reconnection
	}
	if a.failure != nil && a.failure.Code != wire.CodeNoService { // then the Announce was refused, which is told
		i.notRestored(unfit{subject, a.failure})
		i.settleValue(subject, v, false)
	}
	i.service.mu.Lock()
	if i.session == s {
		i.values.open--
		i.restoreMore(s)
	}
	i.service.mu.Unlock()
	i.tellUnfit()
	s.link.FlushNow()
}

// tellUnfit logs what has been dropped under the mutex, without it: a logger is the user's.
func (i *instance) tellUnfit() {
	i.service.mu.Lock()
	dropped := i.values.unfit
	i.values.unfit = nil
	i.service.mu.Unlock()
	for _, u := range dropped {
		i.notRestored(u)
	}
}

func (i *instance) notRestored(u unfit) {
	i.conn.counts.refused.Add(1)
	i.log().Error("the exchange refused a retained value after the reconnection",
		"service", i.service.name, "subject", u.subject, "err", u.failure)
}
