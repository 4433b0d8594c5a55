package service_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// pairUp makes a connection with a service announced and another to call it by, both at a
// real exchange. It is used in a bubble.
func pairUp(t *testing.T, announced ...*service.Service) (host, conn *service.Conn) {
	t.Helper()
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	host, conn = connectTo(t, ex), connectTo(t, ex)
	for _, s := range announced {
		if err := host.Announce(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return host, conn
}

func connectTo(t *testing.T, ex *exchange.Exchange) *service.Conn {
	t.Helper()
	conn, err := service.Connect(t.Context(), "", &service.Options{Dial: ex.Dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestSendEndsWhenDelivered(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sent := make(chan error, 1)
		send := func() { sent <- conn.Endpoint("log").Send(t.Context(), "line", "a") }
		go send()
		p.bound("log")
		r := p.request()
		if r.Flags != wire.FlagOneWay || r.method != "line" {
			t.Errorf("request %s with flags %#x, want line, one-way", r.method, r.Flags)
		}
		p.respond(r.ID, 3, nil)
		if err := <-sent; err != nil {
			t.Errorf("Send = %v, want nil", err)
		}
		go send()
		p.fail(p.request().ID, 0, wire.Failf(wire.CodeBusy, wire.No, "full"))
		wantFailure(t, <-sent, wire.CodeBusy, wire.No)
	})
}

// TestOneWayRequestIsAnsweredOnce: the answer gives the slot back, and carries nothing.
func TestOneWayRequestIsAnsweredOnce(t *testing.T) {
	tests := []struct {
		name, method string
		args         []any
	}{
		{"a result", "upper", []any{"a"}},
		{"a failing handler", "fails", nil},
		{"a panic", "panics", nil},
	}
	svc := service.New("log", nil)
	svc.Export("upper", func(string) string { return "large" }, nil)
	svc.Export("fails", func() error { return errors.New("no") }, nil)
	svc.Export("panics", func() { panic("no") }, nil)
	serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		for _, tt := range tests {
			p.deliver(delivery{id: 5, instance: handle, method: tt.method, args: tt.args, flags: wire.FlagOneWay})
			if a := p.answerTo(5); a.failure != nil || a.value != nil {
				t.Errorf("%s: answered %v, %v, want nothing in it", tt.name, a.value, a.failure)
			}
			p.quiet()
		}
	})
}

func TestSendThroughAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := make(chan string, 1)
		svc := service.New("log", &service.ServiceOptions{Serial: true})
		svc.Export("line", func(ctx context.Context, text string) error {
			time.Sleep(time.Second)
			lines <- text
			return errors.New("nobody hears this")
		}, nil)
		_, conn := pairUp(t, svc)
		e := conn.Endpoint("log")
		began := time.Now()
		for _, text := range []string{"one", "two"} {
			if err := e.Send(t.Context(), "line", text); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("two Sends took %v, want nothing", took)
		}
		if a, b := <-lines, <-lines; a != "one" || b != "two" {
			t.Errorf("the handler got %s, %s", a, b)
		}
		wantFailure(t, conn.Endpoint("nobody").Send(t.Context(), "line", "x"), wire.CodeNoService, wire.No)
		wantFailure(t, e.Send(t.Context(), "line", make(chan int)), wire.CodeEncodeArgs, wire.No)
	})
}

// TestOneWayRequestHasItsDeadline though nobody waits: the exchange has told its caller, so
// the library alone keeps it.
func TestOneWayRequestHasItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ended := make(chan error, 2)
		ran := false
		svc := service.New("log", &service.ServiceOptions{Serial: true})
		svc.Export("wait", func(ctx context.Context) { <-ctx.Done(); ended <- ctx.Err(); time.Sleep(time.Minute) }, nil)
		svc.Export("line", func() { ran = true }, nil)
		svc.Export("keep", func(ctx context.Context) {
			k := service.Keep(ctx)
			go func() { <-k.Context().Done(); ended <- k.Context().Err() }()
		}, nil)
		_, conn := pairUp(t, svc)
		e := conn.Endpoint("log").With(service.CallOptions{Timeout: 5 * time.Second})
		for _, method := range []string{"wait", "line"} {
			if err := e.Send(t.Context(), method); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-ended; err != context.DeadlineExceeded || time.Since(began) != 5*time.Second {
			t.Errorf("the handler's context ended with %v after %v, want a deadline's after 5s", err, time.Since(began))
		}
		time.Sleep(2 * time.Minute)
		if ran {
			t.Error("a request that waited beyond its deadline was started")
		}
		if err := e.Send(t.Context(), "keep"); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != context.DeadlineExceeded {
			t.Errorf("the kept request's context ended with %v, want a deadline's", err)
		}
	})
}
