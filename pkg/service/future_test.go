package service_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestGoSendsInOrder: what one goroutine starts is sent in that order.
func TestGoSendsInOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math")
		var pending []*service.Pending
		for i := range 100 {
			pending = append(pending, e.Go(t.Context(), "x", i))
		}
		p.bound("math")
		for i := range 100 {
			r := p.request()
			if r.args[0] != int64(i) {
				t.Fatalf("request %d carries %v", i, r.args[0])
			}
			p.respond(r.ID, 3, r.args[0])
		}
		for i, c := range pending {
			if v, err := c.Result(); err != nil || v != int64(i) {
				t.Errorf("call %d: %v, %v", i, v, err)
			}
		}
	})
}

// TestCallbackAttachedLater is OSE's B5: other calls were made in between, and the outcome
// may be there already.
func TestCallbackAttachedLater(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math")
		first, second := e.Go(t.Context(), "x"), e.Go(t.Context(), "y")
		p.bound("math")
		a, b := p.request(), p.request()
		got := make(chan string, 4)
		first.Then(func(v any, err error) { got <- v.(string) })
		p.respond(b.ID, 3, "second")
		p.respond(a.ID, 3, "first")
		if v := <-got; v != "first" {
			t.Errorf("the first call's callback got %q", v)
		}
		<-second.Done()
		second.Then(func(v any, err error) { got <- v.(string) })
		if v := <-got; v != "second" {
			t.Errorf("the late callback got %q", v)
		}
	})
}

// TestFailureIsNeverAValue is OSE's B2.
func TestFailureIsNeverAValue(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		pending := conn.Endpoint("math").Go(t.Context(), "x")
		p.bound("math")
		p.fail(p.request().ID, 3, service.Fail(3, "no"))
		got := make(chan error, 1)
		pending.Then(func(v any, err error) {
			if v != nil {
				t.Errorf("the callback got the value %v beside %v", v, err)
			}
			got <- err
		})
		wantFailure(t, <-got, wire.CodeApplication, wire.Yes)
		if v, err := pending.Result(); v != nil || err == nil {
			t.Errorf("Result = %v, %v, want the failure alone", v, err)
		}
	})
}

func TestPendingEndsEveryWay(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math").With(service.CallOptions{Timeout: time.Minute})
		canceled := e.Go(t.Context(), "x")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		late := e.Go(ctx, "x")
		refused := conn.Endpoint("").Go(t.Context(), "x")
		lost := e.Go(t.Context(), "x")
		synctest.Wait()
		canceled.Cancel()
		canceled.Cancel()
		_, err := canceled.Result()
		wantFailure(t, err, wire.CodeCanceled, wire.Maybe)
		_, err = late.Result()
		wantFailure(t, err, wire.CodeTimeout, wire.Maybe)
		_, err = refused.Result()
		wantFailure(t, err, wire.CodeNoService, wire.No)
		p.lose()
		if _, err = lost.Result(); !errors.Is(err, service.ErrUnreachable) {
			t.Errorf("Result = %v, want unreachable", err)
		}
	})
}

// TestCallbackMayCloseTheConn: it runs on a goroutine that nobody else needs.
func TestCallbackMayCloseTheConn(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		pending := conn.Endpoint("math").Go(t.Context(), "x")
		p.bound("math")
		p.respond(p.request().ID, 3, nil)
		pending.Then(func(any, error) { conn.Close() })
		<-conn.Done()
	})
}

func TestTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := 0
		once := service.After(t.Context(), time.Second, func(context.Context) { ran++ })
		<-once.Done()
		if ran != 1 {
			t.Errorf("After ran %d times", ran)
		}
		stopped := service.After(t.Context(), time.Second, func(context.Context) { ran++ })
		stopped.Stop()
		<-stopped.Done()
		time.Sleep(2 * time.Second)
		if ran != 1 {
			t.Error("a stopped timer ran")
		}
		ticks := 0
		limited, end := context.WithCancel(t.Context())
		every := service.Every(limited, time.Second, func(ctx context.Context) {
			if ticks++; ticks == 3 {
				end()
				<-ctx.Done()
			}
		})
		<-every.Done()
		if ticks != 3 {
			t.Errorf("Every ran %d times, want 3", ticks)
		}
		ctx, cancel := context.WithCancel(t.Context())
		slow := 0
		sleepy := service.Every(ctx, time.Second, func(context.Context) { slow++; time.Sleep(2500 * time.Millisecond) })
		time.Sleep(10 * time.Second)
		cancel()
		<-sleepy.Done()
		if slow < 3 || slow > 4 {
			t.Errorf("a func of 2.5 s ran %d times in 10 s", slow)
		}
	})
}
