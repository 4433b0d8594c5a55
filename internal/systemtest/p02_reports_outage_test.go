package systemtest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestFault_07_ReportsAfterARestart: subscriptions and retained values come back without user
// code, as old as they are; the outage is a gap; an address of the old exchange is over.
func TestFault_07_ReportsAfterARestart(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", &service.ServiceOptions{Groups: []string{"sky"}})
		n.announce(clock)
		retain(t, clock, "started", "noon")
		publish(t, clock, "state", 1, service.PublishOptions{Lifetime: time.Minute})
		publish(t, clock, "short", 2, service.PublishOptions{Lifetime: 20 * time.Second})
		published := time.Now()
		conn := n.connect(nil)
		byName := subscribe(t, conn, service.SubscribeOptions{Service: "clock"})
		byGroup := subscribe(t, conn, service.SubscribeOptions{Group: "sky", Subjects: []string{"state"}})
		byAddress := subscribe(t, conn, service.SubscribeOptions{Address: clock.Address(), Subjects: []string{"state"}})
		byName.wantsAll("clock started noon retained", "clock state 1 retained", "clock short 2 retained")
		byGroup.wants("clock state 1 retained")
		byAddress.wants("clock state 1 retained")
		time.Sleep(10 * time.Second)

		n.close()
		time.Sleep(time.Second)
		if err := clock.Publish(t.Context(), "tick", 1); !errors.Is(err, service.ErrUnreachable) {
			t.Errorf("Publish = %v, want unreachable", err)
		}
		time.Sleep(14 * time.Second)
		n.open()
		byName.wants("gap ?")
		byName.wantsAll("clock started noon retained", "clock state 1 retained")
		byGroup.wants("gap ?")
		report, err := byGroup.sub.Next(t.Context())
		if got := reported(report, err); got != "clock state 1 retained" {
			t.Errorf("got %q, want the state again", got)
		}
		if age := published.Sub(report.Time); age < -100*time.Millisecond || age > 100*time.Millisecond {
			t.Errorf("the state is said to be of %v, want %v", report.Time, published)
		}
		byAddress.wants(byAddress.sub.Err().Error())
		if err := byAddress.sub.Err(); !errors.Is(err, service.ErrNoService) {
			t.Errorf("by address it ended with %v, want no_service", err)
		}
		publish(t, clock, "tick", 2, service.PublishOptions{})
		byName.wants("clock tick 2")

		late := n.connect(nil)
		look := func(lines ...string) {
			t.Helper()
			r := subscribe(t, late, service.SubscribeOptions{Service: "clock", Subjects: []string{"s*"}})
			r.wantsAll(lines...)
			r.wantsNothing()
			r.sub.Close()
		}
		look("clock started noon retained", "clock state 1 retained")
		time.Sleep(30 * time.Second) // 55 s after it was published
		look("clock started noon retained", "clock state 1 retained")
		time.Sleep(6 * time.Second)
		look("clock started noon retained")
	})
}

// TestFault_38_NeverAGhost: the values of a publisher that died are gone for the next
// subscriber, and its others hear that it went.
func TestFault_38_NeverAGhost(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		clock, other := service.New("clock", nil), service.New("clock", nil)
		host := n.announce(clock)
		n.announce(other)
		retain(t, clock, "started", "noon")
		retain(t, other, "started", "one")
		conn := n.connect(nil)
		r := subscribe(t, conn, service.SubscribeOptions{Service: "clock"})
		r.wants("clock started noon retained", "clock started one retained")
		w, err := r.sub.Publishers()
		if err != nil {
			t.Fatal(err)
		}
		publishers := &watching{t, w}
		publishers.wants("available clock", "available clock", "synced")
		host.Close()
		publishers.wants("withdrawn clock (closed)")
		late := subscribe(t, conn, service.SubscribeOptions{Service: "clock"})
		late.wants("clock started one retained")
		late.wantsNothing()
		w.Close()
	})
}

// TestLateSubscriberGetsTheRetainedValue marked, with the time it was published.
func TestLateSubscriberGetsTheRetainedValue(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		n.announce(clock)
		retain(t, clock, "started", "noon")
		began := time.Now()
		time.Sleep(time.Hour)
		r := subscribe(t, n.connect(nil), service.SubscribeOptions{Service: "clock"})
		report, err := r.sub.Next(t.Context())
		if err != nil || !report.Retained || report.Time.Sub(began).Abs() > 100*time.Millisecond {
			t.Errorf("got %+v, %v; want one retained, of %v", report, err, began)
		}
	})
}

// TestPublishersComeBackToTheirAudience: after a restart the publisher is told again who
// listens.
func TestPublishersComeBackToTheirAudience(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		n.announce(clock)
		conn := n.connect(nil)
		subscribe(t, conn, service.SubscribeOptions{Service: "clock"})
		synctest.Wait()
		notices := tellOf(t, clock)
		notices.wants("subscribed "+conn.Address().String()+" []", "synced")
		address := conn.Address().String()
		n.close()
		notices.wants("unsubscribed " + address + " [] (exchange-lost)")
		n.open()
		time.Sleep(5 * time.Second)
		again := []string{testnet.Receive(t, "a notice", notices.events), testnet.Receive(t, "a notice", notices.events)}
		slices.Sort(again) // who comes back first is anybody's guess
		if want := []string{"subscribed " + conn.Address().String() + " []", "synced"}; !slices.Equal(again, want) {
			t.Errorf("told %q, want %q", again, want)
		}
	})
}

// TestPublishFromWithinHandlers: a handler of reports and a handler of calls both publish.
func TestPublishFromWithinHandlers(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		relay, source := service.New("relay", nil), service.New("source", nil)
		relay.Export("say", func(ctx context.Context, text string) error {
			return relay.PublishWith(ctx, "said", text, service.PublishOptions{Confirm: true})
		}, nil)
		conn := n.announce(relay)
		n.announce(source)
		got := &pushed{}
		var err error
		got.sub, err = conn.Subscribe(service.SubscribeOptions{
			Service: "source",
			OnReport: func(ctx context.Context, r service.Report) {
				got.note(r, nil)
				if err := relay.PublishWith(ctx, r.Subject, r.Raw(), service.PublishOptions{Confirm: true}); err != nil {
					t.Errorf("publish from a handler of reports: %v", err)
				}
			},
			OnGap: func(_ context.Context, gap *service.GapError) { got.note(service.Report{}, gap) },
		})
		if err != nil {
			t.Fatal(err)
		}
		(&reader{t, got.sub}).synced()
		client := n.connect(nil)
		r := subscribe(t, client, service.SubscribeOptions{Service: "relay"})
		publish(t, source, "news", "rain", service.PublishOptions{})
		r.wants("relay news rain")
		if _, err := client.Endpoint("relay").Call(t.Context(), "say", "hello"); err != nil {
			t.Fatal(err)
		}
		r.wants("relay said hello")
		testnet.WaitFor(t, "the handler", func() bool { return len(got.all()) == 1 })
		got.sub.Close()
		testnet.Receive(t, "the end of the handler", got.sub.Done())
	})
}
