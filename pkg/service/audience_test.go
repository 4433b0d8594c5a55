package service_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// notices keeps what a publisher is told of its subscribers.
type notices struct {
	mu    sync.Mutex
	lines []string
}

func (n *notices) note(e service.SubscriberEvent) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := e.Subscriber
	if s.Number == 0 {
		n.lines = append(n.lines, e.Kind.String())
		return
	}
	text := fmt.Sprintf("%s %s/%d %s %s", e.Kind, s.Info.Address, s.Number, strings.Join(s.Patterns, ","), e.Reason)
	n.lines = append(n.lines, strings.Join(strings.Fields(text), " "))
}

// take returns what has been noted since the last time.
func (n *notices) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	lines := n.lines
	n.lines = nil
	return lines
}

// listens is an event of the audience: somebody's subscription begins.
func listens(connection, subscription uint32, patterns ...string) wire.Event {
	return wire.Event{Kind: wire.Subscribed, Info: info(connection, ""), Subscription: subscription, Patterns: patterns, Time: 1000}
}

func leaves(connection, subscription uint32, reason wire.Reason) wire.Event {
	return wire.Event{Kind: wire.Unsubscribed, Info: info(connection, ""), Subscription: subscription, Reason: reason, Time: 1000}
}

// audience takes the watch of a publisher for its subscribers.
func (p *peer) audience(address string) uint32 {
	p.t.Helper()
	m, _ := message[*wire.Watch](p, wire.KindWatch)
	if m.Scope != wire.ScopeSubscribers || m.Pattern != address || m.Origin != testOrigin {
		p.t.Errorf("watches %+v, want the subscribers of %s", m, address)
	}
	return m.ID
}

func TestP4_PublisherIsToldWhoIsSubscribed(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		var told notices
		clock.OnSubscriber(told.note)
		id := p.audience("clock@3")
		p.tell(id, listens(7, 1, "tick"), listens(7, 2), wire.Event{Kind: wire.Synced})
		synctest.Wait()
		wantLines(t, "what there is", told.take(), "subscribed @7/1 tick", "subscribed @7/2", "synced")
		p.tell(id, listens(9, 1, "t*", "x"), leaves(7, 2, wire.ReasonFrozen), listens(9, 1, "x"), leaves(9, 1, wire.ReasonClosed))
		synctest.Wait()
		wantLines(t, "changes", told.take(), "subscribed @9/1 t*,x", "unsubscribed @7/2 frozen", "subscribed @9/1 x", "unsubscribed @9/1 closed")

		var late notices
		clock.OnSubscriber(late.note)
		synctest.Wait()
		wantLines(t, "for one who asks later", late.take(), "subscribed @7/1 tick", "synced")

		p.lose()
		p = <-s.peers
		synctest.Wait()
		wantLines(t, "at the loss of the link", told.take(), "unsubscribed @7/1 tick exchange-lost")
		p.announced(4)
		id = p.audience("clock@4")
		p.tell(id, listens(8, 1, "tick"), wire.Event{Kind: wire.Synced})
		synctest.Wait()
		wantLines(t, "after the reconnection", told.take(), "subscribed @8/1 tick", "synced")
		p.tell(id, wire.Event{Kind: wire.Reset}, listens(8, 1, "tick"), wire.Event{Kind: wire.Synced})
		synctest.Wait()
		wantLines(t, "a reset", told.take(), "reset", "subscribed @8/1 tick", "synced")

		go conn.Withdraw(t.Context(), clock)
		if m, _ := message[*wire.Unwatch](p, wire.KindUnwatch); m.ID != id {
			t.Errorf("ended watch %d, want %d", m.ID, id)
		}
		_, f := message[*wire.Withdraw](p, wire.KindWithdraw)
		p.done(f)
		synctest.Wait()
		wantLines(t, "when it is withdrawn", told.take(), "unsubscribed @8/1 tick closed")
		announce(t, conn, p, clock, 5)
		p.tell(p.audience("clock@5"), wire.Event{Kind: wire.Synced})
		synctest.Wait()
		wantLines(t, "when it is announced again", told.take(), "synced")
	})
}

func TestP4_WorkOnlyWhileWatched(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		if clock.Watched("tick") {
			t.Error("watched before the exchange has said so")
		}
		id := p.audience("clock@3")
		p.tell(id, listens(7, 1, "t*"), listens(9, 4, "x"))
		synctest.Wait()
		for subject, want := range map[string]bool{"tick": true, "x": true, "y": false} {
			if got := clock.Watched(subject); got != want {
				t.Errorf("Watched(%q) = %v, want %v", subject, got, want)
			}
		}
		all := clock.Subscribers()
		if len(all) != 2 || all[0].Info.Address != (service.Address{Origin: testOrigin, Number: 7}) || all[1].Number != 4 || all[1].Info.Process.PID != 5 {
			t.Errorf("subscribers are %+v", all)
		}
		p.tell(id, listens(8, 1), leaves(7, 1, wire.ReasonLost), leaves(9, 4, wire.ReasonLost))
		synctest.Wait()
		if !clock.Watched("y") || len(clock.Subscribers()) != 1 {
			t.Errorf("subscribers are %+v, want one of all subjects", clock.Subscribers())
		}
		s.set(func() { s.dialErr = errors.New("no exchange") })
		p.lose()
		synctest.Wait()
		if clock.Watched("y") || len(clock.Subscribers()) != 0 {
			t.Error("watched while the link is down")
		}
	})
}

// TestAudienceBeforeTheAnnouncement: who asks early is told in the end.
func TestAudienceBeforeTheAnnouncement(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		clock := service.New("clock", nil)
		var told notices
		clock.OnSubscriber(told.note)
		announce(t, conn, p, clock, 3)
		p.tell(p.audience("clock@3"), listens(7, 1), wire.Event{Kind: wire.Synced})
		synctest.Wait()
		wantLines(t, "what came", told.take(), "subscribed @7/1", "synced")
	})
}

// TestSlowListenerFindsReset in the place of what it did not take, and the present state.
func TestSlowListenerFindsReset(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		var told notices
		release := make(chan struct{})
		clock.OnSubscriber(func(e service.SubscriberEvent) { <-release; told.note(e) })
		id := p.audience("clock@3")
		var events []wire.Event
		for range 600 {
			events = append(events, listens(7, 1, "a"), leaves(7, 1, wire.ReasonClosed))
		}
		p.tell(id, append(events, listens(8, 1, "b"), wire.Event{Kind: wire.Synced})...)
		synctest.Wait()
		close(release)
		synctest.Wait()
		lines := told.take()
		at := -1
		for i, l := range lines {
			if l == "reset" {
				at = i
			}
		}
		if len(lines) > 1100 || at < 0 {
			t.Fatalf("%d notices, reset at %d", len(lines), at)
		}
		wantLines(t, "the end", lines[len(lines)-2:], "subscribed @8/1 b", "synced")
	})
}

func TestAudienceThatIsRefused(t *testing.T) {
	logged := new(logbook)
	withClock(t, &service.ServiceOptions{Logger: logged.logger()}, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		clock.OnSubscriber(func(service.SubscriberEvent) { panic("nobody is there") })
		_, f := message[*wire.Watch](p, wire.KindWatch)
		p.refuse(f, wire.Failf(wire.CodeBusy, wire.No, "1024 watches are the limit"))
		synctest.Wait()
		wantText(t, logged.String(), "does not tell who is subscribed", "1024 watches")
	})
}

func TestListenerThatPanicsHearsTheNextEvent(t *testing.T) {
	logged := new(logbook)
	withClock(t, &service.ServiceOptions{Logger: logged.logger()}, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		heard := 0
		clock.OnSubscriber(func(service.SubscriberEvent) {
			if heard++; heard == 1 {
				panic("oops")
			}
		})
		p.tell(p.audience("clock@3"), listens(7, 1), wire.Event{Kind: wire.Synced})
		synctest.Wait()
		if heard != 2 {
			t.Errorf("heard %d events, want 2", heard)
		}
		wantText(t, logged.String(), "panicked", "oops")
	})
}
