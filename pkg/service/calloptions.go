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
	// Pick says who chooses among the instances of a name: zero is the exchange. The other
	// policies are this Conn's, which then keeps a copy of what the registry says of the
	// name, from the first such call on; that call waits for it, and fails as the exchange
	// says when it refuses the watch. Forward leaves the choice to the exchange. See
	// "Choosing among instances".
	Pick Policy
	// Choose, if not nil, takes the place of Pick. It gets the instances of the best state
	// there is (ready, or else suspect, or else draining), oldest first, one at least, and
	// returns the index of one; any other number means none of them, and the call fails as
	// no_service. It runs on the caller's goroutine, for each call, and many at a time.
	Choose func(candidates []Info) int
	// Retry, if not nil, makes the call again when it is safe and may help. See "Retries".
	Retry *Retry
}

// callSettings are CallOptions in the form a call uses them.
type callSettings struct {
	timeout time.Duration // zero: none of its own
	headers []byte        // encoded
	flags   uint8         // of the request
	stream  bool          // results are wanted one by one
	failure *wire.Failure // the headers cannot travel, or there is no such policy
	guided  bool          // one of the following is set
	pick    Policy
	choose  func([]Info) int
	retry   *Retry // complete
}

// settings encodes the options.
func (o *CallOptions) settings() callSettings {
	s := callSettings{timeout: o.Timeout, pick: o.Pick, choose: o.Choose, retry: o.Retry.complete()}
	s.guided = s.pick != LeastInFlight || s.choose != nil || s.retry != nil
	if s.pick > First {
		s.failure = wire.Failf(wire.CodeBadParams, wire.No, "there is no %s", s.pick)
	}
	s.setHeaders(o.Headers)
	return s
}

// setHeaders encodes the headers.
func (s *callSettings) setHeaders(headers map[string]any) {
	s.headers = nil
	if len(headers) == 0 {
		return
	}
	encoded, err := value.Append(nil, headers)
	switch {
	case err != nil:
		s.failure = wire.Failf(wire.CodeEncodeArgs, wire.No, "headers: %v", err)
	case len(encoded) > wire.MaxHeaders:
		s.failure = wire.Failf(wire.CodeTooLarge, wire.No, "headers of %d bytes are over the limit of %d", len(encoded), wire.MaxHeaders)
	}
	s.headers = encoded
}

// budget is the time a call may take: the least of its own timeout and its context's
// deadline, or the Conn's when there is neither.
func (c *Conn) budget(ctx context.Context, timeout time.Duration) time.Duration {
	deadline, ok := ctx.Deadline()
	switch {
	case ok && timeout != 0:
		return min(time.Until(deadline), timeout)
	case ok:
		return time.Until(deadline)
	case timeout != 0:
		return timeout
	}
	return c.opts.Timeout
}
