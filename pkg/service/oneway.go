package service

import (
	"context"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Send calls a method and wants no answer: it returns nil when the exchange has put the
// request into the outbox of an instance, or else the failure, always a *Failure, that kept
// it from there. What becomes of the request then is not told; its deadline is that of any
// call, and neither the end of ctx nor that of the Conn reaches a handler that has been
// sent to.
func (e *Endpoint) Send(ctx context.Context, method string, args ...any) error {
	return e.send(ctx, method, args, nil, &e.settings)
}

// SendRaw is Send with encoded arguments, as in CallRaw.
func (e *Endpoint) SendRaw(ctx context.Context, method string, args []byte, opts *CallOptions) error {
	if len(args) == 0 {
		args = emptyArgs
	}
	return e.send(ctx, method, nil, args, e.settingsOr(opts))
}

func (e *Endpoint) send(ctx context.Context, method string, args []any, raw []byte, o *callSettings) error {
	settings := *o
	settings.flags |= wire.FlagOneWay
	c, f := e.perform(ctx, method, args, raw, &settings)
	if f != nil {
		return f
	}
	defer c.recycle()
	if f := c.outcome(); f != nil {
		return f
	}
	return nil
}
