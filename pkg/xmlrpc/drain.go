package xmlrpc

import (
	"context"
	"errors"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Drain makes every answer from now on end its connection, so that clients bring their next
// call to another gateway. Calls are taken as before: a request that has come is answered. It
// may be called many times.
func (g *Gateway) Drain() { g.draining.Store(true) }

// errEnding is the failure of a request that was read when the gateway had no time left.
var errEnding = wire.Failf(wire.CodeDraining, wire.No, "the gateway is ending")

// ending reports whether a request's context has ended because the server does.
func ending(ctx context.Context) bool {
	cause := context.Cause(ctx)
	return cause != nil && cause != context.Canceled && !errors.Is(cause, context.DeadlineExceeded)
}

// ended says of a call that was canceled because the server ends whose doing that was.
func ended(ctx context.Context, err error) error {
	f, ok := failureOf(err)
	switch {
	case !ok || f.Code != wire.CodeCanceled || !ending(ctx):
		return err
	case f.Delivered == wire.No:
		return errEnding
	}
	said := *f
	said.Description = "the gateway is ending, and the call was canceled"
	return &said
}
