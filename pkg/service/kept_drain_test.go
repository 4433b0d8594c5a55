package service_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestDrainWaitsForKeptRequests by S7: they are calls in flight.
func TestDrainWaitsForKeptRequests(t *testing.T) {
	ways := map[string]func(ctx context.Context, conn *service.Conn, svc *service.Service) error{
		"Shutdown": func(ctx context.Context, conn *service.Conn, _ *service.Service) error { return conn.Shutdown(ctx) },
		"Withdraw": func(ctx context.Context, conn *service.Conn, svc *service.Service) error {
			return conn.Withdraw(ctx, svc)
		},
	}
	for name, drain := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc, all := keeper(nil)
				host, conn := pairUp(t, svc)
				ended := start(t.Context(), conn.Endpoint("math"), "wait")
				k := <-all
				time.AfterFunc(500*time.Millisecond, func() { k.Answer("later") })
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				began := time.Now()
				if err := drain(ctx, host, svc); err != nil || time.Since(began) != 500*time.Millisecond {
					t.Errorf("%s = %v after %v, want nil after 500ms", name, err, time.Since(began))
				}
				if o := <-ended; o.err != nil || o.value != "later" {
					t.Errorf("Call = %v, %v, want later", o.value, o.err)
				}
			})
		})
	}
}

// TestKeptRequestsAtTheEndOfTheGrace are lost, as handlers that still run: nobody knows what
// becomes of them.
func TestKeptRequestsAtTheEndOfTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc, all := keeper(nil)
		host, conn := pairUp(t, svc)
		ended := start(t.Context(), conn.Endpoint("math"), "wait")
		k := <-all
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := host.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown = %v, want the deadline", err)
		}
		o := <-ended
		wantFailure(t, o.err, wire.CodeLost, wire.Maybe)
		if o.after != 3*time.Second {
			t.Errorf("the call was lost after %v, want 3s", o.after)
		}
		<-k.Context().Done()
		if err := k.Answer(1); err != service.ErrAnswered {
			t.Errorf("Answer = %v, want %v", err, service.ErrAnswered)
		}
	})
}

// TestWithdrawThatGivesUpLeavesKeptRequests: they may still be answered.
func TestWithdrawThatGivesUpLeavesKeptRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc, all := keeper(nil)
		host, conn := pairUp(t, svc)
		ended := start(t.Context(), conn.Endpoint("math"), "wait")
		k := <-all
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := host.Withdraw(ctx, svc); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Withdraw = %v, want the deadline", err)
		}
		synctest.Wait()
		if err := k.Context().Err(); err != nil {
			t.Errorf("the context has ended: %v", err)
		}
		if err := k.Answer(12); err != nil {
			t.Errorf("Answer = %v", err)
		}
		if o := <-ended; o.err != nil || o.value != int64(12) {
			t.Errorf("Call = %v, %v, want 12", o.value, o.err)
		}
	})
}

// TestForgottenRequestHoldsUpNoDrain runs in real time: the garbage collector knows no other.
func TestForgottenRequestHoldsUpNoDrain(t *testing.T) {
	testnet.LeakCheck(t)
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	svc := service.New("math", nil)
	kept := make(chan struct{})
	svc.Export("wait", func(ctx context.Context) { service.Keep(ctx); close(kept) }, nil)
	host, conn := connectTo(t, ex), connectTo(t, ex)
	if err := host.Announce(t.Context(), svc); err != nil {
		t.Fatal(err)
	}
	ended := start(t.Context(), conn.Endpoint("math"), "wait")
	<-kept
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	if err := host.Shutdown(ctx); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("Shutdown = %v after %v, want nil soon", err, time.Since(began))
	}
	wantFailure(t, (<-ended).err, wire.CodeAborted, wire.Yes)
}
