package service_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestFactsInTheContext(t *testing.T) {
	var caller service.Caller
	var inside, ok bool
	var left time.Duration
	svc := service.New("math", nil)
	svc.Export("x", func(ctx context.Context) {
		caller, ok = service.CallerFrom(context.WithValue(ctx, point{}, 1))
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		inside = ctx.Err() == nil
	}, nil)
	serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		headers, _ := value.Marshal(map[string]any{"trace": "x1"})
		p.deliver(delivery{id: 1, instance: handle, method: "x", headers: headers, ttl: 3 * time.Second, depth: 4})
		p.answerTo(1)
		if !ok || !inside || left != 3*time.Second {
			t.Errorf("ok %v, live %v, %v left, want true, true, 3 s", ok, inside, left)
		}
		if caller.Address != (service.Address{Origin: testOrigin, Number: testCaller}) || caller.Depth != 4 || caller.Method != "x" {
			t.Errorf("caller is %+v", caller)
		}
		if caller.Instance != (service.Address{Origin: testOrigin, Name: "math", Number: 3}) || caller.Service != svc || caller.Conn != conn {
			t.Errorf("callee is %+v", caller)
		}
		if fmt.Sprint(caller.Headers) != "map[trace:x1]" {
			t.Errorf("headers are %v", caller.Headers)
		}
		if _, ok := service.CallerFrom(t.Context()); ok {
			t.Error("CallerFrom found a caller in a context of no handler")
		}
	})
}

// TestContextEndsWithTheHandler and so do contexts made from it, without a goroutine each.
func TestContextEndsWithTheHandler(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		var kept, derived context.Context
		var cancel context.CancelFunc
		before, after := 0, 0
		svc := service.New("math", nil)
		svc.Export("x", func(ctx context.Context) {
			before = runtime.NumGoroutine()
			kept = ctx
			derived, cancel = context.WithCancel(ctx)
			after = runtime.NumGoroutine()
		}, nil)
		handle := announce(t, conn, p, svc, 3)
		p.deliver(delivery{id: 1, instance: handle, method: "x"})
		p.answerTo(1)
		defer cancel()
		<-kept.Done()
		<-derived.Done()
		if !errors.Is(kept.Err(), context.Canceled) || !errors.Is(derived.Err(), context.Canceled) {
			t.Errorf("ended with %v and %v, want canceled", kept.Err(), derived.Err())
		}
		if after != before {
			t.Errorf("deriving a context took %d goroutines", after-before)
		}
		late, end := context.WithCancel(kept)
		defer end()
		if <-late.Done(); late.Err() == nil {
			t.Error("a context derived from an ended one lives")
		}
	})
}

func TestNestedCalls(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc := service.New("math", nil)
		svc.Export("x", func(ctx context.Context) (any, error) {
			c, _ := service.CallerFrom(ctx)
			return c.Conn.Endpoint("db").Call(ctx, "get")
		}, nil)
		handle := announce(t, conn, p, svc, 3)
		p.deliver(delivery{id: 1, instance: handle, method: "x", ttl: 5 * time.Second, depth: 6})
		p.bound("db")
		r := p.request()
		if r.Depth != 7 || r.TTL != 5000 {
			t.Errorf("nested call has depth %d and ttl %d, want 7 and 5000", r.Depth, r.TTL)
		}
		p.respond(r.ID, 8, "found")
		if a := p.answerTo(1); a.value != "found" {
			t.Errorf("got %v, %v", a.value, a.failure)
		}
		p.deliver(delivery{id: 2, instance: handle, method: "x", depth: wire.MaxDepth})
		f := wantFailure(t, p.answerTo(2).failure, wire.CodeApplication, wire.Yes)
		if !strings.Contains(f.Description, "call loop") || !strings.Contains(f.Details, "aborted (58), delivered no") {
			t.Errorf("at the greatest depth: %+v, want a refused call loop", f)
		}
	})
}

// TestCancelTravelsOn: a cancel travels on to what a handler calls.
func TestCancelTravelsOn(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc := service.New("math", nil)
		svc.Export("x", func(ctx context.Context) (any, error) { return conn.Endpoint("db").Call(ctx, "get") }, nil)
		handle := announce(t, conn, p, svc, 3)
		p.deliver(delivery{id: 1, instance: handle, method: "x"})
		p.bound("db")
		r := p.request()
		p.cancel(1, false)
		if c := p.expect(wire.KindCancel); c.ID != r.ID {
			t.Errorf("cancel of %#x, want %#x", c.ID, r.ID)
		}
		wantFailure(t, p.answerTo(1).failure, wire.CodeCanceled, wire.Yes)
		p.fail(r.ID, 8, wire.Failf(wire.CodeCanceled, wire.Maybe, "gone"))
	})
}

// TestAfterFuncOfAHandler: what waits for the end of a handler's context runs then, unless
// it was stopped, and at once when it comes too late.
func TestAfterFuncOfAHandler(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ran := make(chan string, 10)
		var kept context.Context
		svc := service.New("math", nil)
		svc.Export("x", func(ctx context.Context) bool {
			kept = ctx
			context.AfterFunc(ctx, func() { ran <- "at the end" })
			stopped := context.AfterFunc(ctx, func() { ran <- "stopped" })
			return stopped()
		}, nil)
		handle := announce(t, conn, p, svc, 3)
		p.deliver(delivery{id: 1, instance: handle, method: "x"})
		if a := p.answerTo(1); a.value != true {
			t.Errorf("stop returned %v, %v, want true", a.value, a.failure)
		}
		if got := <-ran; got != "at the end" {
			t.Errorf("ran %q", got)
		}
		stop := context.AfterFunc(kept, func() { ran <- "late" })
		if got := <-ran; got != "late" || stop() {
			t.Errorf("ran %q and could be stopped, want late and not", got)
		}
	})
}

// TestHandlerMayCloseTheConn, since Close does not wait for handlers.
func TestHandlerMayCloseTheConn(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc := service.New("math", nil)
		svc.Export("x", func() { conn.Close() }, nil)
		handle := announce(t, conn, p, svc, 3)
		p.deliver(delivery{id: 1, instance: handle, method: "x"})
		<-conn.Done()
	})
}

// TestWhoTheCallerIs: the registry knows what the context does not carry.
func TestWhoTheCallerIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service.New("math", nil)
		svc.Export("who", func(ctx context.Context) (int, error) {
			c, _ := service.CallerFrom(ctx)
			d, err := c.Conn.Describe(ctx, c.Address.String())
			if err != nil {
				return 0, err
			}
			return d.Infos[0].Process.PID, nil
		}, nil)
		_, conn := pairUp(t, svc)
		if v, err := conn.Endpoint("math").Call(t.Context(), "who"); v != int64(os.Getpid()) {
			t.Errorf("the caller's process is %v, %v, want %d", v, err, os.Getpid())
		}
	})
}
