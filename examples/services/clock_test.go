package services_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/examples/services"
	"github.com/netsvc/netsvc/pkg/service"
)

func TestClockTellsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := reach(t, services.Clock())
		now, err := service.Call[time.Time](t.Context(), conn.Endpoint("clock"), "now")
		if err != nil || !now.Equal(time.Now()) {
			t.Errorf("now() = %v, %v; want %v", now, err, time.Now())
		}
	})
}

// TestClockReports: a late subscriber gets the start, marked, and then the ticks.
func TestClockReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := reach(t, services.Clock())
		began := time.Now()
		time.Sleep(3500 * time.Millisecond)
		sub, err := conn.Subscribe(service.SubscribeOptions{Service: "clock"})
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		r, err := sub.Next(t.Context())
		var started time.Time
		if err == nil {
			err = r.Decode(&started)
		}
		if err != nil || r.Subject != "started" || !r.Retained || !started.Equal(began) {
			t.Errorf("first came %+v, %v, %v; want the start at %v", r, started, err, began)
		}
		for want := int64(4); want < 7; want++ {
			r, err := sub.Next(t.Context())
			if err != nil || r.Subject != "tick" || r.Retained || r.Value() != want {
				t.Errorf("got %s %v, %v; want tick %d", r.Subject, r.Value(), err, want)
			}
		}
	})
}

// TestClockStopsWhenItIsWithdrawn, and what it has retained goes with it.
func TestClockStopsWhenItIsWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := open(t)
		clock := services.Clock()
		host, conn := connect(t, ex, clock), connect(t, ex)
		if err := host.Withdraw(t.Context(), clock); err != nil {
			t.Fatal(err)
		}
		sub, err := conn.Subscribe(service.SubscribeOptions{Service: "clock"})
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		if err := sub.Synced(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if n := sub.Stats().Waiting; n != 0 {
			t.Errorf("%d reports of a clock that is gone", n)
		}
	})
}
