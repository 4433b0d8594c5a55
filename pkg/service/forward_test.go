package service_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// front is a service that forwards to the service back; errs gets what Forward returned.
func front(errs chan<- error) *service.Service {
	svc := service.New("front", nil)
	to := func(ctx context.Context) *service.Endpoint {
		c, _ := service.CallerFrom(ctx)
		return c.Conn.Endpoint("back")
	}
	svc.Export("new", func(ctx context.Context, x int) error {
		errs <- service.Forward(ctx, to(ctx), "double", x+1)
		return errors.New("nobody hears this")
	}, nil)
	svc.Export("away", func(ctx context.Context) {
		c, _ := service.CallerFrom(ctx)
		errs <- service.Forward(ctx, c.Conn.Endpoint("never"), "x")
	}, nil)
	svc.Export("same", func(ctx context.Context, x int) { errs <- service.ForwardRaw(ctx, to(ctx), "double", nil) }, nil)
	svc.Export("twice", func(ctx context.Context, x int) {
		service.Forward(ctx, to(ctx), "double", x)
		errs <- service.Forward(ctx, to(ctx), "double", x)
	}, nil)
	svc.Export("stream", func(ctx context.Context) iter.Seq[int] {
		return func(yield func(int) bool) {
			yield(1)
			errs <- service.Forward(ctx, to(ctx), "double", 1)
		}
	}, nil)
	return svc
}

func TestForwardIsTheAnswer(t *testing.T) {
	errs := make(chan error, 1)
	serving(t, front(errs), func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		headers, _ := value.Marshal(map[string]any{"trace": "x1"})
		for i, method := range []string{"new", "same", "twice"} {
			id := uint64(i)
			p.deliver(delivery{id: id, instance: handle, method: method, args: []any{7}, depth: 3, headers: headers})
			if i == 0 {
				p.bound("back")
			}
			f := p.expect(wire.KindForward)
			r, err := wire.ParseRequest(f.body[4:])
			if err != nil {
				t.Fatal(err)
			}
			args, _ := value.ReadArgs(r.Args)
			want := "[7]"
			if method == "new" {
				want = "[8]"
			}
			if f.ID != id || f.Depth != 4 || binary.LittleEndian.Uint32(f.body) != 0 || string(r.Method) != "double" || string(r.Headers) != string(headers) || fmt.Sprint(args.Decode()) != want {
				t.Errorf("%s: forward %+v of %s%v, headers %q", method, f.Header, r.Method, args.Decode(), r.Headers)
			}
			if err := <-errs; (err != nil) != (method == "twice") {
				t.Errorf("%s: Forward = %v", method, err)
			}
			synctest.Wait()
			p.quiet() // no answer beside it
		}
		p.deliver(delivery{id: 0, instance: handle, method: "same", args: []any{1}}) // the id is free
		p.expect(wire.KindForward)
		<-errs
	})
}

// TestForwardThatIsRefused: the handler goes on and answers.
func TestForwardThatIsRefused(t *testing.T) {
	errs := make(chan error, 1)
	svc := front(errs)
	svc.Export("tooLarge", func(ctx context.Context) int {
		c, _ := service.CallerFrom(ctx)
		errs <- service.Forward(ctx, c.Conn.Endpoint("back"), "x", make([]byte, 5<<20))
		return 12
	}, nil)
	svc.Export("bad", func(ctx context.Context) int {
		c, _ := service.CallerFrom(ctx)
		errs <- service.Forward(ctx, c.Conn.Endpoint("math@x"), "x")
		return 12
	}, nil)
	tests := []struct {
		method string
		depth  uint8
		want   error
	}{
		{"tooLarge", 0, service.ErrTooLarge},
		{"bad", 0, service.ErrNoService},
		{"tooLarge", wire.MaxDepth, service.ErrAborted},
	}
	serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		for i, tt := range tests {
			p.deliver(delivery{id: uint64(i), instance: handle, method: tt.method, depth: tt.depth})
			if i == 0 {
				p.bound("back")
			}
			if a := p.answerTo(uint64(i)); a.failure != nil || a.value != int64(12) {
				t.Errorf("%s: answer %v, %v, want the handler's own", tt.method, a.value, a.failure)
			}
			if err := <-errs; !errors.Is(err, tt.want) {
				t.Errorf("%s: Forward = %v, want %v", tt.method, err, tt.want)
			}
		}
		p.deliver(delivery{id: 9, instance: handle, method: "stream"})
		p.expect(wire.KindResult)
		if err := <-errs; err == nil {
			t.Error("a stream was forwarded after a result")
		}
		p.answerTo(9)
		if err := service.Forward(t.Context(), conn.Endpoint("back"), "x"); err == nil {
			t.Error("Forward without a handler's context = nil")
		}
	})
}

func TestForwardThroughAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errs := make(chan error, 10)
		callers := make(chan service.Caller, 10)
		back := service.New("back", nil)
		back.Export("double", func(ctx context.Context, x int) (int, error) {
			c, _ := service.CallerFrom(ctx)
			callers <- c
			if x < 0 {
				<-ctx.Done()
			}
			return 2 * x, ctx.Err()
		}, nil)
		host, conn := pairUp(t, front(errs), back)
		e := conn.Endpoint("front")
		if v, err := e.Call(t.Context(), "new", 7); err != nil || v != int64(16) {
			t.Errorf("Call = %v, %v, want 16", v, err)
		}
		if c := <-callers; c.Address != conn.Address() || c.Depth != 1 {
			t.Errorf("the second handler was called by %v at depth %d, want %v, 1", c.Address, c.Depth, conn.Address())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := e.Call(ctx, "same", -1) // the deadline goes with it
		wantFailure(t, err, wire.CodeTimeout, wire.Maybe)
		<-callers
		if err := e.Send(t.Context(), "same", 5); err != nil {
			t.Errorf("Send = %v", err)
		}
		if c := <-callers; c.Address != conn.Address() || c.Depth != 1 {
			t.Errorf("a one-way request was passed on as one of %v at depth %d, want %v, 1", c.Address, c.Depth, conn.Address())
		}
		if err := e.Send(t.Context(), "away"); err != nil { // that nobody takes it is told to nobody
			t.Errorf("Send = %v", err)
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Errorf("Forward = %v", err)
			}
		}
		if err := host.Withdraw(t.Context(), back); err != nil {
			t.Fatal(err)
		}
		_, err = e.Call(t.Context(), "same", 1)
		wantFailure(t, err, wire.CodeNoService, wire.Maybe)
	})
}
