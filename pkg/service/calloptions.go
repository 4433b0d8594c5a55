package service

import (
	"context"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// CallOptions are for the calls of one endpoint, or for one call.
type CallOptions struct {
	// Timeout is the time each call may take, if its context does not allow less. Zero
	// leaves it to the context, or else to Options.Timeout. Nothing is sent when it is
	// negative: the call is a timeout.
	Timeout time.Duration
	// Headers are metadata for the handler, 8 KiB encoded at most. See Caller.Headers.
	Headers map[string]any
}

// callSettings are CallOptions in the form a call uses them.
type callSettings struct {
	timeout time.Duration // zero: none of its own
	headers []byte        // encoded
	flags   uint8         // of the request
	stream  bool          // results are wanted one by one
	failure *wire.Failure // the headers cannot travel
}

// settings encodes the options.
func (o *CallOptions) settings() callSettings {
	s := callSettings{timeout: o.Timeout}
	if len(o.Headers) == 0 {
		return s
	}
	encoded, err := value.Append(nil, o.Headers)
	switch {
	case err != nil:
		s.failure = wire.Failf(wire.CodeEncodeArgs, wire.No, "headers: %v", err)
	case len(encoded) > wire.MaxHeaders:
		s.failure = wire.Failf(wire.CodeTooLarge, wire.No, "headers of %d bytes are over the limit of %d", len(encoded), wire.MaxHeaders)
	}
	s.headers = encoded
	return s
}

// budget is the time a call may take: the least of its own timeout and its context's
// deadline, or the Conn's when there is neither.
func (e *Endpoint) budget(ctx context.Context, timeout time.Duration) time.Duration {
	deadline, ok := ctx.Deadline()
	switch {
	case ok && timeout != 0:
		return min(time.Until(deadline), timeout)
	case ok:
		return time.Until(deadline)
	case timeout != 0:
		return timeout
	}
	return e.conn.opts.Timeout
}
