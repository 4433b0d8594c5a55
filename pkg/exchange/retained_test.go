package exchange

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestFault_38_ExpiredValuesReachNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, cli, _ := clockAnd(t, nil)
		defer keepAlive(clock)()
		defer keepAlive(cli)()
		clock.publish("short", 1, wire.Publish{Lifetime: 2})
		clock.publish("long", 2, wire.Publish{Lifetime: 60})
		clock.publish("ever", 3, retain)
		kept := &e.sessions[clock.welcome.Session].kept
		time.Sleep(2*time.Second - time.Millisecond)
		cli.subscribe(ofName(1, "clock", "short"))
		cli.heard("1 clock short=1 retained", "1 synced")
		time.Sleep(time.Millisecond)
		cli.subscribed(ofName(2, "clock", "short"))
		time.Sleep(2 * time.Second) // nobody asks, and it is thrown away
		if n := kept.subjects.Load(); n != 2 {
			t.Errorf("%d values are retained, want 2", n)
		}
		time.Sleep(60 * time.Second)
		cli.subscribe(ofName(3, "clock"))
		cli.heard("3 clock ever=3 retained", "3 synced")
		if n := kept.subjects.Load(); n != 1 {
			t.Errorf("%d values are retained, want 1", n)
		}
		clock.publish("short", 4, wire.Publish{Lifetime: 1}) // the sweep begins anew
		cli.heard("1 clock short=4", "2 clock short=4", "3 clock short=4")
		time.Sleep(3 * time.Second)
		if n := kept.subjects.Load(); n != 1 {
			t.Errorf("%d values are retained, want 1", n)
		}
	})
}

func TestFault_38_NoGhostOfAPublisherThatHasGone(t *testing.T) {
	for name, end := range map[string]func(*process){
		"withdrawn": func(p *process) { p.ask(&wire.Withdraw{}); p.expect(wire.KindDone) },
		"killed":    func(p *process) { p.link.Close(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, clock, cli, _ := clockAnd(t, nil)
				clock.publish("started", 1, retain)
				kept := &e.sessions[clock.welcome.Session].kept
				end(clock)
				synctest.Wait()
				cli.subscribed(ofName(1, "clock"))
				if s, b := kept.subjects.Load(), kept.bytes.Load(); s != 0 || b != 0 {
					t.Errorf("%d values of %d bytes are retained, want none", s, b)
				}
			})
		})
	}
}

// A subscriber that reads late gets what is retained when it reads, not what was.
func TestFault_38_WhatWaitsForASlowSubscriberIsNeitherOldNorExpiredNorAGhost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, _, _ := clockAnd(t, small(Limits{}))
		ghost := connect(t, e, "ghost")
		ghost.announce(&wire.Announce{Name: "ghost"})
		for i := range 100 {
			clock.raw(publishFrame(0, 0, retain, fmt.Sprintf("a%d", i), padded(1, 8_000)))
			ghost.raw(publishFrame(0, 0, retain, fmt.Sprintf("b%d", i), padded(1, 8_000)))
			clock.raw(publishFrame(0, 0, wire.Publish{Lifetime: 5}, fmt.Sprintf("c%d", i), padded(1, 8_000)))
			synctest.Wait()
		}
		slow := newTrickle(t, e, &wire.Subscribe{ID: 1}, ofName(2, "ghost"))
		for i := range 100 {
			clock.publish(fmt.Sprintf("a%d", i), 2, retain)
		}
		clock.ask(&wire.Expire{Pattern: "a1*"})
		clock.expect(wire.KindDone)
		ghost.link.Close(nil)
		stop := keepAlive(clock)
		time.Sleep(6 * time.Second)
		stop()
		frames := slow.all()
		count(t, frames, 1, false)
		last, outdated := map[string]string{}, 0
		for _, f := range frames {
			if f.Kind != wire.KindReport {
				continue
			}
			r, _ := wire.ParseReport(f.body)
			last[string(r.Subject)] = heardText(t, f)
			if reported(t, r.Value) == 1 {
				outdated++
			}
		}
		for i := range 100 {
			if s := fmt.Sprintf("a%d", i); last[s] != fmt.Sprintf("1 clock %s=2", s) {
				t.Errorf("the last of %s is %q, want 2", s, last[s])
			}
		}
		if outdated < 30 || outdated > 60 {
			t.Errorf("%d values came that are replaced, expired or of the ghost; want those that had been sent", outdated)
		}
	})
}

// What a member retains while it is out of a group comes behind what it published before.
func TestARejoiningPublisherIsNeverHeardBackwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, _, _ := clockAnd(t, small(Limits{}))
		slow := newTrickle(t, e, &wire.Subscribe{ID: 1, Scope: wire.ScopeGroup, Target: "time"})
		update := func(u *wire.Update) {
			clock.ask(u)
			clock.expect(wire.KindDone)
		}
		clock.publishMany("tick", 1, 150, 4_000)
		clock.publish("tick", 151, retain)
		for v := 152; v < 160; v += 2 {
			update(&wire.Update{Leave: []string{"time"}})
			clock.publish("tick", v, retain)
			update(&wire.Update{Join: []string{"time"}})
			clock.publish("tick", v+1, wire.Publish{})
			clock.publish("tock", v, retain)
		}
		update(&wire.Update{Leave: []string{"time"}})
		clock.publish("tick", 160, retain)
		update(&wire.Update{Join: []string{"time"}})
		frames := slow.all()
		if got := count(t, frames, 1, false); got.retained != 2 || got.reports != 159 {
			t.Errorf("got %+v, want 2 values retained and 159 reports", got)
		}
		if text := heardText(t, frames[len(frames)-1]); text != "1 clock tick=160 retained" {
			t.Errorf("the last is %q, want what is retained", text)
		}
	})
}

func TestRetainedValuesBeyondTheBoundAreAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, cli, _ := clockAnd(t, nil)
		for _, subject := range []string{"a", "b", "c"} {
			clock.publish(subject, 1, retain)
		}
		values := &e.sessions[cli.welcome.Session].waiting.values
		values.Store(maxReplayed - 2)
		cli.subscribe(ofName(1, "clock"))
		cli.heard("1 gap 3", "1 synced")
		cli.subscribe(ofName(2, "clock", "a"))
		cli.heard("2 clock a=1 retained", "2 synced")
		if n := values.Load(); n != maxReplayed-2 {
			t.Errorf("%d values are counted, want none more than before", n)
		}
	})
}

// B7: expiring at age 0 expires all that match.
func TestExpireForgetsByPatternAndAge(t *testing.T) {
	for name, tt := range map[string]struct {
		expire wire.Expire
		want   []string
	}{
		"age 0 is all":   {wire.Expire{Pattern: "*"}, nil},
		"a pattern":      {wire.Expire{Pattern: "a*"}, []string{"1 clock b=2 retained"}},
		"only old ones":  {wire.Expire{Pattern: "*", AgeMS: 1_000}, []string{"1 clock b=2 retained"}},
		"none so old":    {wire.Expire{Pattern: "*", AgeMS: 1_001}, []string{"1 clock a=1 retained", "1 clock b=2 retained"}},
		"none that fits": {wire.Expire{Pattern: "?c"}, []string{"1 clock a=1 retained", "1 clock b=2 retained"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, clock, cli, _ := clockAnd(t, nil)
				clock.publish("a", 1, retain)
				time.Sleep(time.Second)
				clock.publish("b", 2, wire.Publish{Lifetime: 60})
				clock.ask(&tt.expire)
				clock.expect(wire.KindDone)
				cli.subscribe(ofName(1, "clock"))
				var got []string
				for text := heardText(t, cli.read()); text != "1 synced"; text = heardText(t, cli.read()) {
					got = append(got, text)
				}
				if fmt.Sprint(got) != fmt.Sprint(tt.want) {
					t.Errorf("retained %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestExpireIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, clock, _, _ := clockAnd(t, nil)
		clock.ask(&wire.Expire{Handle: 5, Pattern: "*"})
		clock.refused(wire.CodeNoService)
		clock.ask(&wire.Expire{Pattern: "a b"})
		clock.refused(wire.CodeBadParams)
	})
}

func TestAValueComesAgainWithTheTimeItHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, clock, cli, _ := clockAnd(t, nil)
		cli.subscribed(ofName(1, "clock"))
		again := func(subject string, how wire.Publish) {
			clock.next++
			f := publishFrame(clock.next, 0, how, subject, 1)
			f[5] = wire.FlagRetained
			clock.raw(f)
			clock.expect(wire.KindDone)
		}
		at := time.Now().UnixMilli() - 4_000
		again("gone", wire.Publish{Lifetime: 4, AgeMS: 4_000})
		again("left", wire.Publish{Lifetime: 5, AgeMS: 4_000})
		again("ever", wire.Publish{Lifetime: -1, AgeMS: 4_000})
		f := cli.expect(wire.KindReport)
		if r, _ := wire.ParseReport(f.body); r.Time != at || heardText(t, f) != "1 clock left=1 retained" {
			t.Errorf("got %q of %d, want left, retained, of %d", heardText(t, f), r.Time, at)
		}
		cli.heard("1 clock ever=1 retained")
		time.Sleep(time.Second)
		cli.subscribe(ofName(2, "clock"))
		cli.heard("2 clock ever=1 retained", "2 synced")
	})
}

func TestFault_37_SubjectsWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, cli, _ := clockAnd(t, small(Limits{Retained: 100, RetainedBytes: 50_000}))
		ask := func(subject string, v any) {
			clock.next++
			clock.raw(publishFrame(clock.next, 0, retain, subject, v))
		}
		for i := range 100 {
			ask(fmt.Sprint("s", i), i)
			clock.expect(wire.KindDone)
		}
		ask("s100", 0)
		if f := clock.refused(wire.CodeBusy); !strings.Contains(f.Description, "100 subjects") {
			t.Errorf("refused with %q, want the limit and its value", f.Description)
		}
		ask("s99", padded(0, 50_000))
		if f := clock.refused(wire.CodeBusy); !strings.Contains(f.Description, "50000 bytes") {
			t.Errorf("refused with %q, want the limit and its value", f.Description)
		}
		clock.raw(publishFrame(0, 0, retain, "s101", 0)) // counted only
		ask("s99", 100)                                  // the place of an older value
		clock.expect(wire.KindDone)
		clock.publish("s98", 0, wire.Publish{}) // makes room
		ask("s100", 0)
		clock.expect(wire.KindDone)
		var got Totals
		cli.house("stats", &got)
		if got.ReportsRefused != 3 || got.Published != 103 {
			t.Errorf("refused %d, published %d; want 3, 103", got.ReportsRefused, got.Published)
		}
		kept := &e.sessions[clock.welcome.Session].kept
		clock.ask(&wire.Withdraw{})
		clock.expect(wire.KindDone)
		if s, b := kept.subjects.Load(), kept.bytes.Load(); s != 0 || b != 0 {
			t.Errorf("%d values of %d bytes are retained, want none", s, b)
		}
	})
}

func TestFault_37_WhatIsRememberedOfSubjectsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, cli, number := clockAnd(t, nil)
		cli.subscribed(ofName(1, "clock"))
		for i := range maxMatches + 10 {
			clock.raw(publishFrame(0, 0, wire.Publish{}, fmt.Sprint("s", i), i))
		}
		synctest.Wait()
		o := &e.instances[number].outlet
		if n := len(o.matches); n != 10 || o.matched != n {
			t.Errorf("%d subjects with %d subscriptions are remembered, want 10, 10", n, o.matched)
		}
		if n := len(cli.frames); n != maxMatches+10 {
			t.Errorf("%d reports came, want all", n)
		}
	})
}

// Subscriptions that come while values are published get one that was retained, or none if
// it was replaced meanwhile, and then each change: no gap, and nothing older after newer.
func TestRetainedThenEachChangeUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const published, subscribers, each = 600, 8, 25
		e, clock, _, _ := clockAnd(t, nil)
		var wg sync.WaitGroup
		var asked atomic.Int32
		wg.Go(func() {
			for v := int32(1); v <= published; v++ {
				clock.raw(publishFrame(0, 0, retain, "v", int(v)))
				for asked.Load() < v*subscribers*each/published { // both go on until the end
					runtime.Gosched()
				}
			}
		})
		clients := make([]*process, subscribers)
		for i := range clients {
			p := connect(t, e, fmt.Sprint("cli", i))
			clients[i] = p
			wg.Go(func() {
				for id := uint32(1); id <= each; id++ {
					p.ask(ofName(id, "clock"))
					asked.Add(1)
				}
			})
		}
		wg.Wait()
		synctest.Wait()
		for _, p := range clients {
			byID := map[uint64][]frame{}
			for len(p.frames) > 0 {
				if f := p.read(); f.Kind == wire.KindReport {
					byID[f.ID] = append(byID[f.ID], f)
				}
			}
			for id, frames := range byID {
				checkRun(t, id, frames, published)
			}
		}
	})
}

// checkRun checks that reports are one run of values, of which only the first was retained,
// up to the last.
func checkRun(t *testing.T, id uint64, frames []frame, last int64) {
	t.Helper()
	before := int64(0)
	for i, f := range frames {
		r, _ := wire.ParseReport(f.body)
		v := reported(t, r.Value)
		if i > 0 && (v != before+1 || f.Flags&wire.FlagRetained != 0) {
			t.Fatalf("subscription %d: %s came after %d", id, heardText(t, f), before)
		}
		before = v
	}
	if before != last {
		t.Errorf("subscription %d ended with %d, want %d", id, before, last)
	}
}
