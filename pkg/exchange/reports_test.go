package exchange

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/wire"
)

// clockAnd is an exchange with a publisher named clock and a subscriber.
func clockAnd(t *testing.T, opts *Options) (e *Exchange, clock, cli *process, number uint32) {
	t.Helper()
	e = newExchange(t, opts)
	clock = connect(t, e, "clock")
	number = clock.announce(&wire.Announce{Name: "clock", Groups: []string{"time"}})
	return e, clock, connect(t, e, "cli"), number
}

func TestReportsComeInOrderToThoseTheyAreFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, cli, number := clockAnd(t, nil)
		cli.subscribed(ofName(1, "clock", "tick", "t*")) // one with two patterns gets each once
		cli.subscribed(ofName(2, "clock"))
		cli.subscribed(ofName(3, "echo"))
		other := connect(t, e, "other")
		other.subscribed(&wire.Subscribe{ID: 1, Scope: wire.ScopeGroup, Target: "time"})
		for i := range 3 {
			clock.publish("tick", i, wire.Publish{})
			cli.heard(fmt.Sprintf("1 clock tick=%d", i), fmt.Sprintf("2 clock tick=%d", i))
			other.heard(fmt.Sprintf("1 clock tick=%d", i))
		}
		clock.publish("alarm", 7, wire.Publish{})
		if f := cli.expect(wire.KindReport); f.ID != 2 || f.Target != number {
			t.Errorf("report %+v, want one of %d for subscription 2", f.Header, number)
		}
		cli.silent()
	})
}

func TestASubscriptionGetsWhatIsRetainedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, clock, cli, _ := clockAnd(t, nil)
		clock.publish("started", 1, retain)
		clock.publish("started", 2, retain)
		clock.publish("zone", 3, retain)
		for v := range 20 {
			clock.publish(fmt.Sprint("x", v), v, retain)
		}
		clock.publish("zone", 4, wire.Publish{}) // clears what was retained
		clock.publish("x0", 20, retain)
		cli.subscribe(ofName(1, "clock"))
		cli.heard("1 clock started=2 retained")
		for v := range 20 { // in the order published
			cli.heard(fmt.Sprintf("1 clock x%d=%d retained", (v+1)%20, v+1))
		}
		cli.heard("1 synced")
		clock.publish("started", 5, retain)
		cli.heard("1 clock started=5")
	})
}
