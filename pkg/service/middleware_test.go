package service_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// before makes a middleware that runs f, and goes on unless it returns an error.
func before(f func(ctx context.Context, r *service.Request) error) service.Middleware {
	return func(next service.Handler) service.Handler {
		return func(ctx context.Context, r *service.Request) (*service.Response, error) {
			if err := f(ctx, r); err != nil {
				return nil, err
			}
			return next(ctx, r)
		}
	}
}

// after makes a middleware that replaces what next has returned.
func after(f func(*service.Response, error) (*service.Response, error)) service.Middleware {
	return func(next service.Handler) service.Handler {
		return func(ctx context.Context, r *service.Request) (*service.Response, error) {
			return f(next(ctx, r))
		}
	}
}

// notes collects lines from many goroutines.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

// take returns the lines so far and forgets them.
func (n *notes) take() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	lines := n.lines
	n.lines = nil
	return strings.Join(lines, "; ")
}

// watcher is a middleware that notes what goes in and comes out.
func (n *notes) watcher(name string) service.Middleware {
	return func(next service.Handler) service.Handler {
		return func(ctx context.Context, r *service.Request) (*service.Response, error) {
			args, _ := value.ReadArgs(r.Args)
			n.add("%s %s%v", name, r.Method, args.Decode())
			response, err := next(ctx, r)
			switch {
			case err != nil:
				n.add("%s %v", name, err)
			case response == nil:
				n.add("%s later", name)
			case response.Value == nil:
				n.add("%s no value", name)
			default:
				v, _ := value.Decode(response.Value)
				n.add("%s = %v", name, v)
			}
			return response, err
		}
	}
}

// town is a service with a method of each kind.
func town() *service.Service {
	svc := service.New("math", nil)
	svc.Export("multiply", func(x, y int) int { return x * y }, nil)
	svc.Export("fail", func() error { return service.Fail(17, "no paper") }, nil)
	svc.Export("panics", func() { panic("oh") }, nil)
	svc.Export("series", func(n int) iter.Seq[int] { return slices.Values([]int{1, 2, 3}[:n]) }, nil)
	svc.Export("later", func(ctx context.Context) { k := service.Keep(ctx); go k.Answer(5) }, nil)
	svc.Export("forward", func(ctx context.Context) error {
		c, _ := service.CallerFrom(ctx)
		return service.Forward(ctx, c.Conn.Endpoint("math"), "multiply", 3, 4)
	}, nil)
	svc.Export("trace", func(ctx context.Context) any {
		c, _ := service.CallerFrom(ctx)
		return c.Headers["traceparent"]
	}, nil)
	svc.ExportFallback(func(ctx context.Context, method string, args []any) (any, error) {
		return method, nil
	})
	return svc
}

// TestMiddlewareOfAService: it sees every kind of request, in order, and its outcome.
func TestMiddlewareOfAService(t *testing.T) {
	tests := []struct {
		method string
		args   []any
		want   string // what the caller gets
		seen   string
	}{
		{"multiply", []any{3, 4}, "12 <nil>", "a multiply[3 4]; b multiply[3 4]; b = 12; a = 12"},
		{"multiply", []any{3}, "<nil> bad_params: expected 2 arguments, got 1", "a multiply[3]; b multiply[3]; b bad_params: expected 2 arguments, got 1; a bad_params: expected 2 arguments, got 1"},
		{"fail", nil, "<nil> application: no paper", "a fail[]; b fail[]; b application: no paper; a application: no paper"},
		{"panics", nil, "<nil> application: panic: oh", "a panics[]; b panics[]; b application: panic: oh; a application: panic: oh"},
		{"series", []any{3}, "[1 2 3] <nil>", "a series[3]; b series[3]; b no value; a no value"},
		{"later", nil, "5 <nil>", "a later[]; b later[]; b later; a later"},
		{"dynamic", []any{"x"}, "dynamic <nil>", "a dynamic[x]; b dynamic[x]; b = dynamic; a = dynamic"},
		{"system.ping", nil, "pong <nil>", ""},
	}
	synctest.Test(t, func(t *testing.T) {
		var n notes
		svc := town()
		_, conn := pairUp(t, svc)
		svc.Use(n.watcher("a"))
		svc.Use(n.watcher("b"))
		for _, tt := range tests {
			v, err := conn.Endpoint("math").Call(t.Context(), tt.method, tt.args...)
			if got := fmt.Sprint(v, " ", err); got != tt.want {
				t.Errorf("%s: Call = %s, want %s", tt.method, got, tt.want)
			}
			synctest.Wait()
			if got := n.take(); got != tt.seen {
				t.Errorf("%s: middleware saw %q, want %q", tt.method, got, tt.seen)
			}
		}
		v, err := conn.Endpoint("math").Call(t.Context(), "forward")
		synctest.Wait()
		if want := "a forward[]; b forward[]; b later; a later; a multiply[3 4]; b multiply[3 4]; b = 12; a = 12"; v != int64(12) || len(n.take()) != len(want) {
			t.Errorf("forward = %v, %v, want 12, and middleware around both", v, err)
		}
		if err := conn.Endpoint("math").Send(t.Context(), "multiply", 1, 2); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got, want := n.take(), "a multiply[1 2]; b multiply[1 2]; b no value; a no value"; got != want {
			t.Errorf("one-way: middleware saw %q, want %q", got, want)
		}
	})
}

func TestWhatMiddlewareOfAServiceMakesOfARequest(t *testing.T) {
	plain := errors.New("plain")
	encoded, _ := value.Marshal("cached")
	replacement, _ := value.AppendArgs(nil, []any{5, 6})
	tests := []struct {
		name      string
		use       service.Middleware
		want      any
		code      wire.Code
		delivered wire.Delivered
	}{
		{"refuses as denied", before(func(context.Context, *service.Request) error { return service.ErrDenied }), nil, wire.CodeDenied, wire.No},
		{"refuses and says yes", before(func(context.Context, *service.Request) error {
			return &service.Failure{Code: wire.CodeBusy, Delivered: service.Yes}
		}), nil, wire.CodeBusy, wire.No},
		{"refuses in other words", before(func(context.Context, *service.Request) error { return fmt.Errorf("not today: %w", service.ErrBusy) }), nil, wire.CodeBusy, wire.No},
		{"fails", before(func(context.Context, *service.Request) error { return plain }), nil, wire.CodeApplication, wire.Yes},
		{"fails with a number", before(func(context.Context, *service.Request) error { return service.Fail(3, "x") }), nil, wire.CodeApplication, wire.Yes},
		{"passes on what a call of its own ended with", before(func(ctx context.Context, _ *service.Request) error {
			return &service.Failure{Code: wire.CodeDenied, Instance: service.Address{Name: "auth", Number: 9}}
		}), nil, wire.CodeApplication, wire.Yes},
		{"panics", before(func(context.Context, *service.Request) error { panic("oh") }), nil, wire.CodeApplication, wire.Yes},
		{"wraps the outcome", after(func(_ *service.Response, err error) (*service.Response, error) {
			return nil, fmt.Errorf("around: %w", err)
		}), nil, wire.CodeBadParams, wire.No},
		{"answers in place of a failure", after(func(*service.Response, error) (*service.Response, error) {
			return &service.Response{Value: encoded}, nil
		}), "cached", 0, 0},
		{"hides a failure", after(func(*service.Response, error) (*service.Response, error) { return nil, nil }), nil, 0, 0},
		{"refuses after the func ran", after(func(*service.Response, error) (*service.Response, error) { return nil, service.ErrDenied }), nil, wire.CodeApplication, wire.Yes},
		{"changes the arguments", before(func(_ context.Context, r *service.Request) error { r.Args = replacement; return nil }), int64(30), 0, 0},
		{"calls next twice", func(next service.Handler) service.Handler {
			return func(ctx context.Context, r *service.Request) (*service.Response, error) {
				next(ctx, r)
				return next(ctx, r)
			}
		}, nil, wire.CodeApplication, wire.Yes},
		{"hands on a Request of its own making", func(next service.Handler) service.Handler {
			return func(ctx context.Context, r *service.Request) (*service.Response, error) {
				return next(ctx, &service.Request{Method: r.Method})
			}
		}, nil, wire.CodeApplication, wire.Yes},
		{"keeps the request", before(func(ctx context.Context, _ *service.Request) error { return service.Keep(ctx).Answer("kept") }), "kept", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := town()
				svc.Use(tt.use)
				_, conn := pairUp(t, svc)
				v, err := conn.Endpoint("math").Call(t.Context(), "multiply", 3)
				if tt.code != 0 {
					wantFailure(t, err, tt.code, tt.delivered)
				} else if err != nil || v != tt.want {
					t.Errorf("Call = %v, %v, want %v", v, err, tt.want)
				}
			})
		})
	}
}

// TestMiddlewareThatDoesNotWait: a request is not over before its func has returned, so that
// nothing of it is used again.
func TestMiddlewareThatDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, late := make(chan struct{}), make(chan error, 1)
		svc := service.New("math", nil)
		svc.Export("wait", func(ctx context.Context) { close(running); time.Sleep(time.Second) }, nil)
		svc.Use(func(next service.Handler) service.Handler {
			return func(ctx context.Context, r *service.Request) (*service.Response, error) {
				go next(ctx, r)
				<-running
				go func() {
					time.Sleep(2 * time.Second)
					_, err := next(ctx, r)
					late <- err
				}()
				return nil, service.ErrBusy
			}
		})
		_, conn := pairUp(t, svc)
		o := <-start(t.Context(), conn.Endpoint("math"), "wait")
		wantFailure(t, o.err, wire.CodeApplication, wire.Yes)
		if o.after != time.Second {
			t.Errorf("answered after %v, want 1s", o.after)
		}
		wantFailure(t, <-late, wire.CodeAborted, wire.No)
	})
}

// TestMiddlewareAndTheContext: values reach the func, a shorter deadline holds.
func TestMiddlewareAndTheContext(t *testing.T) {
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		svc := service.New("math", nil)
		svc.Export("value", func(ctx context.Context) (any, error) {
			_, ok := service.CallerFrom(ctx)
			return fmt.Sprintln(ctx.Value(key{}), ok), nil
		}, nil)
		svc.Export("wait", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, nil)
		svc.Export("series", func(ctx context.Context) iter.Seq[int] {
			return func(yield func(int) bool) {
				for yield(1) {
					time.Sleep(400 * time.Millisecond)
				}
			}
		}, nil)
		svc.Use(func(next service.Handler) service.Handler {
			return func(ctx context.Context, r *service.Request) (*service.Response, error) {
				ctx, cancel := context.WithTimeout(context.WithValue(ctx, key{}, "v"), time.Second)
				defer cancel()
				return next(ctx, r)
			}
		})
		_, conn := pairUp(t, svc)
		if v, err := conn.Endpoint("math").Call(t.Context(), "value"); v != "v true\n" {
			t.Errorf("the func saw %v, %v, want the value and the caller", v, err)
		}
		o := <-start(t.Context(), conn.Endpoint("math"), "wait")
		wantFailure(t, o.err, wire.CodeTimeout, wire.Yes)
		if o.after != time.Second {
			t.Errorf("timeout after %v, want 1s", o.after)
		}
		got, err := gather(conn.Endpoint("math").Stream(t.Context(), "series"))
		wantFailure(t, err, wire.CodeTimeout, wire.Yes)
		if len(got) != 3 {
			t.Errorf("%d results, want 3", len(got))
		}
	})
}

// TestMiddlewareKnowsTheSignature: so it can tell readers from writers, and keep secrets.
func TestMiddlewareKnowsTheSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n notes
		svc := service.New("math", nil)
		svc.Use(before(func(_ context.Context, r *service.Request) error {
			if r.Signature == nil {
				n.add("%s of %s: unknown", r.Method, r.Target)
			} else {
				n.add("%s of %s: readonly %v, stream %v", r.Method, r.Target, r.Signature.ReadOnly, r.Stream)
			}
			return nil
		}))
		svc.Export("read", func() {}, &service.MethodOptions{ReadOnly: true})
		svc.Export("series", func() iter.Seq[int] { return nil }, nil)
		svc.ExportFallbackRaw(func(_ context.Context, r *service.Request) (*service.Response, error) { return nil, nil })
		_, conn := pairUp(t, svc)
		for _, method := range []string{"read", "series", "dynamic"} {
			if _, err := conn.Endpoint("math").Call(t.Context(), method); err != nil {
				t.Error(err)
			}
		}
		a := svc.Address().String()
		want := fmt.Sprintf("read of %s: readonly true, stream false; series of %s: readonly false, stream true; dynamic of %s: unknown", a, a, a)
		if got := n.take(); got != want {
			t.Errorf("middleware saw %q, want %q", got, want)
		}
	})
}
