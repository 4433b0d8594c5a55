package service_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// withClock announces the service clock as instance 3 of a scripted exchange.
func withClock(t *testing.T, opts *service.ServiceOptions, f func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service)) {
	t.Helper()
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		clock := service.New("clock", opts)
		announce(t, conn, p, clock, 3)
		f(t, s, conn, p, clock)
	})
}

func TestPublishSendsWhatTheOptionsSay(t *testing.T) {
	to := service.Address{Origin: testOrigin, Number: 12}
	tests := []struct {
		name     string
		opts     service.PublishOptions
		want     string
		answered bool
	}{
		{"for those who listen", service.PublishOptions{}, "tick=5 lifetime 0 age 0 to 0", false},
		{"retained while announced", service.PublishOptions{Lifetime: service.WhileAnnounced}, "tick=5 lifetime -1 age 0 to 0", true},
		{"retained two seconds", service.PublishOptions{Lifetime: 2 * time.Second}, "tick=5 lifetime 2 age 0 to 0", true},
		{"part of a second", service.PublishOptions{Lifetime: 1001 * time.Millisecond}, "tick=5 lifetime 2 age 0 to 0", true},
		{"longer than can be said", service.PublishOptions{Lifetime: 1 << 62}, "tick=5 lifetime 2147483647 age 0 to 0", true},
		{"to one", service.PublishOptions{To: to}, "tick=5 lifetime 0 age 0 to 12", false},
		{"confirmed", service.PublishOptions{Confirm: true}, "tick=5 lifetime 0 age 0 to 0", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
				result := make(chan error, 1)
				go func() { result <- clock.PublishWith(t.Context(), "tick", 5, tt.opts) }()
				got := p.published()
				if got.String() != tt.want || got.Flags != 0 || (got.ID != 0) != tt.answered {
					t.Errorf("got %s, flags %x, id %d; want %s, an id: %v", got, got.Flags, got.ID, tt.want, tt.answered)
				}
				synctest.Wait()
				if waits := len(result) == 0; waits != tt.opts.Confirm {
					t.Errorf("waits for the exchange: %v, want %v", waits, tt.opts.Confirm)
				}
				if tt.answered {
					p.done(got.frame)
				}
				if err := <-result; err != nil {
					t.Errorf("PublishWith = %v", err)
				}
			})
		})
	}
}

func TestPublishRefusesWhatCannotBe(t *testing.T) {
	tests := []struct {
		name    string
		subject string
		value   any
		opts    service.PublishOptions
		code    wire.Code
		says    string
	}{
		{"no subject", "", 1, service.PublishOptions{}, wire.CodeBadParams, "subject"},
		{"a pattern", "a*", 1, service.PublishOptions{}, wire.CodeBadParams, "may not hold * or ?"},
		{"a negative lifetime", "a", 1, service.PublishOptions{Lifetime: -2}, wire.CodeBadParams, "negative"},
		{"retained for one", "a", 1, service.PublishOptions{Lifetime: 1, To: service.Address{Number: 3}}, wire.CodeBadParams, "not retained"},
		{"what cannot travel", "a", make(chan int), service.PublishOptions{}, wire.CodeEncodeArgs, "chan int"},
		{"too large", "a", make([]byte, 4<<20), service.PublishOptions{}, wire.CodeTooLarge, "over the limit of 4194304"},
		{"to one of an earlier exchange", "a", 1, service.PublishOptions{To: service.Address{Origin: 5, Number: 3}}, wire.CodeNoService, "@3"},
	}
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		for _, tt := range tests {
			err := clock.PublishWith(t.Context(), tt.subject, tt.value, tt.opts)
			wantText(t, wantFailure(t, err, tt.code, wire.No).Description, tt.says)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		wantFailure(t, clock.Publish(ended, "a", 1), wire.CodeCanceled, wire.No)
		synctest.Wait()
		p.quiet()
	})
}

func TestPublishWithoutAnExchangeThatHasTheService(t *testing.T) {
	t.Run("never announced", func(t *testing.T) {
		wantFailure(t, service.New("clock", nil).Publish(t.Context(), "a", 1), wire.CodeNoService, wire.No)
	})
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		s.set(func() { s.dialErr = errors.New("no exchange") })
		p.lose()
		synctest.Wait()
		wantFailure(t, clock.Publish(t.Context(), "a", 1), wire.CodeUnreachable, wire.No)
		wantFailure(t, clock.Expire(t.Context(), "*", 0), wire.CodeUnreachable, wire.No)
		s.set(func() { s.dialErr = nil })
		p = <-s.peers
		p.announced(4)
		synctest.Wait()
		p.quiet() // what failed was not kept for later
		if err := clock.Publish(t.Context(), "a", 2); err != nil {
			t.Fatal(err)
		}
		if got := p.published().String(); !strings.HasPrefix(got, "a=2 ") {
			t.Errorf("published %s", got)
		}
		go conn.Withdraw(t.Context(), clock)
		_, f := message[*wire.Withdraw](p, wire.KindWithdraw)
		wantFailure(t, clock.Publish(t.Context(), "a", 1), wire.CodeNoService, wire.No)
		p.done(f)
	})
}

// TestPublishWhenTheOutboxIsFull waits for room as long as its context, and no longer.
func TestPublishWhenTheOutboxIsFull(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		p.pause()
		big := make([]byte, 1<<20)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		var err error
		sent := 0
		for err == nil {
			if err = clock.Publish(ctx, "a", big); err == nil {
				sent++
			}
		}
		wantFailure(t, err, wire.CodeTimeout, wire.No)
		if waited := time.Since(began); waited < 3*time.Second || waited > 3100*time.Millisecond {
			t.Errorf("gave up after %v, want 3 s", waited)
		}
		result := make(chan error, 1)
		go func() { result <- clock.Publish(t.Context(), "last", 1) }()
		synctest.Wait()
		p.resume()
		if err := <-result; err != nil {
			t.Errorf("Publish = %v when there was room", err)
		}
		for range sent {
			p.published()
		}
		if got := p.published(); string(got.Subject) != "last" {
			t.Errorf("behind %d reports came %s, want last", sent, got.Subject)
		}
	})
}

func TestReportThatTheExchangeRefuses(t *testing.T) {
	limit := wire.Failf(wire.CodeBusy, wire.No, "10000 retained subjects are the limit")
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		kept := service.PublishOptions{Lifetime: service.WhileAnnounced}
		if err := clock.PublishWith(t.Context(), "a", 1, kept); err != nil {
			t.Fatal(err)
		}
		p.refuse(p.published().frame, limit)
		synctest.Wait()
		if n := conn.Stats().Refused; n != 1 {
			t.Errorf("%d refused, want 1", n)
		}
		result := make(chan error, 1)
		kept.Confirm = true
		go func() { result <- clock.PublishWith(t.Context(), "b", 1, kept) }()
		p.refuse(p.published().frame, limit)
		wantText(t, wantFailure(t, <-result, wire.CodeBusy, wire.No).Description, "10000")
		p.lose()
		p = <-s.peers
		p.announced(4)
		synctest.Wait()
		p.quiet() // what was refused is not given again
	})
}

func TestConfirmedReportWhoseLinkBreaks(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		confirm := service.PublishOptions{Confirm: true}
		result := make(chan error, 1)
		go func() { result <- clock.PublishWith(t.Context(), "a", 1, confirm) }()
		p.published()
		s.set(func() { s.welcome.SuspectMS, s.welcome.DeadMS = 60_000, 60_000 })
		p.lose()
		wantFailure(t, <-result, wire.CodeUnreachable, wire.Maybe)
		p = <-s.peers
		p.announced(4)
		began := time.Now()
		wantFailure(t, clock.PublishWith(t.Context(), "a", 1, confirm), wire.CodeTimeout, wire.Maybe)
		if waited := time.Since(began); waited != 30*time.Second {
			t.Errorf("waited %v for the exchange, want Options.Timeout, 30 s", waited)
		}
	})
}

// TestS6_RetainedValuesComeBack: those that live, as old as they are, the oldest first, behind
// the Announce; and what is published meanwhile is not overtaken by its older value.
func TestS6_RetainedValuesComeBack(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		publish := func(subject string, v any, lifetime time.Duration) {
			t.Helper()
			if err := clock.PublishWith(t.Context(), subject, v, service.PublishOptions{Lifetime: lifetime}); err != nil {
				t.Fatal(err)
			}
			if f := p.published(); f.ID != 0 {
				p.done(f.frame)
			}
		}
		publish("started", "noon", service.WhileAnnounced)
		publish("cleared", 1, time.Hour)
		publish("cleared", 2, 0)
		publish("short", 3, time.Second)
		publish("long", 4, time.Minute)
		publish("long", 5, time.Minute)
		time.Sleep(1500 * time.Millisecond)
		publish("young", 6, 2*time.Second)

		p.lose()
		p = <-s.peers
		p.expect(wire.KindAnnounce) // and no answer yet
		var got []string
		for range 3 {
			m := p.published()
			if m.Flags != wire.FlagRetained {
				t.Errorf("%s has flags %x, want %x", m, m.Flags, wire.FlagRetained)
			}
			got = append(got, m.String())
			p.done(m.frame)
		}
		for i, prefix := range []string{"started=noon lifetime -1 age ", "long=5 lifetime 60 age ", "young=6 lifetime 2 age "} {
			if !strings.HasPrefix(got[i], prefix) {
				t.Errorf("value %d is %s, want %s", i, got[i], prefix)
			}
		}
		synctest.Wait()
		p.quiet()
	})
}

func TestB7_ExpiryAtAgeZeroForgetsAll(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		publish := func(subject string) {
			t.Helper()
			if err := clock.PublishWith(t.Context(), subject, 1, service.PublishOptions{Lifetime: service.WhileAnnounced}); err != nil {
				t.Fatal(err)
			}
			p.done(p.published().frame)
		}
		expire := func(pattern string, age time.Duration, want wire.Expire) {
			t.Helper()
			result := make(chan error, 1)
			go func() { result <- clock.Expire(t.Context(), pattern, age) }()
			m, f := message[*wire.Expire](p, wire.KindExpire)
			if *m != want {
				t.Errorf("got %+v, want %+v", *m, want)
			}
			p.done(f)
			if err := <-result; err != nil {
				t.Errorf("Expire = %v", err)
			}
		}
		publish("old")
		publish("odd")
		time.Sleep(10 * time.Second)
		publish("ok")
		expire("ol*", 5*time.Second, wire.Expire{Pattern: "ol*", AgeMS: 5000})
		expire("*k", 5*time.Second, wire.Expire{Pattern: "*k", AgeMS: 5000})
		p.lose()
		p = <-s.peers
		p.announced(4)
		for _, want := range []string{"odd=1 ", "ok=1 "} {
			m := p.published()
			if !strings.HasPrefix(m.String(), want) {
				t.Errorf("%s came back, want %s", m, want)
			}
			p.done(m.frame)
		}
		expire("*", 0, wire.Expire{Pattern: "*"})
		p.lose()
		p = <-s.peers
		p.announced(5)
		synctest.Wait()
		p.quiet()
		wantFailure(t, clock.Expire(t.Context(), "", 0), wire.CodeBadParams, wire.No)
		wantFailure(t, clock.Expire(t.Context(), "*", -1), wire.CodeBadParams, wire.No)
	})
}

// TestManyRetainedValuesComeBackInPieces: they are far more than an outbox, and the answers
// pace them.
func TestManyRetainedValuesComeBackInPieces(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		const values = 40
		big := strings.Repeat("x", 1<<20)
		for i := range values {
			if err := clock.PublishWith(t.Context(), "a"+strings.Repeat("b", i), big, service.PublishOptions{Lifetime: service.WhileAnnounced}); err != nil {
				t.Fatal(err)
			}
			p.done(p.published().frame)
		}
		p.lose()
		p = <-s.peers
		p.announced(4)
		subjects := map[string]bool{}
		for range values {
			m := p.published()
			subjects[string(m.Subject)] = true
			p.done(m.frame)
		}
		if len(subjects) != values {
			t.Errorf("%d values came back, want %d", len(subjects), values)
		}
	})
}

// TestDeadValuesTakeNoMemory: values of ever new subjects, each retained for a second.
func TestDeadValuesTakeNoMemory(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		for i := range 120 {
			if err := clock.PublishWith(t.Context(), "a"+strings.Repeat("b", i), i, service.PublishOptions{Lifetime: time.Second}); err != nil {
				t.Fatal(err)
			}
			p.done(p.published().frame)
			time.Sleep(100 * time.Millisecond)
		}
		p.lose()
		p = <-s.peers
		p.announced(4)
		synctest.Wait()
		for len(p.frames) > 0 {
			m := p.published()
			if m.AgeMS >= 1000 {
				t.Errorf("a dead value came back: %s", m)
			}
			p.done(m.frame)
			synctest.Wait()
		}
	})
}
