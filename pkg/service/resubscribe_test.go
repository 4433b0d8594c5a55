package service_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestS6_SubscriptionComesBackByItself: what had come stays, then a gap of unknown size, then
// the retained values again, marked.
func TestS6_SubscriptionComesBackByItself(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{Subjects: []string{"a", "b"}, Overflow: service.Latest, Queue: 7})
		m := p.subscribed()
		p.notice(m.ID, wire.NoticeSynced)
		p.reports(m.ID, report{subject: "a", value: int64(1)})
		synctest.Wait()
		sub.Unsubscribe("b")
		p.lose()
		p = <-s.peers
		again := p.subscribed()
		if !slices.Equal(again.Patterns, []string{"a"}) || again.ID != m.ID || again.Target != m.Target || again.Policy != m.Policy || again.Queue != m.Queue {
			t.Errorf("asked again for %+v, want %+v with pattern a only", again, m)
		}
		synced := make(chan error, 1)
		go func() { synced <- sub.Synced(t.Context()) }()
		synctest.Wait()
		if len(synced) != 0 {
			t.Error("synced before the retained values had come again")
		}
		p.reports(m.ID, report{subject: "a", value: int64(5), publisher: 9, retained: true})
		p.notice(m.ID, wire.NoticeSynced)
		if err := <-synced; err != nil {
			t.Errorf("Synced = %v", err)
		}
		wantLines(t, "what came", drain(t, sub), "clock@3 a 1", "gap ?", "clock@9 a 5 retained")
		if got, want := sub.Stats(), (service.SubscriptionStats{Received: 2}); got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
	})
}

// TestS6_OutagesUnreadAreOneGap, and a subscription that was never in force has missed nothing.
func TestS6_OutagesUnreadAreOneGap(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{})
		p.expect(wire.KindSubscribe) // not answered
		for range 2 {
			p.lose()
			p = <-s.peers
			p.subscribed()
			synctest.Wait()
		}
		p.lose()
		p = <-s.peers
		id := p.subscribed().ID
		p.reports(id, report{subject: "a", value: int64(1)})
		wantLines(t, "what came", drain(t, sub), "gap ?", "clock@3 a 1")
	})
}

func TestSubscribeWhileTheLinkIsDown(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		s.set(func() { s.dialErr = errors.New("no exchange") })
		p.lose()
		synctest.Wait()
		sub := subscribe(t, conn, service.SubscribeOptions{})
		gone := subscribe(t, conn, service.SubscribeOptions{Service: "other"})
		gone.Close()
		s.set(func() { s.dialErr = nil })
		p = <-s.peers
		id := p.subscribed().ID
		p.reports(id, report{subject: "a", value: int64(1)})
		wantLines(t, "what came", drain(t, sub), "clock@3 a 1")
		p.quiet()
	})
}

// TestS6_SubscriptionByAddress goes on at the exchange that gave the address and ends at
// another: a number must never reach a stranger.
func TestS6_SubscriptionByAddress(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{Address: service.Address{Name: "clock", Number: 3}})
		p.subscribed()
		p.lose()
		p = <-s.peers
		p.subscribed()
		s.set(func() { s.welcome.Origin = 0xdef })
		p.lose()
		p = <-s.peers
		synctest.Wait()
		p.quiet()
		lines := drain(t, sub)
		wantLines(t, "what came", lines[:1], "gap ?")
		_, err := sub.Next(t.Context())
		f := wantFailure(t, err, wire.CodeNoService, wire.No)
		wantText(t, f.Details, "earlier exchange")
		<-sub.Done()
		foreign := subscribe(t, conn, service.SubscribeOptions{Address: service.Address{Origin: testOrigin, Name: "clock", Number: 3}})
		wantFailure(t, foreign.Err(), wire.CodeNoService, wire.No)
	})
}

func TestPublishersIsAWatchOfTheSameScope(t *testing.T) {
	tests := []struct {
		name  string
		opts  service.SubscribeOptions
		scope wire.Scope
		want  string
	}{
		{"service", service.SubscribeOptions{Service: "clo*"}, wire.ScopeGlob, "clo*"},
		{"group", service.SubscribeOptions{Group: "web"}, wire.ScopeGroup, "web"},
		{"address", service.SubscribeOptions{Address: service.Address{Name: "clock", Number: 3}}, wire.ScopeAddress, "clock@3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				sub := subscribe(t, conn, tt.opts)
				p.subscribed()
				w, err := sub.Publishers()
				if err != nil {
					t.Fatal(err)
				}
				m, _ := message[*wire.Watch](p, wire.KindWatch)
				if m.Scope != tt.scope || m.Pattern != tt.want {
					t.Errorf("watches %+v, want %s", m, tt.want)
				}
				p.tell(m.ID, wire.Event{Kind: wire.Available, Info: info(3, "clock")}, wire.Event{Kind: wire.Synced})
				wantLines(t, "its events", read(t, w), "available clock@3", "synced")
			})
		})
	}
}

// TestNextWaitsAsLongAsItsContext, and what has come is there even for one that has ended.
func TestNextWaitsAsLongAsItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{})
		p.subscribed()
		began := time.Now()
		wantLines(t, "what came", drain(t, sub))
		if waited := time.Since(began); waited != 100*time.Millisecond {
			t.Errorf("waited %v, want 100 ms", waited)
		}
	})
}

// TestSeveralReadersShareTheReports: each report goes to one of them, and none is stuck.
func TestSeveralReadersShareTheReports(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{})
		id := p.subscribed().ID
		const readers, reports = 4, 1000
		got := make(chan int64, reports)
		for range readers {
			go func() {
				for r, err := range sub.Reports(t.Context()) {
					if err == nil {
						got <- r.Value().(int64)
					}
				}
			}()
		}
		for i := range int64(reports) {
			p.reports(id, report{subject: "a", value: i})
		}
		seen := map[int64]bool{}
		for range reports {
			seen[<-got] = true
		}
		sub.Close()
		synctest.Wait()
		if len(seen) != reports {
			t.Errorf("%d different reports, want %d", len(seen), reports)
		}
	})
}
