package service

import (
	"context"
	"slices"

	"github.com/netsvc/netsvc/pkg/value"
)

// Request is one call as middleware sees it, at the side of its caller or of its service. A
// middleware hands on the Request it got, changed or not, or a copy of it.
type Request struct {
	// Target is who is called: at the caller's side the endpoint's target, in a service the
	// address of the instance. Changing it changes nothing.
	Target string
	// Method is the name as called. The caller's side may change it.
	Method string
	// Args is the encoded list of arguments: value.ReadArgs takes it apart. It may be
	// replaced, but its bytes must not be changed. In a service nobody has checked it yet,
	// and it may be kept; at the caller's side it is the caller's.
	Args value.Raw
	// Headers are the metadata, nil when there is none. The caller's side may change them by
	// SetHeader, up to 8 KiB encoded. In a service they are for reading.
	Headers map[string]any
	// OneWay tells that nobody waits for an answer.
	OneWay bool
	// Stream tells at the caller's side that results are taken one by one, and in a service
	// that the method answers by a stream.
	Stream bool
	// Signature is the method's in a service, which must not be changed. It is nil at the
	// caller's side and for a fallback.
	Signature *value.Signature

	next Handler // what the middleware is wrapped around
}

// SetHeader sets one header of a call that is about to be made.
func (r *Request) SetHeader(name string, v any) {
	if r.Headers == nil {
		r.Headers = map[string]any{}
	}
	r.Headers[name] = v
}

// Handler takes a Request to its outcome. It may be called from any goroutine and blocks
// until the outcome is there.
//
// A Response is the good one. Its Value is nil where no value passes through the Handler: in
// the results of a stream, for one-way requests, and for a request that its handler has kept
// or forwarded, for which the Response is nil, too, since its answer comes later. The error
// of the innermost Handler is always a *Failure: at the caller's side that of the call, in a
// service the one that the caller is about to get.
type Handler func(ctx context.Context, r *Request) (*Response, error)

// Middleware wraps a Handler with another one, that does something before or after next, or
// in its place. Of several the first added is the outermost.
type Middleware func(next Handler) Handler

// chain wraps middleware around what the Request itself brings.
func chain(all []Middleware) Handler {
	h := Handler(innermost)
	for _, m := range slices.Backward(all) {
		h = m(h)
	}
	return h
}

// innermost is the Handler that all middleware is wrapped around.
func innermost(ctx context.Context, r *Request) (*Response, error) {
	if r.next == nil {
		panic("service: a middleware has to hand on the Request it got, or a copy of it")
	}
	return r.next(ctx, r)
}

// Use wraps middleware around all methods of the service, those exported later and the
// fallback among them; system.* is not wrapped. It takes effect with the next request, in
// every announcement.
//
// The Handlers run where the func runs: on the worker, within the limit, after the queue. ctx
// is the func's own, so that CallerFrom, Keep and Forward work in middleware, too; what is
// put into the ctx handed to next reaches the func. A func's panic comes out of next as the
// failure it makes; a panic of a middleware fails the one call. The range over the results of
// a stream happens inside next. next is called once at most; a middleware that returns before next
// has returned is waited for.
//
// An error that next has returned is the outcome, wrapped or not. A *Failure returned in
// place of calling next, with code no_method, bad_params, busy, denied or draining, reaches
// the caller with that code and says no: the func has not started. It must be the
// middleware's own, not that of a call it has made. Any other error fails the call as a
// func's error does. A Response returned in place of calling next is the answer, but for a
// stream, which then has no results.
func (s *Service) Use(middleware ...Middleware) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.middleware = append(s.middleware, middleware...)
	s.wrapped = chain(s.middleware)
	s.methods.Store(s.methods.Load().wrap(s.wrapped))
}

// Use wraps middleware around every call made by way of the Conn: Call, CallRaw, Send, Go and
// the streams of all its endpoints. It takes effect with the next call.
//
// The Handlers run on the caller's goroutine, but for Go, which has one for them and returns
// when the call has been sent or has ended. Arguments are encoded before; results are decoded after. The
// range over a stream happens inside next: the results pass by the middleware. next may be
// called many times, for another attempt, or not at all, when the Response returned stands
// for the answer; ctx may allow less time than there was.
//
// What the caller gets is a *Failure always: an error that is none becomes one with code
// unknown, a context's error timeout or canceled. The library sees to it that Delivered says
// no less than the attempts together.
func (c *Conn) Use(middleware ...Middleware) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.middleware = append(c.middleware, middleware...)
	wrapped := chain(c.middleware)
	c.wrapped.Store(&wrapped)
}

// Propagate returns a Middleware for Conn.Use that carries headers on: a call made by a
// handler, with its context, gets those of the named headers that the handler's own request
// has, unless the call brings them itself. Propagate("traceparent", "tracestate") keeps a
// W3C trace together.
func Propagate(headers ...string) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context, r *Request) (*Response, error) {
			caller, _ := CallerFrom(ctx)
			for _, name := range headers {
				_, has := r.Headers[name]
				if v, came := caller.Headers[name]; came && !has {
					r.SetHeader(name, v)
				}
			}
			return next(ctx, r)
		}
	}
}
