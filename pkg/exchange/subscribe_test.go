package exchange

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// B1: un-subscribing without a pattern ends it all.
func TestUnsubscribeWithoutAPatternEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, cli, _ := clockAnd(t, nil)
		cli.subscribed(ofName(1, "clock", "a*", "b*"))
		cli.ask(&wire.Unsubscribe{ID: 1})
		cli.expect(wire.KindDone)
		clock.publish("a", 1, wire.Publish{})
		cli.silent()
		if n := len(e.subscriptions); n != 0 {
			t.Errorf("%d subscriptions are left", n)
		}
	})
}

func TestUnsubscribeOfSomePatternsLeavesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, clock, cli, _ := clockAnd(t, nil)
		cli.subscribed(ofName(1, "clock", "a*", "b*", "c*"))
		clock.publish("a1", 1, wire.Publish{})
		cli.heard("1 clock a1=1")
		cli.ask(&wire.Unsubscribe{ID: 1, Patterns: []string{"a*", "x"}})
		cli.expect(wire.KindDone)
		clock.publish("a1", 2, wire.Publish{})
		clock.publish("b1", 3, wire.Publish{})
		cli.heard("1 clock b1=3")
		cli.ask(&wire.Unsubscribe{ID: 1, Patterns: []string{"b*", "c*"}}) // the last
		cli.expect(wire.KindDone)
		clock.publish("b1", 4, wire.Publish{})
		cli.silent()
	})
}

func TestNothingFollowsTheDoneOfAnUnsubscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, _, _ := clockAnd(t, small(Limits{}))
		slow := newTrickle(t, e, ofName(1, "clock"))
		clock.publishMany("tick", 1, 300, 4_000)
		slow.send(wire.AppendMessage(nil, 77, 0, &wire.Unsubscribe{ID: 1}))
		synctest.Wait()
		clock.publishMany("tick", 301, 400, 4_000)
		frames := slow.all()
		if last := frames[len(frames)-1]; last.Kind != wire.KindDone || last.ID != 77 {
			t.Errorf("the last frame is %v, want the Done", last.Header)
		}
		if n := len(frames); n < 50 || n > 250 {
			t.Errorf("%d frames came, want what had been sent before", n)
		}
	})
}

func TestSubscriptionsThatEndUnreadAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, _, _ := clockAnd(t, small(Limits{}))
		stopped := newTrickle(t, e, ofName(1, "clock"))
		s := e.sessions[stopped.number()]
		clock.publishMany("tick", 1, 300, 4_000)
		for range 500 {
			stopped.send(wire.AppendMessage(nil, 5, 0, ofName(2, "clock")))
			stopped.send(wire.AppendMessage(nil, 5, 0, ofName(3, "clock")))
			stopped.send(wire.AppendMessage(nil, 5, 0, &wire.Unsubscribe{ID: 2}))
			stopped.send(wire.AppendMessage(nil, 5, 0, &wire.Unsubscribe{ID: 3}))
		}
		synctest.Wait()
		if subs, gone := len(s.waiting.subs), len(s.waiting.gone); subs > 3 || gone > 2 {
			t.Errorf("%d subscriptions are in the list, %d of them ended; want one, and hardly more", subs, gone)
		}
		stopped.send(wire.AppendMessage(nil, 5, 0, ofName(2, "clock")))
		synctest.Wait()
		frames := stopped.all()
		if last := heardText(t, frames[len(frames)-1]); last != "1 clock tick=300" && last != "2 synced" {
			t.Errorf("the last is %q, want what the two that live are sent", last)
		}
		if got := count(t, frames, 1, true); got.reports+got.missing != 300 {
			t.Errorf("got %+v, want 300", got)
		}
	})
}

func TestDirectedReportsReachOneSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, cli, _ := clockAnd(t, nil)
		other := connect(t, e, "other")
		for _, p := range []*process{cli, other} {
			p.subscribed(ofName(1, "clock", "t*"))
			p.subscribed(ofName(2, "clock", "u*"))
		}
		clock.publish("tick", 1, retain)
		cli.heard("1 clock tick=1")
		other.heard("1 clock tick=1")
		clock.publish("tick", 2, wire.Publish{To: other.welcome.Session}) // what is retained stays
		other.heard("1 clock tick=2")
		cli.silent()
		clock.publish("tick", 3, wire.Publish{To: 4_711})
		cli.subscribe(ofName(3, "clock"))
		cli.heard("3 clock tick=1 retained", "3 synced")
		other.silent()
		clock.next++
		clock.raw(publishFrame(clock.next, 0, wire.Publish{To: other.welcome.Session, Lifetime: 1}, "tick", 4))
		clock.refused(wire.CodeBadParams)
	})
}

func TestPublishIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		handle  uint32
		subject string
		how     wire.Publish
		code    wire.Code
	}{
		"a subject with a blank":     {0, "a b", wire.Publish{}, wire.CodeBadParams},
		"a subject that is reserved": {0, "$x", wire.Publish{}, wire.CodeBadParams},
		"a pattern":                  {0, "a*", wire.Publish{}, wire.CodeBadParams},
		"a lifetime of -2":           {0, "a", wire.Publish{Lifetime: -2}, wire.CodeBadParams},
		"an instance there is not":   {5, "a", wire.Publish{}, wire.CodeNoService},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, clock, cli, _ := clockAnd(t, nil)
				cli.subscribed(&wire.Subscribe{ID: 1})
				clock.next++
				clock.raw(publishFrame(clock.next, tt.handle, tt.how, tt.subject, 1))
				clock.refused(tt.code)
				clock.raw(publishFrame(0, tt.handle, tt.how, tt.subject, 1)) // no answer
				clock.silent()
				cli.silent()
				if got := e.Stats(); got.ReportsRefused != 2 || got.Published != 0 {
					t.Errorf("refused %d, published %d; want 2, 0", got.ReportsRefused, got.Published)
				}
			})
		})
	}
}

func TestFault_19_BreachesOfReports(t *testing.T) {
	for name, raw := range map[string][]byte{
		"a short publish":           wire.AppendFrame(nil, &wire.Header{Kind: wire.KindPublish}, []byte{1}),
		"a publish without a value": wire.AppendFrame(nil, &wire.Header{Kind: wire.KindPublish}, append(make([]byte, 12), 1, 0, 'a')),
		"a publish without subject": wire.AppendFrame(nil, &wire.Header{Kind: wire.KindPublish}, append(make([]byte, 12), 0, 0, 1)),
		"a report from a process":   wire.AppendFrame(nil, &wire.Header{Kind: wire.KindReport}, make([]byte, 20)),
		"a gap from a process":      wire.AppendGap(nil, 1, 1),
		"a notice from a process":   wire.AppendMessage(nil, 0, 0, &wire.Notice{Kind: wire.NoticeSynced}),
		"a subscription of garbage": wire.AppendFrame(nil, &wire.Header{Kind: wire.KindSubscribe}, []byte{0xff}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := connect(t, newExchange(t, nil), "p")
				p.raw(raw)
				p.expect(wire.KindBye)
				p.ends()
			})
		})
	}
}

// B9: what nobody is subscribed to is counted.
func TestUnmatchedReportsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, clock, cli, _ := clockAnd(t, nil)
		cli.subscribed(ofName(1, "clock", "tick"))
		clock.publish("tick", 1, wire.Publish{})
		clock.publish("tock", 2, wire.Publish{})
		clock.publish("tick", 3, wire.Publish{To: 99})
		cli.heard("1 clock tick=1")
		var got Totals
		cli.house("stats", &got)
		if got.Published != 3 || got.ReportsDelivered != 1 || got.ReportsUnmatched != 2 || got.Subscriptions != 1 {
			t.Errorf("got %+v, want 3 published, 1 delivered, 2 unmatched, 1 subscription", got)
		}
	})
}

// B15: who follows one service hears of no other.
func TestWhoFollowsOneServiceHearsOfNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, cli, number := clockAnd(t, nil)
		cli.ask(&wire.Watch{ID: 1, Scope: wire.ScopeGlob, Pattern: "clock"})
		cli.events(3)
		cli.subscribed(ofName(1, "clock"))
		other := connect(t, e, "other")
		for i := range uint32(100) {
			other.announce(&wire.Announce{Handle: i, Name: fmt.Sprint("other", i)})
		}
		cli.silent()
		for _, w := range e.core.watches.names["clock"] {
			if w.id != (watchID{cli.welcome.Session, 1}) {
				t.Errorf("%v follows the name", w.id)
			}
		}
		if n := len(e.core.watches.globs) + len(e.core.interests.globs); n != 0 {
			t.Errorf("%d patterns are matched at each announcement, want none", n)
		}
		clock.ask(&wire.Withdraw{})
		if got := cli.events(2)[1]; got != fmt.Sprintf("withdrawn clock@%d closed", number) {
			t.Errorf("event %q", got)
		}
	})
}

func TestPublishersHearWhoSubscribes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, clock, cli, number := clockAnd(t, nil)
		cli.subscribed(ofName(1, "clock", "tick"))
		clock.ask(&wire.Watch{ID: 1, Scope: wire.ScopeSubscribers, Pattern: fmt.Sprintf("clock@%d", number)})
		me := fmt.Sprintf("@%d", cli.welcome.Session)
		want := func(events ...string) {
			t.Helper()
			if got := clock.events(len(events)); strings.Join(got, ", ") != strings.Join(events, ", ") {
				t.Errorf("heard %q, want %q", got, events)
			}
		}
		want("subscribed "+me, "synced")
		cli.subscribed(&wire.Subscribe{ID: 2, Scope: wire.ScopeGroup, Target: "time"})
		want("subscribed " + me)
		cli.ask(&wire.Unsubscribe{ID: 1})
		want("unsubscribed " + me + " closed")
		defer keepAlive(clock)()
		time.Sleep(20 * time.Second) // cli is silent, and dies
		want("unsubscribed " + me + " frozen")
		var infos []SubscriptionInfo
		other := connect(t, e, "other")
		other.subscribed(&wire.Subscribe{ID: 7, Scope: wire.ScopeAddress, Target: fmt.Sprintf("clock@%d", number), Patterns: []string{"b", "a"}, Policy: wire.PolicyLatest})
		want(fmt.Sprintf("subscribed @%d", other.welcome.Session))
		clock.publish("a", 1, wire.Publish{})
		other.heard("7 clock a=1")
		other.house("subscriptions", &infos)
		text := fmt.Sprintf("[{%d 7 clock@%d [a b] latest 1 0 0 1 0}]", other.welcome.Session, number)
		if fmt.Sprint(infos) != text {
			t.Errorf("subscriptions are %v, want %s", infos, text)
		}
	})
}

// A watch of subscribers that falls behind is told anew, as any watch.
func TestWatchesOfSubscribersAreToldAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _, cli, number := clockAnd(t, small(Limits{}))
		slow := newTrickle(t, e, ofName(1, "clock"))
		slow.send(wire.AppendMessage(nil, 5, 0, &wire.Watch{ID: 1, Scope: wire.ScopeSubscribers, Pattern: fmt.Sprintf("@%d", number)}))
		synctest.Wait()
		for range maxFeedEvents * 3 / 4 {
			cli.raw(wire.AppendMessage(nil, 1, 0, ofName(1, "clock", strings.Repeat("long", 60))))
			cli.raw(wire.AppendMessage(nil, 1, 0, &wire.Unsubscribe{ID: 1}))
			cli.expect(wire.KindDone)
			cli.expect(wire.KindNotice)
			cli.expect(wire.KindDone)
		}
		cli.subscribed(ofName(2, "clock"))
		events, present := eventsOf(t, slow.all()), map[string]bool{}
		resets := 0
		for _, ev := range events {
			who := fmt.Sprint(ev.Subscription)
			if ev.Info != nil {
				who += fmt.Sprint(" of ", ev.Info.Number)
			}
			switch ev.Kind {
			case wire.Reset:
				clear(present)
				resets++
			case wire.Subscribed:
				present[who] = true
			case wire.Unsubscribed:
				delete(present, who)
			}
		}
		if len(present) != 2 || !present[fmt.Sprint("2 of ", cli.welcome.Session)] || resets == 0 {
			t.Errorf("after %d resets %v are there, want two and a reset", resets, present)
		}
	})
}

func eventsOf(t *testing.T, frames []frame) (all []wire.Event) {
	t.Helper()
	for _, f := range frames {
		if f.Kind != wire.KindEvents {
			continue
		}
		m, err := wire.ParseMessage(f.Kind, f.body)
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range m.(*wire.Events).Events {
			e, err := wire.DecodeEvent(raw)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
	}
	return all
}

// manyPatterns is a subscription with n patterns of its own.
func manyPatterns(id uint32, n int) *wire.Subscribe {
	s := ofName(id, "clock")
	for i := range n {
		s.Patterns = append(s.Patterns, fmt.Sprintf("p%d-%d-*", id, i))
	}
	return s
}

func TestFault_34_PatternsWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, clock, cli, _ := clockAnd(t, nil)
		cli.ask(manyPatterns(0, 65))
		if f := cli.refused(wire.CodeBadParams); !strings.Contains(f.Description, "limit of 64") {
			t.Errorf("refused with %q, want the limit and its value", f.Description)
		}
		for id := range uint32(156) {
			cli.subscribed(manyPatterns(id, 64))
		}
		cli.ask(manyPatterns(156, 17))
		if f := cli.refused(wire.CodeBusy); !strings.Contains(f.Description, "limit of 10000 patterns") {
			t.Errorf("refused with %q, want the limit and its value", f.Description)
		}
		cli.subscribed(manyPatterns(156, 16))
		cli.ask(ofName(157, "clock"))
		cli.refused(wire.CodeBusy)
		clock.publish("p155-63-x", 1, wire.Publish{})
		cli.heard("155 clock p155-63-x=1")
		cli.silent()
		cli.ask(&wire.Unsubscribe{ID: 155, Patterns: []string{"p155-63-*"}}) // makes room for one
		cli.expect(wire.KindDone)
		cli.subscribed(ofName(157, "clock"))
		clock.publish("p155-63-x", 2, wire.Publish{})
		cli.heard("157 clock p155-63-x=2")
	})
}

func TestFault_34_SubscriptionsWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, clock, cli, _ := clockAnd(t, &Options{Limits: Limits{Subscriptions: 50}})
		for id := range uint32(50) {
			cli.subscribed(ofName(id, "clock"))
		}
		cli.ask(ofName(50, "clock"))
		if f := cli.refused(wire.CodeBusy); !strings.Contains(f.Description, "limit of 50 subscriptions") {
			t.Errorf("refused with %q, want the limit and its value", f.Description)
		}
		clock.publish("tick", 1, wire.Publish{})
		for range 50 {
			cli.expect(wire.KindReport)
		}
		cli.silent()
		cli.ask(&wire.Subscribe{ID: 50, Scope: wire.ScopeGlob, Target: "clock", Queue: maxQueueReports + 1})
		cli.refused(wire.CodeBadParams)
		cli.ask(&wire.Subscribe{ID: 50, Scope: wire.ScopeGlob, Target: "clock", Policy: 9})
		cli.refused(wire.CodeBadParams)
	})
}

func TestFault_35_PatternsThatAreHardToMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, clock, cli, _ := clockAnd(t, nil)
		cli.ask(ofName(1, "clock", "*a*a*a*a*a*a*a*a*b"))
		cli.refused(wire.CodeBadParams)
		cli.ask(ofName(1, "clock", strings.Repeat("a", 257)))
		cli.refused(wire.CodeBadParams)
		cli.subscribed(ofName(1, "clock", "*a*a*a*a*a*a*a*b"))
		for i := range 1_000 {
			clock.raw(publishFrame(0, 0, wire.Publish{}, strings.Repeat("a", 252)+fmt.Sprint(i), i))
		}
		clock.publish(strings.Repeat("a", 255)+"b", 1, wire.Publish{})
		if r, err := wire.ParseReport(cli.expect(wire.KindReport).body); err != nil || r.Subject[255] != 'b' {
			t.Errorf("report on %s, %v; want the one that ends with b", r.Subject, err)
		}
		cli.silent()
	})
}
