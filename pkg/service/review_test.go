package service_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestManyAnswerOneKeptRequest: one of them does, the others are told.
func TestManyAnswerOneKeptRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc, all := keeper(nil)
		_, conn := pairUp(t, svc)
		for range 20 {
			ended := start(t.Context(), conn.Endpoint("math"), "wait")
			k := <-all
			var won atomic.Int64
			var wg sync.WaitGroup
			for n := range 10 {
				wg.Go(func() {
					answer := func() error { return k.Answer(n) }
					if n%2 == 1 {
						answer = func() error { return k.Fail(service.Fail(int64(n), "no")) }
					}
					if err := answer(); err == nil {
						won.Add(1)
					} else if err != service.ErrAnswered {
						t.Errorf("answering = %v, want %v", err, service.ErrAnswered)
					}
				})
			}
			wg.Wait()
			if o := <-ended; won.Load() != 1 {
				t.Errorf("%d answers were taken, and the call ended with %v, %v", won.Load(), o.value, o.err)
			}
		}
	})
}

// TestKeptThenForwarded: who has kept a request cannot forward it too, nor the other way
// round, and the caller gets one outcome.
func TestKeptThenForwarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errs := make(chan error, 2)
		svc := service.New("front", nil)
		svc.Export("both", func(ctx context.Context) {
			c, _ := service.CallerFrom(ctx)
			k := service.Keep(ctx)
			errs <- service.Forward(ctx, c.Conn.Endpoint("front"), "other")
			errs <- k.Answer("kept")
		}, nil)
		svc.Export("other", func() string { return "forwarded" }, nil)
		_, conn := pairUp(t, svc)
		if v, err := conn.Endpoint("front").Call(t.Context(), "both"); v != "kept" {
			t.Errorf("Call = %v, %v, want the kept answer", v, err)
		}
		if forward, answer := <-errs, <-errs; forward == nil || answer != nil {
			t.Errorf("Forward = %v, Answer = %v, want an error and nil", forward, answer)
		}
	})
}

// TestContextThatEndsWhileTheBodyOfARangeIsStuck: the handler hears of it all the same, and
// the range ends when its body returns.
func TestContextThatEndsWhileTheBodyOfARangeIsStuck(t *testing.T) {
	for _, wrapped := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			left := make(chan struct{}, 1)
			svc := service.New("mock", nil)
			svc.ExportFallback(func(ctx context.Context, _ string, _ []any) (any, error) { return endless(ctx, left), nil })
			_, conn := pairUp(t, svc)
			if wrapped {
				conn.Use(before(func(context.Context, *service.Request) error { return nil }))
			}
			ctx, cancel := context.WithCancel(t.Context())
			stuck, ended := make(chan struct{}), make(chan error, 1)
			go func() {
				var last error
				for _, err := range conn.Endpoint("mock").Stream(ctx, "ticks") {
					if last = err; err == nil {
						<-stuck
					}
				}
				ended <- last
			}()
			synctest.Wait()
			cancel()
			began := time.Now()
			<-left
			if took := time.Since(began); took > time.Second {
				t.Errorf("wrapped %v: the handler went on for %v", wrapped, took)
			}
			close(stuck)
			wantFailure(t, <-ended, wire.CodeCanceled, wire.Yes)
			synctest.Wait()
			if n := conn.Stats().Pending; n != 0 || !conn.Connected() {
				t.Errorf("wrapped %v: %d calls are open, connected %v", wrapped, n, conn.Connected())
			}
		})
	}
}

// TestMiddlewareThatEndsItsGoroutine: the call has its outcome, at either side.
func TestMiddlewareThatEndsItsGoroutine(t *testing.T) {
	goexit := before(func(context.Context, *service.Request) error { runtime.Goexit(); return nil })
	synctest.Test(t, func(t *testing.T) {
		svc := town()
		svc.Use(goexit)
		host, conn := pairUp(t, svc)
		_, err := conn.Endpoint("math").Call(t.Context(), "multiply", 3, 4)
		wantFailure(t, err, wire.CodeAborted, wire.Yes)
		host.Use(goexit)
		_, err = host.Endpoint("math").Go(t.Context(), "multiply", 3, 4).Result()
		wantFailure(t, err, wire.CodeUnknown, wire.No)
	})
}

// TestCallbacksMakeCalls, with futures of their own, to any depth.
func TestCallbacksMakeCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, conn := pairUp(t, town())
		done := make(chan any, 1)
		var next func(v any, err error)
		n := 0
		next = func(v any, err error) {
			if n++; n == 100 || err != nil {
				done <- v
				return
			}
			if _, err := conn.Endpoint("math").Call(t.Context(), "multiply", 1, 1); err != nil {
				t.Error(err)
			}
			conn.Endpoint("math").Go(t.Context(), "multiply", n, 2).Then(next)
		}
		next(nil, nil)
		if v := <-done; v != int64(198) {
			t.Errorf("the last callback got %v, want 198", v)
		}
	})
}

// TestCallbackThatIsStuckHoldsNobodyUp: each has a goroutine of its own.
func TestCallbackThatIsStuckHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, conn := pairUp(t, town())
		stuck := make(chan struct{})
		p := conn.Endpoint("math").Go(t.Context(), "multiply", 3, 4)
		for range 100 {
			p.Then(func(any, error) { <-stuck })
		}
		told := make(chan any, 1)
		p.Then(func(v any, _ error) { told <- v })
		if v := <-told; v != int64(12) {
			t.Errorf("the callback got %v, want 12", v)
		}
		if v, err := conn.Endpoint("math").Call(t.Context(), "multiply", 5, 6); v != int64(30) {
			t.Errorf("a call beside them = %v, %v, want 30", v, err)
		}
		close(stuck)
	})
}

// TestForwardedFromAFallbackToItself goes on to the depth that is allowed, and ends.
func TestForwardedFromAFallbackToItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service.New("loop", nil)
		svc.ExportFallbackRaw(func(ctx context.Context, r *service.Request) (*service.Response, error) {
			c, _ := service.CallerFrom(ctx)
			return nil, service.ForwardRaw(ctx, c.Conn.Endpoint("loop"), r.Method+"x", nil)
		})
		_, conn := pairUp(t, svc)
		_, err := conn.Endpoint("loop").Call(t.Context(), "x")
		f := wantFailure(t, err, wire.CodeApplication, wire.Yes)
		if f != nil && !strings.Contains(f.Description, "loop") {
			t.Errorf("failure %v, want one of a loop", f)
		}
	})
}

// TestKeptRequestOutlivesItsSession: when the link is lost the context ends and the answer is
// refused; another caller is not answered in its place.
func TestKeptRequestOutlivesItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc, all := keeper(nil)
		host, conn := pairUp(t, svc)
		ended := start(t.Context(), conn.Endpoint("math"), "wait")
		k := <-all
		synctest.Wait()
		host.Close()
		if o := <-ended; o.err == nil {
			t.Errorf("Call = %v, want a failure", o.value)
		}
		<-k.Context().Done()
		if err := k.Answer(1); err != service.ErrAnswered {
			t.Errorf("Answer = %v, want %v", err, service.ErrAnswered)
		}
	})
}

// TestStreamThatPassesItsRequestOn before its first result: kept, it is answered by one
// value; forwarded, the other one's results are the caller's. After a result it is too late.
func TestStreamThatPassesItsRequestOn(t *testing.T) {
	tests := []struct {
		method, want string
		refused      bool
	}{
		{"keep", "[kept]", false},
		{"keepInRange", "[kept]", false},
		{"forward", "[1 2]", false},
		{"forwardInRange", "[1 2]", false},
		{"forwardLate", "[7 8]", true},
	}
	for _, wrapped := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			errs := make(chan error, 1)
			svc := passing(errs)
			if wrapped {
				svc.Use(before(func(context.Context, *service.Request) error { return nil }))
			}
			_, conn := pairUp(t, svc)
			for _, tt := range tests {
				got, err := gather(conn.Endpoint("front").Stream(t.Context(), tt.method))
				if fmt.Sprint(got) != tt.want || err != nil {
					t.Errorf("%s: got %v, %v, want %s", tt.method, got, err, tt.want)
				}
				if err := <-errs; (err != nil) != tt.refused {
					t.Errorf("%s: error %v, want one: %v", tt.method, err, tt.refused)
				}
			}
		})
	}
}

// passing is a service whose streams keep or forward their requests.
func passing(errs chan<- error) *service.Service {
	svc := service.New("front", nil)
	keep := func(ctx context.Context) {
		k := service.Keep(ctx)
		time.AfterFunc(time.Second, func() { errs <- k.Answer("kept") })
	}
	forward := func(ctx context.Context) {
		c, _ := service.CallerFrom(ctx)
		errs <- service.Forward(ctx, c.Conn.Endpoint("front"), "series")
	}
	results := func(f func(), first ...int) iter.Seq[int] {
		return func(yield func(int) bool) {
			for _, v := range first {
				yield(v)
			}
			f()
			yield(8)
		}
	}
	svc.Export("series", func() iter.Seq[int] { return slices.Values([]int{1, 2}) }, nil)
	svc.Export("keep", func(ctx context.Context) iter.Seq[int] { keep(ctx); return results(func() {}) }, nil)
	svc.Export("keepInRange", func(ctx context.Context) iter.Seq[int] { return results(func() { keep(ctx) }) }, nil)
	svc.Export("forward", func(ctx context.Context) iter.Seq[int] { forward(ctx); return nil }, nil)
	svc.Export("forwardInRange", func(ctx context.Context) iter.Seq[int] { return results(func() { forward(ctx) }) }, nil)
	svc.Export("forwardLate", func(ctx context.Context) iter.Seq[int] { return results(func() { forward(ctx) }, 7) }, nil)
	return svc
}
