package service_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestDeadlineOfARequest(t *testing.T) {
	tests := []struct {
		name    string
		timeout time.Duration // of the endpoint
		ctx     time.Duration // of the context; zero for none
		want    uint32
	}{
		{"neither", 0, 0, 30_000},
		{"context", 0, 2 * time.Second, 2_000},
		{"context longer than the default", 0, time.Minute, 60_000},
		{"endpoint", 3 * time.Second, 0, 3_000},
		{"endpoint less than context", time.Second, 2 * time.Second, 1_000},
		{"context less than endpoint", 2 * time.Second, time.Second, 1_000},
		{"rounded up", 1001 * time.Microsecond, 0, 2},
		{"cut to what the exchange allows", 0, 87600 * time.Hour, 3_600_000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				ctx := t.Context()
				if tt.ctx != 0 {
					limited, cancel := context.WithTimeout(ctx, tt.ctx)
					defer cancel()
					ctx = limited
				}
				ended := start(ctx, conn.Endpoint("math").With(service.CallOptions{Timeout: tt.timeout}), "x")
				p.bound("math")
				r := p.request()
				if r.TTL != tt.want {
					t.Errorf("ttl is %d, want %d", r.TTL, tt.want)
				}
				p.respond(r.ID, 1, nil)
				<-ended
			})
		})
	}
}

// TestDeadlineWithoutVerdict: the library itself ends a call of which the exchange says
// nothing, 50 ms after the deadline.
func TestDeadlineWithoutVerdict(t *testing.T) {
	for _, byContext := range []bool{true, false} {
		t.Run(fmt.Sprintf("by context %v", byContext), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				ctx, e := t.Context(), conn.Endpoint("math")
				if byContext {
					limited, cancel := context.WithTimeout(ctx, time.Second)
					defer cancel()
					ctx = limited
				} else {
					e = e.With(service.CallOptions{Timeout: time.Second})
				}
				o := <-start(ctx, e, "x")
				wantFailure(t, o.err, wire.CodeTimeout, wire.Maybe)
				if o.after < 1050*time.Millisecond || o.after > 1070*time.Millisecond {
					t.Errorf("ended after %v, want 1.05 s to 1.07 s", o.after)
				}
				p.bound("math")
				p.respond(p.request().ID, 1, nil) // too late, but due
				synctest.Wait()
				if n := conn.Stats(); n.Late != 1 || n.Pending != 0 {
					t.Errorf("stats are %+v, want 1 late and none pending", n)
				}
			})
		})
	}
}

func TestVerdictAfterTheDeadlineCounts(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ended := start(ctx, conn.Endpoint("math"), "x")
		p.bound("math")
		r := p.request()
		time.Sleep(1030 * time.Millisecond)
		p.fail(r.ID, 4, wire.Failf(wire.CodeTimeout, wire.No, "expired in the queue"))
		o := <-ended
		if f := wantFailure(t, o.err, wire.CodeTimeout, wire.No); f.Instance.Number != 4 {
			t.Errorf("instance is %v, want number 4", f.Instance)
		}
		synctest.Wait()
		p.quiet() // no Cancel: the exchange has said its word
	})
}

// TestManyDeadlines: each of many calls ends at its own deadline, by one sweeper.
func TestManyDeadlines(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math")
		var ended []<-chan outcome
		for i := range 200 {
			timeout := time.Duration(200-i) * 37 * time.Millisecond
			ended = append(ended, start(t.Context(), e.With(service.CallOptions{Timeout: timeout}), "x"))
			time.Sleep(time.Millisecond)
		}
		for i := range ended {
			o := <-ended[i]
			wantFailure(t, o.err, wire.CodeTimeout, wire.Maybe)
			due := time.Duration(200-i)*37*time.Millisecond + 50*time.Millisecond
			if o.after < due || o.after > due+20*time.Millisecond {
				t.Errorf("call %d ended after %v, want %v or up to 20 ms more", i, o.after, due)
			}
		}
	})
}

// TestCancelIsAnsweredAtOnce is also OSE's B14: the cancel reaches the exchange.
func TestCancelIsAnsweredAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := start(ctx, conn.Endpoint("math"), "x")
		p.bound("math")
		r := p.request()
		time.Sleep(time.Second)
		cancel()
		o := <-ended
		wantFailure(t, o.err, wire.CodeCanceled, wire.Maybe)
		if o.after != time.Second {
			t.Errorf("ended after %v, want 1 s", o.after)
		}
		if c := p.expect(wire.KindCancel); c.ID != r.ID || len(c.body) != 0 {
			t.Errorf("cancel is %+v, want one of %d without a body", c, r.ID)
		}
		if n := conn.Stats().Pending; n != 1 {
			t.Errorf("%d slots are taken before the terminal frame, want 1", n)
		}
		p.fail(r.ID, 0, wire.Failf(wire.CodeCanceled, wire.Maybe, "the caller gave up"))
		synctest.Wait()
		if n := conn.Stats(); n.Pending != 0 || n.Late != 1 {
			t.Errorf("stats are %+v, want none pending and 1 late", n)
		}
	})
}
