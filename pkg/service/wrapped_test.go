package service_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// hoard is a middleware that keeps all it has seen.
type hoard struct {
	mu   sync.Mutex
	seen []seen
}

type seen struct{ args, result value.Raw }

func (k *hoard) keep(next service.Handler) service.Handler {
	return func(ctx context.Context, r *service.Request) (*service.Response, error) {
		response, err := next(ctx, r)
		if err == nil && len(response.Value) > 0 {
			k.mu.Lock()
			k.seen = append(k.seen, seen{r.Args, response.Value})
			k.mu.Unlock()
		}
		return response, err
	}
}

// check wants each result to be the one that belongs to its arguments, long after the call.
func (k *hoard) check(t *testing.T, want int) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.seen) != want {
		t.Errorf("%d calls were seen, want %d", len(k.seen), want)
	}
	for _, s := range k.seen {
		args, err := value.ReadArgs(s.args)
		if err != nil {
			t.Fatalf("arguments have become unreadable: %v", err)
		}
		v, err := value.Decode(s.result)
		if text, _ := args.Decode()[0].(string); err != nil || v != strings.ToUpper(text) {
			t.Fatalf("kept %q, %v as the result of %q", v, err, text)
		}
	}
}

// TestMiddlewareMayKeepWhatItHasSeen: nothing of it is used again by another call.
func TestMiddlewareMayKeepWhatItHasSeen(t *testing.T) {
	testnet.LeakCheck(t)
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	svc := service.New("text", nil)
	svc.Export("upper", strings.ToUpper, nil)
	svc.ExportFallback(func(_ context.Context, _ string, args []any) (any, error) {
		return strings.ToUpper(args[0].(string)), nil
	})
	host, conn := connectTo(t, ex), connectTo(t, ex)
	defer host.Close()
	defer conn.Close()
	var near, far hoard
	conn.Use(near.keep)
	svc.Use(far.keep)
	if err := host.Announce(t.Context(), svc); err != nil {
		t.Fatal(err)
	}
	const callers, calls = 8, 100
	var wg sync.WaitGroup
	for n := range callers {
		wg.Go(func() {
			for i := range calls {
				text := strings.Repeat(fmt.Sprint("text ", n, " "), i%40+1)
				method := []string{"upper", "any"}[i%2]
				if v, err := conn.Endpoint("text").Call(t.Context(), method, text); v != strings.ToUpper(text) {
					t.Errorf("%s(%q) = %v, %v", method, text, v, err)
				}
			}
		})
	}
	wg.Wait()
	near.check(t, callers*calls)
	far.check(t, callers*calls)
}

// TestMiddlewareAndRetries: policies and retries are inside, so that it sees one call.
func TestMiddlewareAndRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n notes
		attempts := 0
		svc := service.New("math", &service.ServiceOptions{Serial: true})
		svc.Use(before(func(context.Context, *service.Request) error {
			if attempts++; attempts%3 != 0 {
				return service.ErrBusy
			}
			return nil
		}))
		svc.Export("series", func() iter.Seq[int] { return func(yield func(int) bool) { _ = yield(1) && yield(2) } }, nil)
		_, conn := pairUp(t, svc)
		conn.Use(n.watcher("a"))
		e := conn.Endpoint("math").With(service.CallOptions{Retry: &service.Retry{}, Pick: service.RoundRobin, Timeout: time.Minute})
		if v, err := e.Call(t.Context(), "series"); fmt.Sprint(v, err) != "[1 2] <nil>" {
			t.Errorf("Call = %v, %v, want a list of two", v, err)
		}
		if got := n.take(); got != "a series[]; a = [1 2]" {
			t.Errorf("middleware saw %q, want one call", got)
		}
		if got, err := gather(e.Stream(t.Context(), "series")); fmt.Sprint(got, err) != "[1 2] <nil>" {
			t.Errorf("Stream = %v, %v, want two", got, err)
		}
		if got := n.take(); got != "a series[]; a no value" {
			t.Errorf("middleware saw %q, want one stream", got)
		}
		if attempts != 6 {
			t.Errorf("%d attempts, want 6", attempts)
		}
	})
}

// TestMiddlewareAndCallsToAll: each member's call passes by it, by the member's address.
func TestMiddlewareAndCallsToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n notes
		one, two := town(), town()
		_, conn := pairUp(t, one, two)
		conn.Use(before(func(_ context.Context, r *service.Request) error {
			n.add("%s", r.Target)
			if r.Target == one.Address().String() {
				return service.ErrDenied
			}
			return nil
		}))
		g, err := conn.CallAll(t.Context(), "math", "multiply", 3, 4)
		if err != nil {
			t.Fatal(err)
		}
		for a := range g.Answers() {
			if a.Instance == one.Address() {
				wantFailure(t, a.Err, wire.CodeDenied, wire.No)
			} else if v, err := a.Result(); v != int64(12) {
				t.Errorf("%v answered %v, %v, want 12", a.Instance, v, err)
			}
		}
		if got := n.take(); !strings.Contains(got, one.Address().String()) || !strings.Contains(got, two.Address().String()) {
			t.Errorf("middleware saw %q, want both members", got)
		}
	})
}
