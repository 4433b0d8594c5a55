package service_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// A middleware that calls next behind the outcome would make a liar of its no.
func TestMiddlewareThatCallsNextBehindTheOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service.New("math", nil)
		ran := false
		svc.Export("run", func() { ran = true }, nil)
		_, conn := pairUp(t, svc)
		late := make(chan error, 1)
		conn.Use(func(next service.Handler) service.Handler {
			return func(ctx context.Context, r *service.Request) (*service.Response, error) {
				go func() {
					time.Sleep(time.Second)
					_, err := next(ctx, r)
					late <- err
				}()
				return nil, errors.New("no patience")
			}
		})
		_, err := conn.Endpoint("math").Call(t.Context(), "run")
		wantFailure(t, err, wire.CodeUnknown, wire.No)
		wantFailure(t, <-late, wire.CodeAborted, wire.No)
		synctest.Wait()
		if ran {
			t.Error("the call said no, and ran")
		}
	})
}

func TestMiddlewareThatEndsTheGoroutineOfACallToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, conn := pairUp(t, town())
		conn.Use(func(service.Handler) service.Handler {
			return func(context.Context, *service.Request) (*service.Response, error) {
				runtime.Goexit()
				return nil, nil
			}
		})
		g, err := conn.CallAll(t.Context(), "math", "multiply", 3, 4)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for a := range g.Answers() {
			wantFailure(t, a.Err, wire.CodeUnknown, wire.Maybe)
			count++
		}
		if count != 1 {
			t.Errorf("%d answers, want one", count)
		}
	})
}
