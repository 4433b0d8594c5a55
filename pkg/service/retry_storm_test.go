package service_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// ledger counts how often each call has run, by its number.
type ledger struct {
	mu   sync.Mutex
	runs map[int]int
}

func (l *ledger) ran(id int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs[id]++
}

// storm is hosts that come and go without a goodbye to those who call them.
func (l *ledger) storm(t *testing.T, ex *exchange.Exchange, opts *service.MethodOptions, until <-chan struct{}) {
	var hosts []*service.Conn
	for {
		s := service.New("math", &service.ServiceOptions{Limit: 2, Queue: 1})
		s.Export("step", func(ctx context.Context, id int) int {
			l.ran(id)
			time.Sleep(rand.N(4 * time.Millisecond))
			return id
		}, opts)
		host := connectTo(t, ex)
		if err := host.Announce(t.Context(), s); err != nil {
			t.Error(err)
			return
		}
		if hosts = append(hosts, host); len(hosts) == 3 {
			hosts[0].Close()
			hosts = hosts[1:]
		}
		select {
		case <-time.After(rand.N(8 * time.Millisecond)):
		case <-until:
			return
		}
	}
}

// TestRetriesInAStorm of instances that die: what is not idempotent never runs twice, every
// result is of a run, and who is told that nothing ran can rely on it.
func TestRetriesInAStorm(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts *service.MethodOptions
		pick service.Policy
	}{
		{"not idempotent", nil, service.LeastInFlight},
		{"not idempotent, by turns", nil, service.RoundRobin},
		{"not idempotent, the first", nil, service.First},
		{"idempotent", &service.MethodOptions{Idempotent: true}, service.RoundRobin},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ex, err := exchange.New(nil)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { ex.Close() })
				l := &ledger{runs: map[int]int{}}
				over := make(chan struct{})
				var storm, callers sync.WaitGroup
				storm.Go(func() { l.storm(t, ex, tt.opts, over) })
				e := connectTo(t, ex).Endpoint("math").With(service.CallOptions{
					Pick: tt.pick, Retry: &service.Retry{Min: time.Millisecond, Max: 5 * time.Millisecond},
				})
				for done := 0; done < 20; { // the marks cannot be learnt while nobody is there; once they are they stay
					if _, err := service.Call[int](t.Context(), e, "step", -1-done); err == nil {
						done++
					}
				}
				for caller := range 12 {
					callers.Go(func() {
						for i := range 50 {
							l.check(t, e, 1000*caller+i, tt.opts != nil)
						}
					})
				}
				callers.Wait()
				close(over)
				storm.Wait()
				time.Sleep(time.Second) // until handlers that nobody waits for have returned
			})
		})
	}
}

// check makes one call and compares what its caller was told with what has run.
func (l *ledger) check(t *testing.T, e *service.Endpoint, id int, idempotent bool) {
	got, err := service.Call[int](t.Context(), e, "step", id)
	l.mu.Lock()
	defer l.mu.Unlock()
	runs := l.runs[id]
	var f *service.Failure
	switch {
	case err == nil && (got != id || runs == 0):
		t.Errorf("call %d answered %d after %d runs", id, got, runs)
	case err != nil && idempotent:
		t.Errorf("call %d failed with %v, want it made again until it succeeds", id, err)
	case errors.As(err, &f) && f.Delivered == service.No && runs > 0:
		t.Errorf("call %d failed with %v, not delivered, and has run", id, err)
	}
	if runs > 1 && !idempotent {
		t.Errorf("call %d ran %d times", id, runs)
	}
}
