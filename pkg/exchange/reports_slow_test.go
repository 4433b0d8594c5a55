package exchange

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/pkg/wire"
)

// publishMany publishes values from..to, padded to size, without waiting for each.
func (p *process) publishMany(subject string, from, to, size int) {
	p.t.Helper()
	for v := from; v <= to; v++ {
		p.raw(publishFrame(0, 0, wire.Publish{}, subject, padded(v, size)))
		if v%16 == 0 {
			synctest.Wait()
		}
	}
	synctest.Wait()
}

func TestFault_11_SlowSubscriberIsToldExactlyWhatItMisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const published = 3_000
		e, clock, cli, _ := clockAnd(t, small(Limits{}))
		cli.subscribed(ofName(1, "clock"))
		slow := newTrickle(t, e, &wire.Subscribe{ID: 1, Scope: wire.ScopeGlob, Target: "clock", Queue: 100})
		start := time.Now()
		for from := 1; from < published; from += 300 {
			clock.publishMany("tick", from, from+299, 1_000)
			slow.take(30_000)
		}
		if d := time.Since(start); d > 0 {
			t.Errorf("publishing took %v of virtual time, want none", d)
		}
		if n := len(cli.frames); n != published {
			t.Errorf("another subscriber got %d reports, want %d", n, published)
		}
		var sessions []SessionInfo
		clock.house("sessions", &sessions)
		info := sessions[2]
		if info.LostReports == 0 || info.QueueBytes < 100*1_000 || info.QueueBytes > 2*wire.MaxAnnounce {
			t.Errorf("the slow session shows %d lost reports and %d bytes waiting, want some, and its bound", info.LostReports, info.QueueBytes)
		}
		got := count(t, slow.all(), 1, true)
		if got.reports+got.missing != published || uint64(got.missing) != info.LostReports {
			t.Errorf("got %+v, want %d together and %d missing", got, published, info.LostReports)
		}
	})
}

func TestFault_12_StoppedSubscriberCostsAtMostItsBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound = 64 << 10
		e, clock, _, _ := clockAnd(t, small(Limits{ReportBytes: bound, ReportsBytes: bound * 3 / 2}))
		subs := []*wire.Subscribe{ofName(1, "clock"), ofName(2, "clock"), ofName(3, "clock")}
		stopped := newTrickle(t, e, subs...)
		clock.publishMany("tick", 1, 1_000, 2_000)
		s := e.sessions[stopped.number()]
		if n := s.waiting.bytes.Load(); n > bound*3/2 {
			t.Errorf("%d bytes wait for the session, want at most %d", n, bound*3/2)
		}
		for _, b := range subs {
			if n := e.subscriptions[subID{s.number, b.ID}].queue.Bytes(); n > bound {
				t.Errorf("%d bytes wait for subscription %d, want at most %d", n, b.ID, bound)
			}
		}
		frames := stopped.all()
		for _, b := range subs {
			if got := count(t, frames, uint64(b.ID), true); got.reports+got.missing != 1_000 || got.missing == 0 {
				t.Errorf("subscription %d got %+v, want 1,000 together", b.ID, got)
			}
		}
		synctest.Wait()
		if n := s.waiting.bytes.Load(); n != 0 {
			t.Errorf("%d bytes wait for a session that has ended", n)
		}
	})
}

func TestWhatWaitsComesWithoutAnybodysHelp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const published = 12_000
		e, clock, _, _ := clockAnd(t, small(Limits{}))
		stopped := newTrickle(t, e, ofName(1, "clock"), ofName(2, "clock"))
		clock.publishMany("tick", 1, published, 1)
		if n := e.Subscriptions()[1].Queued; n < 3*maxPages*pageReports {
			t.Fatalf("%d reports wait, want more than are sent at once", n)
		}
		frames := stopped.all() // from here on nobody publishes
		for id := range uint64(2) {
			if got := count(t, frames, id+1, true); got.reports != published {
				t.Errorf("subscription %d got %+v, want %d", id+1, got, published)
			}
		}
	})
}

func TestLatestKeepsOneOfEachSubject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, _, _ := clockAnd(t, small(Limits{}))
		slow := newTrickle(t, e, &wire.Subscribe{ID: 1, Scope: wire.ScopeGlob, Target: "clock", Policy: wire.PolicyLatest})
		for round := range 100 {
			for subject := range 10 {
				clock.publishMany(fmt.Sprint("s", subject), round+1, round+1, 4_000)
			}
		}
		frames := slow.all()
		got := count(t, frames, 1, false)
		if got.reports+got.missing != 1_000 || got.missing == 0 {
			t.Errorf("got %+v, want 1,000 together", got)
		}
		for i, f := range frames[len(frames)-10:] {
			if text := heardText(t, f); text != fmt.Sprintf("1 clock s%d=100", i) {
				t.Errorf("of the last ten, %d is %q, want the latest", i, text)
			}
		}
	})
}

func TestDisconnectEndsTheSubscriptionBehindWhatWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, _, number := clockAnd(t, small(Limits{}))
		lossless := &wire.Subscribe{ID: 1, Scope: wire.ScopeGlob, Target: "clock", Policy: wire.PolicyDisconnect, Queue: 50}
		slow := newTrickle(t, e, lossless, ofName(2, "clock", "late"))
		clock.ask(&wire.Watch{ID: 1, Scope: wire.ScopeSubscribers, Pattern: fmt.Sprintf("clock@%d", number)})
		clock.events(3)
		clock.publishMany("tick", 1, 1_000, 1_000)
		slow.take(900_000)
		if got := clock.events(1)[0]; got != "unsubscribed @6 slow" {
			t.Errorf("the publisher heard %q, want unsubscribed @6 slow", got)
		}
		clock.publishMany("late", 1, 1, 10)
		slow.send(wire.AppendMessage(nil, 9, 0, lossless)) // its number is free again
		synctest.Wait()
		clock.publishMany("tick", 1_001, 1_001, 10)
		var order []string
		frames := slow.all()
		for _, f := range frames {
			if text := heardText(t, f); f.Kind == wire.KindNotice || f.ID == 2 || text == "1 clock tick=1001" {
				order = append(order, text)
			}
		}
		want := "[1 synced Done 2 synced 1 ended 2 clock late=1 1 synced 1 clock tick=1001]"
		if fmt.Sprint(order) != want {
			t.Errorf("got %v, want %v", order, want)
		}
		got := count(t, frames[:len(frames)-3], 1, true)
		if got.missing != 0 || got.reports < 50 {
			t.Errorf("got %+v, want all up to its end", got)
		}
	})
}

func TestAReportLargerThanHalfAnOutboxGoesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, clock, cli, _ := clockAnd(t, small(Limits{}))
		cli.subscribed(ofName(1, "clock"))
		clock.publishMany("tick", 1, 5, wire.MaxAnnounce-200)
		cli.heard("1 clock tick=1", "1 clock tick=2", "1 clock tick=3", "1 clock tick=4", "1 clock tick=5")
		frame := func(size int) []byte { return publishFrame(clock.next, 0, wire.Publish{}, "s", padded(1, size)) }
		clock.next++
		largest := wire.MaxAnnounce - len(frame(1<<16)) + 1<<16 // as a report it is longer by the name
		clock.raw(frame(largest))
		clock.refused(wire.CodeTooLarge)
	})
}

// Whatever is published, read and configured: what came and what was told to be missing is
// what was published, in order.
func TestGapsAreExactWhateverHappens(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			sub := &wire.Subscribe{ID: 1, Scope: wire.ScopeGlob, Target: "clock"}
			sub.Queue = rapid.Uint32Range(1, 40).Draw(r, "queue")
			sub.Policy = rapid.SampledFrom([]wire.Policy{wire.PolicyDropOldest, wire.PolicyLatest}).Draw(r, "policy")
			other := *sub
			other.ID = 2
			e, clock, _, _ := clockAnd(t, small(Limits{ReportsBytes: rapid.IntRange(1, 300_000).Draw(r, "bytes")}))
			slow := newTrickle(t, e, sub, &other)
			published := 0
			for range rapid.IntRange(1, 12).Draw(r, "rounds") {
				n := rapid.IntRange(1, 60).Draw(r, "reports")
				clock.publishMany("tick", published+1, published+n, rapid.IntRange(0, 8_000).Draw(r, "size"))
				published += n
				if rapid.Bool().Draw(r, "reads") {
					slow.take(rapid.IntRange(1, 400_000).Draw(r, "bytes"))
				}
			}
			frames := slow.all()
			for id := range uint64(2) {
				if got := count(t, frames, id+1, true); got.reports+got.missing != published {
					t.Errorf("subscription %d got %+v, want %d together", id+1, got, published)
				}
			}
			e.Close()
		})
	})
}
