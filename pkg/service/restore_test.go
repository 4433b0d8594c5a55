package service_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestS6_RefusedValueLeavesTheOneBefore: the exchange keeps what it had when it refuses a newer
// value, so after a reconnection that comes back.
func TestS6_RefusedValueLeavesTheOneBefore(t *testing.T) {
	limit := wire.Failf(wire.CodeBusy, wire.No, "67108864 bytes of retained values are the limit")
	type step struct {
		value   int
		refused bool
	}
	for name, tt := range map[string]struct {
		steps []step // all published before the first is answered
		want  string
	}{
		"one after another":         {[]step{{1, false}, {2, true}}, "a=1 "},
		"the second of three":       {[]step{{1, false}, {2, true}, {3, false}}, "a=3 "},
		"the last two":              {[]step{{1, false}, {2, true}, {3, true}}, "a=1 "},
		"the third, not the second": {[]step{{1, false}, {2, false}, {3, true}}, "a=2 "},
		"all":                       {[]step{{1, true}, {2, true}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
				var sent []published
				for _, step := range tt.steps {
					kept := service.PublishOptions{Lifetime: service.WhileAnnounced}
					if err := clock.PublishWith(t.Context(), "a", step.value, kept); err != nil {
						t.Fatal(err)
					}
					sent = append(sent, p.published())
				}
				for i, step := range tt.steps {
					if step.refused {
						p.refuse(sent[i].frame, limit)
					} else {
						p.done(sent[i].frame)
					}
				}
				synctest.Wait()
				p.lose()
				p = <-s.peers
				p.announced(4)
				if tt.want != "" {
					m := p.published()
					if !strings.HasPrefix(m.String(), tt.want) {
						t.Errorf("%s came back, want %s", m, tt.want)
					}
					p.done(m.frame)
				}
				synctest.Wait()
				p.quiet()
			})
		})
	}
}

// TestS6_ValueTooLargeForTheNextExchange: a frame over its limit would cost the link each time.
func TestS6_ValueTooLargeForTheNextExchange(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		for subject, v := range map[string]string{"big": strings.Repeat("x", 1<<20), "small": "x"} {
			if err := clock.PublishWith(t.Context(), subject, v, service.PublishOptions{Lifetime: service.WhileAnnounced}); err != nil {
				t.Fatal(err)
			}
			p.done(p.published().frame)
		}
		synctest.Wait()
		s.set(func() { s.welcome.Limits.MaxFrame = wire.MaxAnnounce })
		p.lose()
		p = <-s.peers
		p.announced(4)
		m := p.published()
		if !strings.HasPrefix(m.String(), "small=x ") {
			t.Errorf("%.40s came back, want small=x", m)
		}
		p.done(m.frame)
		synctest.Wait()
		p.quiet()
		if n := conn.Stats().Refused; n != 1 {
			t.Errorf("%d values are counted as refused, want 1", n)
		}
	})
}

// TestStatsCountTheReportBehindAGap: until it is handed over it waits.
func TestStatsCountTheReportBehindAGap(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{})
		id := p.subscribed().ID
		p.gap(id, 2)
		p.reports(id, report{subject: "tick", value: int64(3)})
		synctest.Wait()
		if _, err := sub.Next(t.Context()); err == nil {
			t.Fatal("the first is no gap")
		}
		if got, want := sub.Stats(), (service.SubscriptionStats{Lost: 2, Waiting: 1}); got != want {
			t.Errorf("behind the gap: got %+v, want %+v", got, want)
		}
		if _, err := sub.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := sub.Stats(), (service.SubscriptionStats{Received: 1, Lost: 2}); got != want {
			t.Errorf("at the end: got %+v, want %+v", got, want)
		}
	})
}
