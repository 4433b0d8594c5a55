package service

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Retry makes calls again that failed. The zero value is ready for production: it retries
// until the deadline, and only what certainly did not run.
type Retry struct {
	// Attempts is how often the call is made at most, the first time included. Zero or less
	// leaves it to the deadline.
	Attempts int
	// AttemptTimeout is the time one attempt may take, of a stream as a whole. Zero or less
	// gives each all the time that is left.
	AttemptTimeout time.Duration
	// Min and Max bound the wait between attempts. It is random between nothing and a bound
	// that doubles from Min to Max. Zero or less means 50 ms and 2 s.
	Min, Max time.Duration
	// Idempotent says that the method may run more than once, whatever the service says of it.
	Idempotent bool
}

const (
	defaultPauseMin = 50 * time.Millisecond
	defaultPauseMax = 2 * time.Second
)

// complete returns a copy with what is zero filled in, nil for nil.
func (r *Retry) complete() *Retry {
	if r == nil {
		return nil
	}
	own := *r
	if own.Min <= 0 {
		own.Min = defaultPauseMin
	}
	if own.Max <= 0 {
		own.Max = defaultPauseMax
	}
	own.Max = max(own.Min, own.Max)
	own.AttemptTimeout = max(own.AttemptTimeout, 0)
	return &own
}

// retryable reports whether another attempt is safe and may end better. repeatable says that
// the method may run twice. What the method itself failed with is an answer, and stays one
// even then.
func retryable(f *wire.Failure, repeatable bool) bool {
	switch f.Code {
	case wire.CodeNoService, wire.CodeBusy, wire.CodeDraining, wire.CodeUnknown:
		return f.Delivered == wire.No
	case wire.CodeLost, wire.CodeTimeout, wire.CodeUnreachable:
		return f.Delivered == wire.No || repeatable
	case wire.CodeEncodeArgs, wire.CodeEncodeValue, wire.CodeDecodeArgs, wire.CodeDecodeValue, wire.CodeNoMethod,
		wire.CodeBadParams, wire.CodeApplication, wire.CodeAborted, wire.CodeCanceled, wire.CodeDenied, wire.CodeTooLarge:
		return false
	}
	return false // a code of a later version, of which nothing is known
}

// hopeless reports whether a failure is for good because of what was called: an address is
// never given to anybody else, and what is no target never becomes one.
func (e *Endpoint) hopeless(f *wire.Failure) bool {
	switch f.Code {
	case wire.CodeNoService:
		return e.number != 0 || e.bad
	case wire.CodeLost:
		return e.number != 0
	default:
		return false
	}
}

// pause waits before the next attempt, and for the link if it is down. It reports false when
// the next attempt would come too late.
func (r *Retry) pause(ctx context.Context, c *Conn, f *wire.Failure, attempts int) bool {
	if f.Code == wire.CodeUnreachable && c.Ready(ctx) != nil {
		return false
	}
	wait := r.wait(attempts)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// wait is how long to wait after so many attempts.
func (r *Retry) wait(attempts int) time.Duration {
	bound := r.Min
	for ; attempts > 1 && bound < r.Max; attempts-- {
		bound *= 2
	}
	return rand.N(min(bound, r.Max)) + 1
}
