package exchange

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// TestReportsUnderFire has publishers who come, hide, change groups and go, and subscribers who
// subscribe, unsubscribe, stop reading and go, all at once. Each subscription has to hear each
// publisher's values in order; in the end nothing may be left of anybody.
func TestReportsUnderFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, small(Limits{ReportsBytes: 200_000}))
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() { restlessPublisher(t, e, i) })
			wg.Go(func() { restlessSubscriber(t, e, i) })
			wg.Go(func() { lazySubscriber(t, e, i) })
		}
		wg.Wait()
		synctest.Wait()
		if got := e.Subscriptions(); len(got) != 0 {
			t.Errorf("subscriptions %v are left", got)
		}
		got := e.Stats()
		if got.Published == 0 || got.ReportsDelivered == 0 || got.ReportsLost == 0 {
			t.Errorf("got %+v, want some published, delivered and lost", got)
		}
		for _, i := range e.instances {
			if o := &i.outlet; len(o.subs)+len(o.at)+len(o.retained) != 0 {
				t.Errorf("%s@%d has %d subscriptions and %d retained values", i.name, i.number, len(o.subs), len(o.retained))
			}
		}
		time.Sleep(2 * sweepPause)
		if n := len(e.sweep.all()); n != 0 {
			t.Errorf("%d instances are swept, want none", n)
		}
	})
}

// restlessPublisher publishes growing values under every circumstance, and goes.
func restlessPublisher(t *testing.T, e *Exchange, n int) {
	for round := range 5 {
		p := connect(t, e, fmt.Sprint("pub", n, round))
		p.announce(&wire.Announce{Name: "clock"})
		for v := 1; v <= 200; v++ {
			how := wire.Publish{Lifetime: int32(rand.IntN(3) - 1)}
			p.raw(publishFrame(0, 0, how, fmt.Sprint("s", v%5), padded(v, rand.IntN(4_000))))
			switch rand.IntN(40) {
			case 0:
				p.ask(&wire.Update{Join: []string{"time"}})
			case 1:
				p.ask(&wire.Update{Leave: []string{"time"}})
			case 2:
				p.ask(&wire.Update{Hidden: new(v%2 == 0)})
			case 3:
				p.ask(&wire.Expire{Pattern: "s1"})
			}
		}
		if round%2 == 0 {
			p.ask(&wire.Withdraw{})
		}
		p.link.Close(nil)
	}
}

// restlessSubscriber subscribes in every way and takes it back, reading all the time.
func restlessSubscriber(t *testing.T, e *Exchange, n int) {
	p := connect(t, e, fmt.Sprint("sub", n))
	heard := map[string]int64{}
	for round := range uint32(100) {
		id := round % 5
		p.ask(&wire.Unsubscribe{ID: id})
		p.ask(anySubscription(id))
		if round%7 == 0 {
			p.ask(&wire.Unsubscribe{ID: (id + 1) % 5, Patterns: []string{"s*"}})
		}
		for len(p.frames) > 0 {
			checkOrder(t, heard, p.read())
		}
	}
	p.link.Close(nil)
}

// anySubscription is to the same services in one way or another.
func anySubscription(id uint32) *wire.Subscribe {
	ways := []*wire.Subscribe{
		{Scope: wire.ScopeAll}, {Scope: wire.ScopeGlob, Target: "clock"}, {Scope: wire.ScopeGlob, Target: "c*k"},
		{Scope: wire.ScopeGroup, Target: "time"},
	}
	s := ways[rand.IntN(len(ways))]
	s.ID, s.Policy, s.Queue = id, wire.Policy(rand.IntN(3)), uint32(rand.IntN(50))
	if rand.IntN(2) == 0 {
		s.Patterns = []string{"s*", "s?", "x"}
	}
	return s
}

// checkOrder checks that a subscription hears no value that is older than one it has heard of
// the same publisher and subject. A Done makes no difference: the next subscription of the
// number begins with what is retained, which is no older.
func checkOrder(t *testing.T, heard map[string]int64, f frame) {
	t.Helper()
	if f.Kind != wire.KindReport {
		return
	}
	r, err := wire.ParseReport(f.body)
	if err != nil {
		t.Error(err)
		return
	}
	key := fmt.Sprint(f.ID, f.Target, string(r.Subject))
	if v := reported(t, r.Value); v < heard[key] {
		t.Errorf("%s: %d came after %d", key, v, heard[key])
	} else {
		heard[key] = v
	}
}

// lazySubscriber reads now and then, and goes with much left to read.
func lazySubscriber(t *testing.T, e *Exchange, n int) {
	for range 4 {
		conn, err := e.Dial(t.Context())
		if err != nil {
			t.Error(err)
			return
		}
		opening := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [wire.KeySize]byte{7, byte(n)}})
		for id := range uint32(4) {
			opening = wire.AppendMessage(opening, 1, 0, anySubscription(id))
		}
		if _, err := conn.Write(opening); err != nil {
			t.Error(err)
		}
		buf := make([]byte, 20_000)
		for range 20 {
			if _, err := conn.Read(buf); err != nil {
				break // the publishers have gone, and it never said a word
			}
			time.Sleep(time.Millisecond)
		}
		conn.Close()
	}
}
