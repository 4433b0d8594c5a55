package xmlrpc

import (
	"context"

	"github.com/netsvc/netsvc/pkg/value"
)

// Backend is what a [Gateway] calls. Its methods are called by many goroutines at
// once. The errors they return are failures of package wire; any other error is
// an internal one, which is logged and not shown.
type Backend interface {
	// Services returns the names of the services that may be called now, sorted.
	// It must not block; the caller must not change the result. An error means
	// that the exchange is away.
	Services() ([]string, error)

	// Methods returns the signatures of what the service exports, sorted by name.
	Methods(ctx context.Context, service string) ([]value.Signature, error)

	// Call calls a method and waits for its outcome. When ctx ends before, the
	// call is cancelled.
	Call(ctx context.Context, service, method string, params []any) (any, error)
}
