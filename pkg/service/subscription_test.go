package service_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestSubscribeAsksForWhatTheOptionsSay(t *testing.T) {
	tests := []struct {
		name string
		opts service.SubscribeOptions
		want wire.Subscribe
	}{
		{"a service", service.SubscribeOptions{Service: "clock"}, wire.Subscribe{ID: 1, Scope: wire.ScopeGlob, Target: "clock"}},
		{"a group, two patterns", service.SubscribeOptions{Group: "web", Subjects: []string{"a*", "b"}},
			wire.Subscribe{ID: 1, Scope: wire.ScopeGroup, Target: "web", Patterns: []string{"a*", "b"}}},
		{"an address", service.SubscribeOptions{Address: service.Address{Name: "clock", Number: 3}, Overflow: service.Latest, Queue: 9},
			wire.Subscribe{ID: 1, Scope: wire.ScopeAddress, Target: "clock@3", Origin: testOrigin, Policy: wire.PolicyLatest, Queue: 9}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				subscribe(t, conn, tt.opts)
				if got := p.subscribed(); fmt.Sprintf("%+v", *got) != fmt.Sprintf("%+v", tt.want) {
					t.Errorf("got  %+v\nwant %+v", *got, tt.want)
				}
			})
		})
	}
}

func TestSubscribeRefusesWhatCannotBe(t *testing.T) {
	report, gap := func(context.Context, service.Report) {}, func(context.Context, *service.GapError) {}
	tests := []struct {
		name string
		opts service.SubscribeOptions
		says string
	}{
		{"nobody", service.SubscribeOptions{}, "one of service, group and address"},
		{"a service and a group", service.SubscribeOptions{Service: "a", Group: "b"}, "one of service, group and address"},
		{"a group that cannot be", service.SubscribeOptions{Group: "a b"}, "group name"},
		{"a name that is no text", service.SubscribeOptions{Service: "\xff"}, "UTF-8"},
		{"nine stars", service.SubscribeOptions{Service: "a", Subjects: []string{strings.Repeat("*", 9)}}, "at most 8 *"},
		{"65 subjects", service.SubscribeOptions{Service: "a", Subjects: make([]string, 65)}, "limit of 64"},
		{"a policy of later", service.SubscribeOptions{Service: "a", Overflow: 9}, "overflow 9"},
		{"a queue over the limit", service.SubscribeOptions{Service: "a", Queue: 65_537}, "65536"},
		{"a negative queue", service.SubscribeOptions{Service: "a", Queue: -1}, "-1"},
		{"reports without gaps", service.SubscribeOptions{Service: "a", OnReport: report}, "together"},
		{"gaps without reports", service.SubscribeOptions{Service: "a", OnGap: gap}, "together"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				_, err := conn.Subscribe(tt.opts)
				wantText(t, wantFailure(t, err, wire.CodeBadParams, wire.No).Description, tt.says)
				synctest.Wait()
				p.quiet()
			})
		})
	}
}

func TestReportsComeInOrderWithGapsInTheirPlace(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{})
		id := p.subscribed().ID
		p.reports(id, report{subject: "started", value: "noon", retained: true})
		p.notice(id, wire.NoticeSynced)
		p.reports(id, report{subject: "tick", value: int64(1)}, report{subject: "tick", value: int64(2), publisher: 4})
		p.gap(id, 12)
		p.reports(id, report{subject: "tick", value: int64(15)})
		p.gap(id, 2)
		if err := sub.Synced(t.Context()); err != nil {
			t.Errorf("Synced = %v", err)
		}
		wantLines(t, "what came", drain(t, sub), "clock@3 started noon retained", "clock@3 tick 1", "clock@4 tick 2",
			"gap 12", "clock@3 tick 15", "gap 2")
		if got, want := sub.Stats(), (service.SubscriptionStats{Received: 4, Lost: 14}); got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
	})
}

func TestReportHoldsWhatWasPublished(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{})
		p.reports(p.subscribed().ID, report{subject: "state", value: map[string]any{"load": 0.5}})
		r, err := sub.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var state struct {
			Load float64 `netsvc:"load"`
		}
		if err := r.Decode(&state); err != nil || state.Load != 0.5 {
			t.Errorf("decoded %+v, %v", state, err)
		}
		if err := r.Decode(new(int)); err == nil {
			t.Error("a map was decoded as an integer")
		}
		want := service.Address{Origin: testOrigin, Name: "clock", Number: 3}
		if r.Publisher != want || r.Time.UnixMilli() != testReportTime || value.Check(r.Raw()) != nil {
			t.Errorf("the report is %+v", r)
		}
	})
}

// TestB2_AGapIsNeverHandedOverAsAValue: neither form of reading gives a Report for a gap.
func TestB2_AGapIsNeverHandedOverAsAValue(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		var lines []string
		pushed := subscribe(t, conn, service.SubscribeOptions{
			OnReport: func(_ context.Context, r service.Report) { lines = append(lines, line(r, nil)) },
			OnGap:    func(_ context.Context, gap *service.GapError) { lines = append(lines, line(service.Report{}, gap)) },
		})
		p.gap(p.subscribed().ID, 3)
		synctest.Wait()
		wantLines(t, "what the funcs got", lines, "gap 3")
		pushed.Close()

		pulled := subscribe(t, conn, service.SubscribeOptions{})
		p.expect(wire.KindUnsubscribe)
		p.gap(p.subscribed().ID, 1)
		r, err := pulled.Next(t.Context())
		var gap *service.GapError
		if !errors.As(err, &gap) || gap.Count != 1 || r.Subject != "" || r.Value() != nil {
			t.Errorf("Next = %+v, %v", r, err)
		}
		wantText(t, err.Error(), "1 report is missing")
	})
}

// TestFault_20_ReportThatCannotBeDecoded is dropped, counted, and a gap in its place. No link closes.
func TestFault_20_ReportThatCannotBeDecoded(t *testing.T) {
	deep := append(slices.Repeat([]byte{0x81}, 10_000), 1)
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{})
		id := p.subscribed().ID
		p.reports(id, report{subject: "a", value: int64(1)},
			report{subject: "a", value: value.Raw(deep)}, report{subject: "a", value: value.Raw{0x61, 0xff}},
			report{subject: "a", value: int64(4)})
		wantLines(t, "what came", drain(t, sub), "clock@3 a 1", "gap 1", "gap 1", "clock@3 a 4")
		if got, want := sub.Stats(), (service.SubscriptionStats{Received: 2, Lost: 2, Undecodable: 2}); got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
		if n := conn.Stats().Undecodable; n != 2 || !conn.Connected() {
			t.Errorf("the connection counted %d, connected %v; want 2, true", n, conn.Connected())
		}
	})
}

// TestReportThatIsNone ends the link: it is the exchange that breaks the protocol.
func TestReportThatIsNone(t *testing.T) {
	tests := []struct {
		name string
		kind wire.Kind
		body []byte
	}{
		{"a report without a subject", wire.KindReport, make([]byte, 9)},
		{"a gap of three bytes", wire.KindGap, make([]byte, 3)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				p.send(wire.AppendFrame(nil, &wire.Header{Kind: tt.kind, ID: 1}, tt.body))
				<-s.peers
				if lost := conn.Stats().Lost; lost != 1 {
					t.Errorf("%d links were lost, want 1", lost)
				}
			})
		})
	}
}

// TestB1_UnsubscribeWithoutAPatternEndsAll, with one takes that one, and with the last ends.
func TestB1_UnsubscribeWithoutAPatternEndsAll(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{Subjects: []string{"a", "b", "c"}})
		id := p.subscribed().ID
		if err := sub.Unsubscribe("a", "nothing"); err != nil {
			t.Fatal(err)
		}
		if m, f := message[*wire.Unsubscribe](p, wire.KindUnsubscribe); m.ID != id || !slices.Equal(m.Patterns, []string{"a", "nothing"}) {
			t.Errorf("got %+v", m)
		} else {
			p.done(f)
		}
		p.reports(id, report{subject: "b", value: int64(1)})
		wantLines(t, "the others go on", drain(t, sub), "clock@3 b 1")

		p.reports(id, report{subject: "b", value: int64(2)})
		synctest.Wait()
		if err := sub.Unsubscribe(); err != nil {
			t.Fatal(err)
		}
		m, f := message[*wire.Unsubscribe](p, wire.KindUnsubscribe)
		if m.ID != id || len(m.Patterns) != 0 {
			t.Errorf("got %+v, want one without patterns", m)
		}
		p.reports(id, report{subject: "b", value: int64(3)}) // it was on its way
		p.done(f)
		wantLines(t, "what had come", drain(t, sub), "clock@3 b 2")
		if _, err := sub.Next(t.Context()); err != service.ErrClosed {
			t.Errorf("Next = %v, want %v", err, service.ErrClosed)
		}
		if err := sub.Unsubscribe("b"); err != service.ErrClosed {
			t.Errorf("Unsubscribe = %v, want %v", err, service.ErrClosed)
		}
		sub.Close()
		synctest.Wait()
		p.quiet()
	})
}

func TestUnsubscribeFromTheLastPatternEndsAll(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{Subjects: []string{"a"}})
		p.subscribed()
		if err := sub.Unsubscribe("a"); err != nil || sub.Err() != service.ErrClosed {
			t.Errorf("Unsubscribe = %v, ended with %v", err, sub.Err())
		}
		all := subscribe(t, conn, service.SubscribeOptions{})
		wantFailure(t, all.Unsubscribe("a"), wire.CodeBadParams, wire.No)
		if all.Err() != nil {
			t.Errorf("ended with %v", all.Err())
		}
	})
}

func TestSubscriptionThatTheExchangeEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(p *peer, m *wire.Subscribe, f frame)
		want []string
	}{
		{"refused", func(p *peer, m *wire.Subscribe, f frame) {
			p.refuse(f, wire.Failf(wire.CodeBusy, wire.No, "10000 subscriptions are the limit"))
		}, []string{"busy: 10000 subscriptions are the limit"}},
		{"its queue there was full", func(p *peer, m *wire.Subscribe, f frame) {
			p.done(f)
			p.reports(m.ID, report{subject: "a", value: int64(1)})
			p.notice(m.ID, wire.NoticeEnded)
		}, []string{"clock@3 a 1", service.ErrSlow.Error()}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				sub := subscribe(t, conn, service.SubscribeOptions{})
				m, f := message[*wire.Subscribe](p, wire.KindSubscribe)
				tt.end(p, m, f)
				synctest.Wait()
				wantLines(t, "what came", drain(t, sub), tt.want...)
				if err := sub.Synced(t.Context()); err == nil || err != sub.Err() {
					t.Errorf("Synced = %v, want %v", err, sub.Err())
				}
				<-sub.Done()
			})
		})
	}
}

func TestSubscriptionEndsWithItsConn(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		handled := 0
		began, release := make(chan struct{}), make(chan struct{})
		pushed := subscribe(t, conn, service.SubscribeOptions{
			OnReport: func(ctx context.Context, r service.Report) {
				if handled++; handled == 1 {
					close(began)
				}
				<-release
			},
			OnGap: func(context.Context, *service.GapError) {},
		})
		p.reports(p.subscribed().ID, report{subject: "a", value: int64(1)}, report{subject: "a", value: int64(2)})
		<-began
		pulled := subscribe(t, conn, service.SubscribeOptions{})
		p.reports(p.subscribed().ID, report{subject: "a", value: int64(3)})
		synctest.Wait()
		conn.Close()
		close(release)
		<-pushed.Done()
		wantLines(t, "what had come", drain(t, pulled), "clock@3 a 3")
		if _, err := pulled.Next(t.Context()); err != service.ErrClosed || handled != 1 {
			t.Errorf("Next = %v, want %v; %d were handled, want 1", err, service.ErrClosed, handled)
		}
		if _, err := conn.Subscribe(service.SubscribeOptions{Service: "clock"}); err != service.ErrClosed {
			t.Errorf("Subscribe = %v, want %v", err, service.ErrClosed)
		}
	})
}

func TestFramesOfNoSubscriptionArePassedOver(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		for _, id := range []uint64{9, math.MaxUint32 + 2} {
			p.send(wire.AppendGap(nil, id, 3))
			p.send(wire.AppendMessage(nil, id, 0, &wire.Notice{Kind: wire.NoticeEnded}))
		}
		sub := subscribe(t, conn, service.SubscribeOptions{})
		id := p.subscribed().ID
		p.notice(id, 77) // of a later version
		p.reports(id, report{subject: "a", value: int64(1)})
		wantLines(t, "what came", drain(t, sub), "clock@3 a 1")
	})
}

func TestMatchIsExported(t *testing.T) {
	tests := []struct {
		pattern, subject string
		want             bool
	}{
		{"*", "anything/at.all", true}, {"temp.?", "temp.1", true}, {"temp.?", "temp.12", false}, {"a*b", "ab", true}, {"", "a", false},
	}
	for _, tt := range tests {
		if got := service.Match(tt.pattern, tt.subject); got != tt.want {
			t.Errorf("Match(%q, %q) = %v, want %v", tt.pattern, tt.subject, got, tt.want)
		}
	}
}
