package service_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// dynamic is a service with one exported method and a fallback of every manner.
func dynamic(ctx context.Context, method string, args []any) (any, error) {
	switch method {
	case "sum":
		var sum int64
		for _, arg := range args {
			n, _ := arg.(int64)
			sum += n
		}
		return sum, nil
	case "caller":
		c, _ := service.CallerFrom(ctx)
		return c.Method, nil
	case "seq":
		return iter.Seq[any](func(yield func(any) bool) { _ = yield(1) && yield("two") }), nil
	case "torn":
		return iter.Seq2[any, error](func(yield func(any, error) bool) { _ = yield(1, nil) && yield(nil, errors.New("torn")) }), nil
	case "bad":
		return make(chan int), nil
	case "badSeq":
		return iter.Seq[any](func(yield func(any) bool) { yield(make(chan int)) }), nil
	case "panics":
		panic("oh")
	case "later":
		k := service.Keep(ctx)
		go k.Answer("kept")
		return make(chan int), nil
	case "laterSeq":
		k := service.Keep(ctx)
		time.AfterFunc(time.Second, func() { k.Answer("kept") })
		return iter.Seq[any](func(func(any) bool) { panic("nobody ranges over this") }), nil
	case "keepInSeq":
		return iter.Seq[any](func(yield func(any) bool) { service.Keep(ctx) }), nil
	case "forward":
		c, _ := service.CallerFrom(ctx)
		return nil, service.ForwardRaw(ctx, c.Conn.Endpoint("mock"), "exported", nil)
	case "unknown":
		return nil, service.ErrNoMethod
	case "exportd":
		return nil, fmt.Errorf("nothing here: %w", service.ErrNoMethod)
	}
	return nil, service.Fail(9, "cannot "+method)
}

func mock() *service.Service {
	svc := service.New("mock", nil)
	svc.Export("exported", func() string { return "exported" }, nil)
	svc.ExportFallback(dynamic)
	return svc
}

func TestFallbackAnswersWhatIsNotExported(t *testing.T) {
	tests := []struct {
		method    string
		args      []any
		want      string
		code      wire.Code
		delivered wire.Delivered
		text      string
	}{
		{"exported", nil, "exported", 0, 0, ""},
		{"sum", []any{1, 2, 3}, "6", 0, 0, ""},
		{"caller", nil, "caller", 0, 0, ""},
		{"system.ping", nil, "pong", 0, 0, ""},
		{"seq", nil, "[1 two]", 0, 0, ""},
		{"later", nil, "kept", 0, 0, ""},
		{"laterSeq", nil, "kept", 0, 0, ""},
		{"forward", nil, "exported", 0, 0, ""},
		{"other", nil, "", wire.CodeApplication, wire.Yes, "cannot other"},
		{"unknown", nil, "", wire.CodeNoMethod, wire.Maybe, "service mock has no method \"unknown\""},
		{"exportd", nil, "", wire.CodeNoMethod, wire.Maybe, "nothing here"},
		{"torn", nil, "", wire.CodeApplication, wire.Yes, "torn"},
		{"bad", nil, "", wire.CodeEncodeValue, wire.Yes, "chan int"},
		{"badSeq", nil, "", wire.CodeEncodeValue, wire.Yes, "chan int"},
		{"panics", nil, "", wire.CodeApplication, wire.Yes, "panic: oh"},
		{"keepInSeq", nil, "", wire.CodeApplication, wire.Yes, "stream"},
		{"system.unknown", nil, "", wire.CodeNoMethod, wire.No, "system.unknown"},
		{"no name", nil, "", wire.CodeNoMethod, wire.No, "no name"},
		{"1st", nil, "", wire.CodeNoMethod, wire.No, "1st"},
		{strings.Repeat("x", 129), nil, "", wire.CodeNoMethod, wire.No, "xxx"},
	}
	for _, wrapped := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			svc := mock()
			if wrapped {
				svc.Use(before(func(context.Context, *service.Request) error { return nil }))
			}
			_, conn := pairUp(t, svc)
			for _, tt := range tests {
				v, err := conn.Endpoint("mock").Call(t.Context(), tt.method, tt.args...)
				if tt.code == 0 {
					if err != nil || fmt.Sprint(v) != tt.want {
						t.Errorf("%s: Call = %v, %v, want %s", tt.method, v, err, tt.want)
					}
					continue
				}
				if f := wantFailure(t, err, tt.code, tt.delivered); f != nil && !strings.Contains(f.Description, tt.text) {
					t.Errorf("%s: failure %q, want one that says %q", tt.method, f.Description, tt.text)
				}
			}
		})
	}
}

// TestFallbackThatStreams: the results come one by one, and the caller holds the func up.
func TestFallbackThatStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := make(chan struct{}, 1)
		sent := 0
		svc := service.New("mock", nil)
		svc.ExportFallback(func(ctx context.Context, method string, args []any) (any, error) {
			if method == "ticks" {
				return iter.Seq[any](endless(ctx, left)), nil
			}
			return iter.Seq[any](func(yield func(any) bool) {
				for sent = 0; yield(strings.Repeat("x", 100<<10)); sent++ {
				}
				left <- struct{}{}
			}), nil
		})
		_, conn := pairUp(t, svc)
		began, n := time.Now(), 0
		for v, err := range conn.Endpoint("mock").Stream(t.Context(), "ticks") {
			if err != nil || v != "tick" || time.Since(began) != time.Duration(n)*time.Second {
				t.Errorf("result %v, %v after %v, want a tick after %d s", v, err, time.Since(began), n)
			}
			if n++; n == 3 {
				break
			}
		}
		<-left
		for range conn.Endpoint("mock").Stream(t.Context(), "chunks") {
			synctest.Wait()
			break
		}
		<-left
		if sent > 4 {
			t.Errorf("%d results of 100 KiB were sent to a caller that takes none", sent)
		}
		if err := conn.Endpoint("mock").Send(t.Context(), "ticks"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute) // nobody takes the ticks, and the deadline ends them
		<-left
	})
}

// TestRawFallbackIsAProxy: arguments, results and failures pass unchanged, streams by
// ForwardRaw.
func TestRawFallbackIsAProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		proxy := service.New("proxy", nil)
		proxy.ExportFallbackRaw(func(ctx context.Context, r *service.Request) (*service.Response, error) {
			c, _ := service.CallerFrom(ctx)
			back := c.Conn.Endpoint("math")
			if r.Headers["forward"] == true {
				return nil, service.ForwardRaw(ctx, back, r.Method, nil)
			}
			return back.CallRaw(ctx, r.Method, r.Args, nil)
		})
		back := service.New("math", nil)
		back.Export("multiply", func(x, y int) int { return x * y }, nil)
		back.Export("series", func(n int) iter.Seq[int] { return func(yield func(int) bool) { _ = yield(n) && yield(n+1) } }, nil)
		_, conn := pairUp(t, proxy, back)
		for _, headers := range []map[string]any{nil, {"forward": true}} {
			e := conn.Endpoint("proxy").With(service.CallOptions{Headers: headers})
			if v, err := e.Call(t.Context(), "multiply", 3, 4); v != int64(12) {
				t.Errorf("headers %v: multiply = %v, %v, want 12", headers, v, err)
			}
			if v, err := e.Call(t.Context(), "series", 7); fmt.Sprint(v) != "[7 8]" {
				t.Errorf("headers %v: series = %v, %v, want 7 and 8", headers, v, err)
			}
			_, err := e.Call(t.Context(), "none")
			if !errors.Is(err, service.ErrNoMethod) {
				t.Errorf("headers %v: a method nobody has = %v, want no_method", headers, err)
			}
		}
	})
}

// TestKeptRequestOfAFallbackMayFailAsUnknown.
func TestKeptRequestOfAFallbackMayFailAsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service.New("mock", nil)
		svc.ExportFallback(func(ctx context.Context, method string, _ []any) (any, error) {
			k := service.Keep(ctx)
			go k.Fail(service.ErrNoMethod)
			return nil, nil
		})
		_, conn := pairUp(t, svc)
		_, err := conn.Endpoint("mock").Call(t.Context(), "x")
		wantFailure(t, err, wire.CodeNoMethod, wire.Maybe)
	})
}

// TestFallbackIsShown in the registry, from the start or from when it was exported.
func TestFallbackIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		early, late := mock(), service.New("late", nil)
		_, conn := pairUp(t, early, late)
		w, err := conn.Watch(service.WatchOptions{Glob: "late"})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		for e := range w.Events(t.Context()) {
			if e.Kind == service.Synced {
				break
			}
			if e.Info.Fallback {
				t.Error("a fallback is shown before there is one")
			}
		}
		if _, err := conn.Endpoint("late").Call(t.Context(), "x"); !errors.Is(err, service.ErrNoMethod) {
			t.Errorf("Call = %v, want no_method", err)
		}
		for range 2 { // the second replaces the first, and changes nothing that is shown
			if err := late.ExportFallback(dynamic); err != nil {
				t.Fatal(err)
			}
		}
		if e, err := w.Next(t.Context()); err != nil || e.Kind != service.Changed || !e.Info.Fallback {
			t.Errorf("event %s, %v, fallback %v, want changed, true", e.Kind, err, e.Info.Fallback)
		}
		d, err := conn.Describe(t.Context(), "mock")
		if err != nil || !d.Infos[0].Fallback {
			t.Errorf("Describe = %+v, %v, want a fallback", d, err)
		}
		v, err := conn.Endpoint("late").Call(t.Context(), "system.describe")
		if m, _ := v.(map[string]any); err != nil || m["fallback"] != true {
			t.Errorf("system.describe = %v, %v, want a fallback", v, err)
		}
	})
}

func TestNilFallbackIsRefused(t *testing.T) {
	svc := service.New("mock", nil)
	if err := svc.ExportFallback(nil); err == nil {
		t.Error("ExportFallback(nil) = nil")
	}
	if err := svc.Export("x", func() {}, nil); err == nil {
		t.Error("the error is forgotten")
	}
}

// TestArgumentsOfAFallbackAreChecked before it runs.
func TestArgumentsOfAFallbackAreChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, conn := pairUp(t, mock())
		_, err := conn.Endpoint("mock").CallRaw(t.Context(), "sum", value.Raw{0xff}, nil)
		wantFailure(t, err, wire.CodeDecodeArgs, wire.No)
	})
}
