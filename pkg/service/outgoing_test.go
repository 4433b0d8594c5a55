package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestMiddlewareOfAConn: it sees calls of every kind, and their outcome.
func TestMiddlewareOfAConn(t *testing.T) {
	args, _ := value.AppendArgs(nil, []any{3, 4})
	tests := []struct {
		name string
		call func(ctx context.Context, e *service.Endpoint) (any, error)
		want string
		seen string
	}{
		{"Call", func(ctx context.Context, e *service.Endpoint) (any, error) { return e.Call(ctx, "multiply", 3, 4) },
			"12 <nil>", "a multiply[3 4]; b multiply[3 4]; b = 12; a = 12"},
		{"Call with a type", func(ctx context.Context, e *service.Endpoint) (any, error) {
			return service.Call[int64](ctx, e, "multiply", 3, 4)
		}, "12 <nil>", "a multiply[3 4]; b multiply[3 4]; b = 12; a = 12"},
		{"CallRaw", func(ctx context.Context, e *service.Endpoint) (any, error) {
			r, err := e.CallRaw(ctx, "multiply", args, nil)
			v, _ := value.Decode(r.Value)
			return fmt.Sprint(v, r.Instance.Name), err
		}, "12math <nil>", "a multiply[3 4]; b multiply[3 4]; b = 12; a = 12"},
		{"Go", func(ctx context.Context, e *service.Endpoint) (any, error) {
			return e.Go(ctx, "multiply", 3, 4).Result()
		},
			"12 <nil>", "a multiply[3 4]; b multiply[3 4]; b = 12; a = 12"},
		{"Send", func(ctx context.Context, e *service.Endpoint) (any, error) { return nil, e.Send(ctx, "multiply", 3, 4) },
			"<nil> <nil>", "a multiply[3 4]; b multiply[3 4]; b no value; a no value"},
		{"Stream", func(ctx context.Context, e *service.Endpoint) (any, error) { return gather(e.Stream(ctx, "series", 2)) },
			"[1 2] <nil>", "a series[2]; b series[2]; b no value; a no value"},
		{"StreamRaw, left early", func(ctx context.Context, e *service.Endpoint) (any, error) {
			for _, err := range e.StreamRaw(ctx, "series", mustArgs(3), nil) {
				return "first", err
			}
			return nil, nil
		}, "first <nil>", "a series[3]; b series[3]; b canceled: the caller gave up; a canceled: the caller gave up"},
		{"a failure", func(ctx context.Context, e *service.Endpoint) (any, error) { return e.Call(ctx, "fail") },
			"<nil> application: no paper", "a fail[]; b fail[]; b application: no paper; a application: no paper"},
		{"a stream that fails", func(ctx context.Context, e *service.Endpoint) (any, error) { return gather(e.Stream(ctx, "fail")) },
			"[] application: no paper", "a fail[]; b fail[]; b application: no paper; a application: no paper"},
		{"arguments that cannot travel", func(ctx context.Context, e *service.Endpoint) (any, error) {
			return e.Call(ctx, "multiply", make(chan int))
		}, "<nil> encode: argument 1: cannot encode: Go type chan int has no encoded form", ""},
	}
	synctest.Test(t, func(t *testing.T) {
		var n notes
		_, conn := pairUp(t, town())
		conn.Use(n.watcher("a"), n.watcher("b"))
		for _, tt := range tests {
			v, err := tt.call(t.Context(), conn.Endpoint("math"))
			if got := fmt.Sprint(v, " ", err); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
			}
			synctest.Wait()
			if got := n.take(); got != tt.seen {
				t.Errorf("%s: middleware saw %q, want %q", tt.name, got, tt.seen)
			}
		}
		if n := conn.Stats().Pending; n != 0 {
			t.Errorf("%d calls are open, want none", n)
		}
	})
}

func mustArgs(args ...any) []byte {
	encoded, err := value.AppendArgs(nil, args)
	if err != nil {
		panic(err)
	}
	return encoded
}

func TestWhatMiddlewareOfAConnMakesOfACall(t *testing.T) {
	encoded, _ := value.Marshal("cached")
	again := func(next service.Handler) service.Handler {
		return func(ctx context.Context, r *service.Request) (*service.Response, error) {
			next(ctx, r)
			r.Method = "nobody.has.this"
			r.Target = "nobody"
			return next(ctx, r)
		}
	}
	tests := []struct {
		name      string
		use       service.Middleware
		want      any
		code      wire.Code
		delivered wire.Delivered
	}{
		{"answers itself", func(service.Handler) service.Handler {
			return func(context.Context, *service.Request) (*service.Response, error) {
				return &service.Response{Value: encoded}, nil
			}
		}, "cached", 0, 0},
		{"answers nil", func(service.Handler) service.Handler {
			return func(context.Context, *service.Request) (*service.Response, error) { return nil, nil }
		}, nil, 0, 0},
		{"refuses", before(func(context.Context, *service.Request) error { return service.ErrBusy }), nil, wire.CodeBusy, wire.No},
		{"fails before", before(func(context.Context, *service.Request) error { return errors.New("broken") }), nil, wire.CodeUnknown, wire.No},
		{"ends before with the context's error", before(func(context.Context, *service.Request) error { return context.DeadlineExceeded }), nil, wire.CodeTimeout, wire.No},
		{"fails after", after(func(*service.Response, error) (*service.Response, error) { return nil, errors.New("broken") }), nil, wire.CodeUnknown, wire.Yes},
		{"says no of a call that has run", after(func(*service.Response, error) (*service.Response, error) { return nil, service.ErrBusy }), nil, wire.CodeBusy, wire.Yes},
		{"tries again, and fails by no", again, nil, wire.CodeNoMethod, wire.Yes},
		{"changes the arguments", before(func(_ context.Context, r *service.Request) error { r.Args = mustArgs(5, 6); return nil }), int64(30), 0, 0},
		{"changes the method", before(func(_ context.Context, r *service.Request) error { r.Method, r.Args = "trace", nil; return nil }), nil, 0, 0},
		{"makes headers that are too large", before(func(_ context.Context, r *service.Request) error {
			r.SetHeader("x", make([]byte, 9000))
			return nil
		}), nil, wire.CodeTooLarge, wire.No},
		{"shortens the time to nothing", func(next service.Handler) service.Handler {
			return func(ctx context.Context, r *service.Request) (*service.Response, error) {
				ctx, cancel := context.WithTimeout(ctx, -1)
				defer cancel()
				return next(ctx, r)
			}
		}, nil, wire.CodeTimeout, wire.No},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := service.New("math", nil)
				svc.Export("multiply", func(x, y int) int { return x * y }, nil)
				svc.Export("trace", func() {}, nil)
				_, conn := pairUp(t, svc)
				conn.Use(tt.use)
				for kind, call := range map[string]func() (any, error){
					"Call": func() (any, error) { return conn.Endpoint("math").Call(t.Context(), "multiply", 3, 4) },
					"Go":   func() (any, error) { return conn.Endpoint("math").Go(t.Context(), "multiply", 3, 4).Result() },
				} {
					v, err := call()
					if tt.code != 0 {
						wantFailure(t, err, tt.code, tt.delivered)
					} else if err != nil || v != tt.want {
						t.Errorf("%s = %v, %v, want %v", kind, v, err, tt.want)
					}
				}
			})
		})
	}
}

// TestSentinelsAreNotChanged: what middleware returns may be shared by all.
func TestSentinelsAreNotChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, conn := pairUp(t, town())
		conn.Use(after(func(*service.Response, error) (*service.Response, error) { return nil, service.ErrBusy }))
		_, err := conn.Endpoint("math").Call(t.Context(), "multiply", 3, 4)
		wantFailure(t, err, wire.CodeBusy, wire.Yes)
		if f := service.ErrBusy.(*service.Failure); f.Delivered != service.No || !f.Instance.IsZero() {
			t.Errorf("ErrBusy has become %+v", f)
		}
	})
}

// TestMiddlewareThatTriesAgain: a second attempt in the same call, also of a stream.
func TestMiddlewareThatTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		svc := service.New("math", nil)
		svc.Export("series", func(ctx context.Context) (any, error) {
			if attempts++; attempts < 3 {
				return nil, service.Fail(1, "not yet")
			}
			return attempts, nil
		}, nil)
		_, conn := pairUp(t, svc)
		conn.Use(func(next service.Handler) service.Handler {
			return func(ctx context.Context, r *service.Request) (response *service.Response, err error) {
				for range 3 {
					if response, err = next(ctx, r); err == nil {
						break
					}
				}
				return response, err
			}
		})
		if v, err := conn.Endpoint("math").Call(t.Context(), "series"); v != int64(3) {
			t.Errorf("Call = %v, %v, want 3", v, err)
		}
		attempts = 0
		if got, err := gather(conn.Endpoint("math").Stream(t.Context(), "series")); fmt.Sprint(got, err) != "[3] <nil>" {
			t.Errorf("Stream = %v, %v, want one result", got, err)
		}
	})
}

// TestAttemptThatIsLeftAlone: a middleware that hedges answers with the first result, and
// says maybe of the attempt it does not wait for.
func TestAttemptThatIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service.New("math", nil)
		svc.Export("wait", func(ctx context.Context) { <-ctx.Done() }, nil)
		_, conn := pairUp(t, svc)
		ended := make(chan error, 1)
		conn.Use(func(next service.Handler) service.Handler {
			return func(ctx context.Context, r *service.Request) (*service.Response, error) {
				go func() { _, err := next(ctx, r); ended <- err }()
				time.Sleep(time.Second)
				return nil, service.ErrBusy
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := conn.Endpoint("math").Call(ctx, "wait")
		wantFailure(t, err, wire.CodeBusy, wire.Maybe)
		wantFailure(t, <-ended, wire.CodeTimeout, wire.Maybe)
	})
}

// TestGoKeepsTheOrderOfCalls also by way of middleware.
func TestGoKeepsTheOrderOfCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int
		svc := service.New("log", &service.ServiceOptions{Serial: true})
		svc.Export("line", func(n int) { got = append(got, n) }, nil)
		_, conn := pairUp(t, svc)
		conn.Use(before(func(context.Context, *service.Request) error { return nil }))
		var last *service.Pending
		for n := range 50 {
			last = conn.Endpoint("log").Go(t.Context(), "line", n)
		}
		last.Result()
		synctest.Wait()
		for n, v := range got {
			if n != v {
				t.Fatalf("lines came as %v", got)
			}
		}
		if len(got) != 50 {
			t.Errorf("%d lines, want 50", len(got))
		}
	})
}

// TestPropagateCarriesHeadersOn from a request to the calls its handler makes.
func TestPropagateCarriesHeadersOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		front := service.New("front", nil)
		front.Export("ask", func(ctx context.Context, own bool) (any, error) {
			c, _ := service.CallerFrom(ctx)
			e := c.Conn.Endpoint("math")
			if own {
				e = e.With(service.CallOptions{Headers: map[string]any{"traceparent": "mine"}})
			}
			return e.Call(ctx, "trace")
		}, nil)
		host, conn := pairUp(t, town(), front)
		host.Use(service.Propagate("traceparent", "tracestate"))
		with := func(h map[string]any) *service.Endpoint {
			return conn.Endpoint("front").With(service.CallOptions{Headers: h})
		}
		tests := []struct {
			name    string
			headers map[string]any
			own     bool
			want    any
		}{
			{"a header that came", map[string]any{"traceparent": "00-1", "secret": "x"}, false, "00-1"},
			{"none that came", nil, false, nil},
			{"the call's own", map[string]any{"traceparent": "00-1"}, true, "mine"},
		}
		for _, tt := range tests {
			if v, err := with(tt.headers).Call(t.Context(), "ask", tt.own); v != tt.want {
				t.Errorf("%s: the second service saw %v, %v, want %v", tt.name, v, err, tt.want)
			}
		}
	})
}

// TestPanicInTheBodyOfARange ends the call, and the call's parts are not used by another.
func TestPanicInTheBodyOfARange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := town()
		left := make(chan struct{}, 2)
		svc.ExportFallback(func(ctx context.Context, _ string, _ []any) (any, error) {
			return endless(ctx, left), nil
		})
		_, conn := pairUp(t, svc)
		for _, wrapped := range []bool{false, true} {
			if wrapped {
				conn.Use(before(func(context.Context, *service.Request) error { return nil }))
			}
			func() {
				defer func() { recover() }()
				for range conn.Endpoint("math").Stream(t.Context(), "ticks") {
					panic("in the body")
				}
			}()
			<-left
			synctest.Wait()
			if n := conn.Stats().Pending; n != 0 {
				t.Errorf("wrapped %v: %d calls are open, want none", wrapped, n)
			}
		}
	})
}

// endless yields ticks until ctx ends.
func endless(ctx context.Context, left chan<- struct{}) func(func(any) bool) {
	return func(yield func(any) bool) {
		for yield("tick") {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		}
		left <- struct{}{}
	}
}
