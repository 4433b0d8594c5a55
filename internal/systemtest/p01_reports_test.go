package systemtest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestP1_BySubjectNameAddressAndGroup: who has subscribed how gets what, from instances that
// are there and from those that come later.
func TestP1_BySubjectNameAddressAndGroup(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		first, other := service.New("clock", nil), service.New("sun", &service.ServiceOptions{Groups: []string{"sky"}})
		n.announce(first)
		n.announce(other)
		conn := n.connect(nil)
		byName := subscribe(t, conn, service.SubscribeOptions{Service: "clock", Subjects: []string{"tick", "to?k"}})
		byGlob := subscribe(t, conn, service.SubscribeOptions{Service: "*", Subjects: []string{"t*"}})
		byAddress := subscribe(t, conn, service.SubscribeOptions{Address: first.Address()})
		byGroup := subscribe(t, conn, service.SubscribeOptions{Group: "sky"})

		publish(t, first, "tick", 1, service.PublishOptions{})
		publish(t, first, "other", 2, service.PublishOptions{})
		publish(t, other, "tick", 3, service.PublishOptions{})
		later := service.New("clock", &service.ServiceOptions{Groups: []string{"sky"}})
		n.announce(later)
		publish(t, later, "tock", 4, service.PublishOptions{})

		byName.wants("clock tick 1", "clock tock 4")
		byGlob.wants("clock tick 1", "sun tick 3", "clock tock 4")
		byAddress.wants("clock tick 1", "clock other 2")
		byGroup.wants("sun tick 3", "clock tock 4")
		for _, r := range []*reader{byName, byGlob, byAddress, byGroup} {
			r.wantsNothing()
		}
	})
}

// TestP2_Lifetimes: the last value of a subject is retained as long as was said, and dies
// with its publisher.
func TestP2_Lifetimes(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		host := n.announce(clock)
		retain(t, clock, "started", "noon")
		publish(t, clock, "short", 1, service.PublishOptions{Lifetime: 2 * time.Second})
		publish(t, clock, "passing", 2, service.PublishOptions{})
		retain(t, clock, "cleared", 3)
		publish(t, clock, "cleared", 4, service.PublishOptions{})
		conn := n.connect(nil)
		look := func(lines ...string) {
			t.Helper()
			r := subscribe(t, conn, service.SubscribeOptions{Service: "clock"})
			r.wantsAll(lines...)
			r.wantsNothing()
			r.sub.Close()
		}
		time.Sleep(1900 * time.Millisecond)
		look("clock started noon retained", "clock short 1 retained")
		time.Sleep(200 * time.Millisecond)
		look("clock started noon retained")
		host.Close()
		time.Sleep(time.Second)
		look()
	})
}

// TestP3_RetainedValuesFirst, then each change: no hole, and never an older value behind a
// newer, while the publisher goes on at full speed. A retained value that is replaced before
// it could be sent is left out, for the newer one is behind it already.
func TestP3_RetainedValuesFirst(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		n.announce(clock)
		retain(t, clock, "count", 0)
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			opts := service.PublishOptions{Lifetime: service.WhileAnnounced}
			for count := 1; ctx.Err() == nil; count++ {
				opts.Confirm = count%100 == 0 // a window, so that the test is not about gaps
				clock.PublishWith(ctx, "count", count, opts)
			}
		}()
		defer func() { stop(); <-stopped }()
		conn := n.connect(nil)
		marked := 0
		for range 20 {
			r := subscribe(t, conn, service.SubscribeOptions{Service: "clock", Subjects: []string{"count"}})
			marked += follows(t, r, 50)
			r.sub.Close()
		}
		if marked == 0 {
			t.Error("no value was retained")
		}
	})
}

// follows reads so many reports, each of which must be the successor of the one before, and
// only the first of which may be a retained one.
func follows(t *testing.T, r *reader, reports int) (marked int) {
	t.Helper()
	last := int64(-1)
	for i := range reports {
		ctx, cancel := context.WithTimeout(t.Context(), testnet.Patience)
		report, err := r.sub.Next(ctx)
		cancel()
		if err != nil {
			t.Fatalf("report %d: %v", i, err)
		}
		v := report.Value().(int64)
		if i > 0 && (report.Retained || v != last+1) {
			t.Fatalf("report %d is %d, retained: %v; the one before was %d", i, v, report.Retained, last)
		}
		if report.Retained {
			marked++
		}
		last = v
	}
	return marked
}

// TestP4_PublisherAndSubscriberHearOfEachOther: subscribed, unsubscribed and died, with the
// address; appeared and gone.
func TestP4_PublisherAndSubscriberHearOfEachOther(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		early := n.connect(nil)
		at := early.Address()
		subscribe(t, early, service.SubscribeOptions{Service: "clock", Subjects: []string{"t*"}})
		publishers := watch(t, early, service.WatchOptions{Glob: "clock"})
		publishers.wants("synced")
		host := n.announce(clock)
		publishers.wants("available clock")
		notices := tellOf(t, clock)
		notices.wants(fmt.Sprintf("subscribed %s [t*]", at), "synced")
		if !clock.Watched("tick") || clock.Watched("x") {
			t.Error("Watched does not follow the patterns")
		}

		late := n.connect(nil)
		other := subscribe(t, late, service.SubscribeOptions{Address: clock.Address(), Subjects: []string{"a", "b"}})
		notices.wants(fmt.Sprintf("subscribed %s [a b]", late.Address()))
		if err := other.sub.Unsubscribe("a"); err != nil {
			t.Fatal(err)
		}
		notices.wants(fmt.Sprintf("subscribed %s [b]", late.Address()))
		address := late.Address()
		other.sub.Close()
		notices.wants(fmt.Sprintf("unsubscribed %s [b] (closed)", address))
		early.Close()
		notices.wants(fmt.Sprintf("unsubscribed %s [t*] (closed)", at))
		if clock.Watched("tick") {
			t.Error("watched by nobody")
		}
		host.Close()
	})
}

// TestP5_DirectedReport reaches the subscriptions of one connection.
func TestP5_DirectedReport(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		n.announce(clock)
		retain(t, clock, "tick", 0)
		one, two := n.connect(nil), n.connect(nil)
		first := subscribe(t, one, service.SubscribeOptions{Service: "clock"})
		second := subscribe(t, two, service.SubscribeOptions{Service: "clock"})
		testnet.WaitFor(t, "the subscribers", func() bool { return len(clock.Subscribers()) == 2 })
		to := clock.Subscribers()[0].Info.Address
		if to != one.Address() {
			t.Fatalf("the first subscriber is %s, want %s", to, one.Address())
		}
		publish(t, clock, "tick", 1, service.PublishOptions{To: to})
		publish(t, clock, "tick", 2, service.PublishOptions{})
		first.wants("clock tick 0 retained", "clock tick 1", "clock tick 2")
		second.wants("clock tick 0 retained", "clock tick 2")
	})
}

// TestP5_NewcomerIsGreeted: a publisher that hears of a subscription can send it the whole
// state, and nobody else.
func TestP5_NewcomerIsGreeted(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		n.announce(clock)
		old := subscribe(t, n.connect(nil), service.SubscribeOptions{Service: "clock", Subjects: []string{"hello", "tick"}})
		clock.OnSubscriber(func(e service.SubscriberEvent) {
			if e.Kind == service.Subscribed && e.Subscriber.Wants("hello") && len(e.Subscriber.Patterns) == 1 {
				to := e.Subscriber.Info.Address
				if err := clock.PublishWith(t.Context(), "hello", to.String(), service.PublishOptions{To: to, Confirm: true}); err != nil {
					t.Errorf("publish: %v", err)
				}
			}
		})
		conn := n.connect(nil)
		fresh := subscribe(t, conn, service.SubscribeOptions{Service: "clock", Subjects: []string{"hello"}})
		fresh.wants("clock hello " + conn.Address().String())
		publish(t, clock, "tick", 1, service.PublishOptions{})
		old.wants("clock tick 1")
	})
}

// TestP7_OneReportOnceTwoSubscriptionsEach: several patterns that select a report hand it on
// once; a second subscription has its own, and its own end.
func TestP7_OneReportOnceTwoSubscriptionsEach(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		n.announce(clock)
		conn := n.connect(nil)
		one := subscribe(t, conn, service.SubscribeOptions{Service: "clock", Subjects: []string{"*", "t*", "tick"}})
		two := subscribe(t, conn, service.SubscribeOptions{Service: "clock", Subjects: []string{"tick"}})
		publish(t, clock, "tick", 1, service.PublishOptions{})
		one.wants("clock tick 1")
		two.wants("clock tick 1")
		one.sub.Close()
		publish(t, clock, "tick", 2, service.PublishOptions{})
		two.wants("clock tick 2")
		one.wants(service.ErrClosed.Error())
	})
}

// TestP8_InOrderPerPublisher: two publishers at full speed, none of whose reports overtakes
// another of the same, and what one subscriber does not get he is told.
func TestP8_InOrderPerPublisher(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		const reports = 3000
		names := []string{"one", "two"}
		conn := n.connect(nil)
		r := subscribe(t, conn, service.SubscribeOptions{Group: "pair", Subjects: []string{"count"}})
		for _, name := range names {
			s := service.New(name, &service.ServiceOptions{Groups: []string{"pair"}})
			n.announce(s)
			go func() {
				for i := range reports {
					if err := s.Publish(t.Context(), "count", i); err != nil {
						t.Errorf("publish: %v", err)
					}
				}
			}()
		}
		next := map[string]int64{}
		for range len(names) * reports {
			ctx, cancel := context.WithTimeout(t.Context(), testnet.Patience)
			report, err := r.sub.Next(ctx)
			cancel()
			if err != nil {
				t.Fatal(err)
			}
			from := report.Publisher.Name
			if v := report.Value().(int64); v != next[from] {
				t.Fatalf("report %d of %s, want %d", v, from, next[from])
			}
			next[from]++
		}
		if next["one"] != reports || next["two"] != reports {
			t.Errorf("got %v, want %d of each", next, reports)
		}
	})
}

// TestB1_UnsubscribeWithoutAPattern ends the whole subscription, at the exchange, too.
func TestB1_UnsubscribeWithoutAPattern(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		n.announce(clock)
		r := subscribe(t, n.connect(nil), service.SubscribeOptions{Service: "clock", Subjects: []string{"a", "b", "c"}})
		testnet.WaitFor(t, "the subscriber", func() bool { return clock.Watched("b") })
		if err := r.sub.Unsubscribe(); err != nil {
			t.Fatal(err)
		}
		testnet.WaitFor(t, "its end", func() bool { return len(clock.Subscribers()) == 0 })
		publish(t, clock, "a", 1, service.PublishOptions{})
		r.wants(service.ErrClosed.Error())
	})
}

// TestB7_ExpiryAtAgeZero forgets all that match.
func TestB7_ExpiryAtAgeZero(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		n.announce(clock)
		conn := n.connect(nil)
		present := func() []string {
			r := subscribe(t, conn, service.SubscribeOptions{Service: "clock"})
			defer r.sub.Close()
			var lines []string
			for range r.sub.Stats().Waiting {
				lines = append(lines, r.next())
			}
			slices.Sort(lines)
			return lines
		}
		expire := func(pattern string, age time.Duration, want ...string) {
			t.Helper()
			if err := clock.Expire(t.Context(), pattern, age); err != nil {
				t.Fatal(err)
			}
			if got := present(); !slices.Equal(got, want) {
				t.Errorf("after Expire(%q, %v) there is %q, want %q", pattern, age, got, want)
			}
		}
		retain(t, clock, "a/1", 1)
		retain(t, clock, "b/1", 1)
		time.Sleep(10 * time.Second)
		retain(t, clock, "a/2", 2)
		expire("a/*", 5*time.Second, "clock a/2 2 retained", "clock b/1 1 retained")
		expire("*", 0)
	})
}
