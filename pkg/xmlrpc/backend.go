package xmlrpc

import (
	"context"

	"github.com/netsvc/netsvc/pkg/value"
)

// Backend is what a [Gateway] calls. Its methods are called by many goroutines at
// once. The errors they return are failures of package wire, or have one behind them as
// those of a [Client] do; any other error is an internal one, which is logged and not shown. The failure unreachable, not
// delivered, means that the exchange is away, or so lately was that the service has not
// come back; the failure draining, not delivered, without an instance, that the exchange
// is shutting down. The descriptions of these are for the client.
type Backend interface {
	// Services returns the names of the services that may be called now, sorted.
	Services(ctx context.Context) ([]string, error)

	// Has reports whether the service may be called now. It comes before every
	// call, so it should need nobody's help.
	Has(ctx context.Context, service string) (bool, error)

	// Methods returns the signatures of what the service exports, sorted by name.
	Methods(ctx context.Context, service string) ([]value.Signature, error)

	// Call calls a method and waits for its outcome. When ctx ends before, the
	// call is cancelled. TraceHeaders finds in it what the call should take along.
	Call(ctx context.Context, service, method string, params []any) (any, error)
}
