package service_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestServiceCallsItsCallerBack: methods of a connection's own instance are reached by the
// address a handler gets, while its call goes on and after it, and by no name.
func TestServiceCallsItsCallerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service.New("math", nil)
		svc.Export("ask", func(ctx context.Context, x int) (int, error) {
			c, _ := service.CallerFrom(ctx)
			return service.Call[int](ctx, c.Conn.At(c.Address), "double", x)
		}, nil)
		host, conn := pairUp(t, svc)
		depths := make(chan service.Caller, 2)
		if err := conn.Export("double", func(ctx context.Context, x int) int {
			c, _ := service.CallerFrom(ctx)
			depths <- c
			return 2 * x
		}, nil); err != nil {
			t.Fatal(err)
		}
		if v, err := conn.Endpoint("math").Call(t.Context(), "ask", 7); err != nil || v != int64(14) {
			t.Errorf("Call = %v, %v, want 14", v, err)
		}
		if c := <-depths; c.Depth != 1 || c.Address != host.Address() || c.Instance != conn.Address() {
			t.Errorf("called back as %+v, want depth 1, from %v to %v", c, host.Address(), conn.Address())
		}
		address := conn.Address()
		if v, err := host.At(address).Call(t.Context(), "double", 2); err != nil || v != int64(4) {
			t.Errorf("a call later = %v, %v, want 4", v, err)
		}
		conn.Close()
		synctest.Wait()
		_, err := host.At(address).Call(t.Context(), "double", 2)
		wantFailure(t, err, wire.CodeNoService, wire.No)
	})
}
