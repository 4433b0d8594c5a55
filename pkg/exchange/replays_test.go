package exchange

import (
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/wire"
)

// A subscriber over its bound of retained values that does not read takes no more memory with
// each publisher that comes and goes, and is told exactly how many values it misses.
func TestFault_12_MissingValuesOfAStoppedSubscriberTakeNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const guests, ticks = 100, 300
		e, clock, guest, _ := clockAnd(t, small(Limits{}))
		stopped := newTrickle(t, e, &wire.Subscribe{ID: 1})
		s := e.sessions[stopped.number()]
		b := e.subscriptions[subID{s.number, 1}]
		clock.publishMany("tick", 1, ticks, 4_000)
		s.waiting.values.Store(maxReplayed)
		for v := 1; v <= guests; v++ {
			guest.ask(&wire.Announce{Name: "guest"})
			guest.expect(wire.KindAnnounced)
			guest.publish("came", v, retain)
			guest.ask(&wire.Update{Hidden: new(true)})
			guest.expect(wire.KindDone)
			guest.ask(&wire.Update{Hidden: new(false)})
			guest.expect(wire.KindDone)
			guest.ask(&wire.Withdraw{})
			guest.expect(wire.KindDone)
		}
		if n := len(b.replays); n > 1 {
			t.Errorf("%d replays wait, want one at most", n)
		}
		s.waiting.values.Store(0)
		got := count(t, stopped.all(), 1, false)
		if want := ticks + 2*guests; got.reports+got.retained+got.missing != want {
			t.Errorf("got %+v, want %d in all", got, want)
		}
	})
}
