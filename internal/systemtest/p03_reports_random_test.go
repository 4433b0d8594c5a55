package systemtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// story is a publisher and one reader, over whom things come.
type story struct {
	t     *testing.T
	n     *network
	dice  *rand.Rand
	clock *service.Service
	sub   *service.Subscription

	published int              // reports that Publish has taken since the last outage
	number    int64            // of the last one
	retained  map[string]int64 // what must be retained, by subject

	accounted uint64           // reports read or told to be missing since the last outage
	last      map[string]int64 // read last, by subject
	outage    bool             // the last thing read was a gap of unknown size, or retained values behind it
	outages   int
	lastComes bool // the overflow leaves the last report of each subject
}

// TestP3_P6_RandomStories: whatever comes over a subscription, no report is read twice, none
// behind a newer one, what is missing is told, and what is retained comes in the end.
func TestP3_P6_RandomStories(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, n *network) {
				n.open()
				dice := rand.New(rand.NewPCG(seed, 1))
				s := &story{t: t, n: n, dice: dice, clock: service.New("clock", nil), retained: map[string]int64{}, last: map[string]int64{}}
				n.announce(s.clock)
				opts := service.SubscribeOptions{Service: "clock", Queue: 1 + dice.IntN(20)}
				if dice.IntN(2) == 0 {
					opts.Overflow, opts.Queue = service.Latest, 20 // more than there are subjects, also of two exchanges
					s.lastComes = true
				}
				s.sub = subscribe(t, n.connect(nil), opts).sub
				for range 60 {
					s.step()
				}
				s.end()
			})
		})
	}
}

// step is one thing that comes over them.
func (s *story) step() {
	switch roll := s.dice.IntN(20); {
	case roll < 12:
		for range 1 + s.dice.IntN(15) {
			s.publish()
		}
	case roll < 17:
		synctest.Wait()
		for range s.dice.IntN(30) {
			s.read()
		}
	case roll < 18:
		s.restart()
	default:
		time.Sleep(time.Duration(s.dice.IntN(2000)) * time.Millisecond)
	}
}

func (s *story) publish() {
	s.t.Helper()
	subject := []string{"a", "b", "c"}[s.dice.IntN(3)]
	var opts service.PublishOptions
	if s.dice.IntN(3) == 0 {
		opts.Lifetime = service.WhileAnnounced
	}
	s.number++
	if err := s.clock.PublishWith(s.t.Context(), subject, s.number, opts); err != nil {
		s.t.Fatalf("publish: %v", err)
	}
	s.published++
	delete(s.retained, subject)
	if opts.Lifetime != 0 {
		s.retained[subject] = s.number
	}
}

// read reads what is there, at most one thing.
func (s *story) read() (read bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Millisecond)
	defer cancel()
	r, err := s.sub.Next(ctx)
	var gap *service.GapError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.As(err, &gap) && gap.Unknown:
		s.outage, s.accounted = true, 0
	case errors.As(err, &gap):
		s.accounted += gap.Count
	case err != nil:
		s.t.Fatalf("next: %v", err)
	default:
		s.check(r)
	}
	return true
}

// check holds a report to what was read before it.
func (s *story) check(r service.Report) {
	s.t.Helper()
	v := r.Value().(int64)
	if !r.Retained {
		s.outage = false
		s.accounted++
	}
	if v < s.last[r.Subject] || v == s.last[r.Subject] && !(s.outage && r.Retained) {
		s.t.Fatalf("%s %d (retained: %v) behind %d", r.Subject, v, r.Retained, s.last[r.Subject])
	}
	s.last[r.Subject] = v
}

// restart puts another exchange in the place of the one there is, while nothing is on its way.
func (s *story) restart() {
	synctest.Wait()
	s.n.close()
	time.Sleep(10 * time.Millisecond)
	s.n.open()
	time.Sleep(3 * time.Second)
	s.published = 0
	s.outages++
}

// end reads the rest: the sum must be whole, and a newcomer must find what is retained.
func (s *story) end() {
	synctest.Wait()
	for s.read() {
		synctest.Wait()
	}
	// What is lost beside a gap of unknown size may be counted in it; and what came again, a
	// value for each subject, may have been lost.
	if s.accounted > uint64(s.published+3*s.outages) || s.outages == 0 && s.accounted < uint64(s.published) {
		s.t.Errorf("read and missing are %d, published %d, after %d outages", s.accounted, s.published, s.outages)
	}
	for subject, v := range s.retained {
		if s.lastComes && s.last[subject] != v {
			s.t.Errorf("%s is %d for the reader, want %d, which is retained", subject, s.last[subject], v)
		}
	}
	r := subscribe(s.t, s.n.connect(nil), service.SubscribeOptions{Service: "clock"})
	var want []string
	for subject, v := range s.retained {
		want = append(want, fmt.Sprintf("clock %s %d retained", subject, v))
	}
	r.wantsAll(want...)
	r.wantsNothing()
}
