package service

import (
	"context"
	"errors"
	"sync"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// outgoing is one call on its way through the middleware of its Conn. It may become many
// calls, or none.
type outgoing struct {
	endpoint *Endpoint
	method   string
	args     []byte // encoded
	settings callSettings
	sent     func()                                           // called when an attempt has been sent, or could not be; may be nil
	take     func(ctx context.Context, c *call) *wire.Failure // takes the results of a stream; nil for any other call

	mu        sync.Mutex
	over      bool           // the middleware has returned: no attempt begins any more
	open      int            // attempts that have no outcome
	delivered wire.Delivered // what the attempts with an outcome say together
	session   *session       // of the last one that reached it
}

// through takes a call through the middleware.
func (o *outgoing) through(ctx context.Context) (*Response, *wire.Failure) {
	r, f := o.describe()
	if f != nil {
		return nil, f
	}
	response, err := (*o.endpoint.conn.wrapped.Load())(ctx, r)
	o.finish()
	switch {
	case err != nil:
		return nil, o.failure(err)
	case response == nil:
		return &Response{}, nil
	}
	return response, nil
}

// describe is what the middleware gets to see.
func (o *outgoing) describe() (*Request, *wire.Failure) {
	if f := o.settings.failure; f != nil {
		return nil, f
	}
	r := &Request{
		Target: o.endpoint.target, Method: o.method, Args: o.args,
		OneWay: o.settings.flags&wire.FlagOneWay != 0, Stream: o.settings.stream, next: o.next,
	}
	if len(o.settings.headers) > 0 {
		headers, err := value.Decode(o.settings.headers)
		if err != nil {
			return nil, wire.Failf(wire.CodeEncodeArgs, wire.No, "headers: %v", err)
		}
		r.Headers, _ = headers.(map[string]any)
	}
	return r, nil
}

// next makes one attempt, or what a policy or retries make of it. It is the innermost
// Handler.
func (o *outgoing) next(ctx context.Context, r *Request) (*Response, error) {
	if !o.begin() {
		return nil, wire.Failf(wire.CodeAborted, wire.No, "next was called when the call had its outcome")
	}
	c, f := o.attempt(ctx, r)
	if f != nil {
		o.ended(f, nil)
		return nil, f
	}
	if o.take != nil {
		return o.takeStream(ctx, c)
	}
	defer c.recycle()
	f = c.outcome()
	if o.ended(f, c.session); f != nil {
		return nil, f
	}
	response := &Response{Instance: c.address()}
	if !r.OneWay {
		response.Value = c.value
		c.value = nil // the middleware's and the caller's now
	}
	return response, nil
}

func (o *outgoing) takeStream(ctx context.Context, c *call) (*Response, error) {
	defer c.giveBack()
	f := o.take(ctx, c)
	if o.ended(f, c.session); f != nil {
		return nil, f
	}
	return &Response{Instance: c.address()}, nil
}

// attempt sends the call as the middleware has left it, and waits for it unless it is a stream.
func (o *outgoing) attempt(ctx context.Context, r *Request) (*call, *wire.Failure) {
	settings := o.settings
	settings.setHeaders(r.Headers)
	args := []byte(r.Args)
	if len(args) == 0 {
		args = emptyArgs
	}
	if settings.guided {
		o.tellSent()
		return o.endpoint.pursue(ctx, r.Method, nil, args, &settings)
	}
	c, f := o.endpoint.start(ctx, r.Method, nil, args, &settings)
	o.tellSent()
	if f == nil && o.take == nil {
		c.wait(ctx)
	}
	return c, f
}

func (o *outgoing) tellSent() {
	if o.sent != nil {
		o.sent()
	}
}

// begin notes an attempt. It reports false when the call is over: its caller may have been told
// that it did not run.
func (o *outgoing) begin() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return false
	}
	o.open++
	return true
}

func (o *outgoing) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
}

// ended notes the outcome of an attempt; nil is a result.
func (o *outgoing) ended(f *wire.Failure, s *session) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open--
	if s != nil {
		o.session = s
	}
	if f == nil {
		o.delivered = wire.Yes
		return
	}
	o.delivered = max(o.delivered, f.Delivered)
}

// failure turns the error that came out of the middleware into the caller's. It says no
// only if that is true of all attempts.
func (o *outgoing) failure(err error) *wire.Failure {
	delivered, _ := o.state()
	var f *wire.Failure
	switch {
	case !errors.As(err, &f) && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		return ended(err, delivered)
	case f == nil:
		return wire.Failf(wire.CodeUnknown, delivered, "%v", err)
	case err == error(f) && f.Delivered >= delivered:
		return f
	}
	known := *f
	known.Description = ownWords(err, f)
	known.Delivered = max(f.Delivered, delivered)
	return &known
}

// state is what may have become of all attempts together, and the session of the last one.
func (o *outgoing) state() (wire.Delivered, *session) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open > 0 {
		return max(o.delivered, wire.Maybe), o.session
	}
	return o.delivered, o.session
}

// performThrough is perform by way of the Conn's middleware.
func (e *Endpoint) performThrough(ctx context.Context, method string, args []any, raw []byte, o *callSettings) (*call, *wire.Failure) {
	out, f := e.outgoing(method, args, raw, o)
	if f != nil {
		return nil, f
	}
	return out.do(ctx)
}

// outgoing makes a call that is about to go through the middleware, whose arguments are
// given as values or encoded.
func (e *Endpoint) outgoing(method string, args []any, raw []byte, o *callSettings) (*outgoing, *wire.Failure) {
	if raw == nil {
		var f *wire.Failure
		if raw, f = encodeArgs(args); f != nil {
			return nil, f
		}
	}
	return &outgoing{endpoint: e, method: method, args: raw, settings: *o}, nil
}

// do takes the call through the middleware, and makes a decided call of what comes out. What
// the middleware has seen is not used again.
func (o *outgoing) do(ctx context.Context) (*call, *wire.Failure) {
	response, f := o.through(ctx)
	if f != nil {
		return nil, f
	}
	c := &call{endpoint: o.endpoint, given: true, value: response.Value}
	if len(c.value) == 0 {
		c.value = append(c.value, nilResult...)
	}
	if _, c.session = o.state(); c.session != nil {
		c.instance = response.Instance.Number
	}
	return c, nil
}
