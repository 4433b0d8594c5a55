package service

import (
	"context"
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Endpoint is the caller's handle on a name or an address. It is cheap to make and good for
// the life of its Conn; keeping one saves looking up its target at each call.
type Endpoint struct {
	conn     *Conn
	target   string
	name     string         // of the service; empty for a connection's own instance
	number   uint32         // zero for a name
	bad      bool           // target is no target
	origin   *atomic.Uint64 // the exchange an address belongs to; zero until it is known
	settings callSettings
	bound    atomic.Pointer[binding]
}

// binding is the handle an endpoint has in one session.
type binding struct {
	session *session
	handle  uint32
	bind    []byte // the frame in front of each request, where the handle is shared
}

// Endpoint returns the handle on a name ("math") or an address ("math@3", "@7"). It never
// fails; what is wrong with the target shows at the first call. An address is one of the
// exchange connected to now, or of the first one, and means nobody at any other.
func (c *Conn) Endpoint(target string) *Endpoint {
	name, number, ok := wire.ParseTarget(target)
	e := &Endpoint{conn: c, target: target, name: name, number: number, bad: !ok, origin: new(atomic.Uint64)}
	if number != 0 {
		e.origin.Store(c.lastOrigin())
	}
	return e
}

// At returns the handle on exactly one instance, of the exchange that its address names.
func (c *Conn) At(a Address) *Endpoint {
	_, _, ok := wire.ParseTarget(a.String())
	e := &Endpoint{conn: c, target: a.String(), name: a.Name, number: a.Number, bad: !ok, origin: new(atomic.Uint64)}
	e.origin.Store(a.Origin)
	return e
}

// With returns an endpoint for the same target with other options.
func (e *Endpoint) With(opts CallOptions) *Endpoint {
	return &Endpoint{
		conn: e.conn, target: e.target, name: e.name, number: e.number, bad: e.bad, origin: e.origin,
		settings: opts.settings(),
	}
}

// Target is the name or address the endpoint stands for.
func (e *Endpoint) Target() string { return e.target }

// Call calls a method and returns its result in the Go form that value.Decode gives it. It
// blocks until the outcome is there or ctx ends. The error is always a *Failure.
func (e *Endpoint) Call(ctx context.Context, method string, args ...any) (any, error) {
	c, f := e.perform(ctx, method, args, nil, &e.settings)
	if f != nil {
		return nil, f
	}
	return c.decode()
}

// Call calls a method whose result is a T, by the rules of value.Unmarshal: a result that
// does not fit is a failure with code decode. Otherwise it is Endpoint.Call.
func Call[T any](ctx context.Context, e *Endpoint, method string, args ...any) (T, error) {
	c, f := e.perform(ctx, method, args, nil, &e.settings)
	if f != nil {
		var none T
		return none, f
	}
	return decodeAs[T](c)
}

// Response is the good outcome of a call, still encoded.
type Response struct {
	Value    value.Raw // not checked; value.Decode and value.Unmarshal do that
	Instance Address   // who answered
}

// CallRaw calls a method with arguments that are encoded already, an encoded list as
// value.AppendArgs makes it; nil stands for none. They are sent as they are. opts may be
// nil, else it takes the place of the endpoint's. The error is always a *Failure.
func (e *Endpoint) CallRaw(ctx context.Context, method string, args []byte, opts *CallOptions) (*Response, error) {
	if len(args) == 0 {
		args = emptyArgs
	}
	c, f := e.perform(ctx, method, nil, args, e.settingsOr(opts))
	if f != nil {
		return nil, f
	}
	defer c.recycle()
	if f := c.outcome(); f != nil {
		return nil, f
	}
	r := &Response{Value: c.value, Instance: c.address()}
	c.value = nil // the caller's now
	return r, nil
}

// settingsOr is the endpoint's settings, or those of opts if there are any.
func (e *Endpoint) settingsOr(opts *CallOptions) *callSettings {
	if opts == nil {
		return &e.settings
	}
	own := opts.settings()
	return &own
}

// emptyArgs is the encoded list of no arguments.
var emptyArgs, _ = value.AppendArgs(nil, nil)

// bind returns the endpoint's handle in a session. The first use of a target sends a Bind,
// which takes effect before any request appended later; the caller has to flush when fresh
// says so.
func (e *Endpoint) bind(s *session) (b *binding, fresh bool, f *wire.Failure) {
	if b := e.bound.Load(); b != nil && b.session == s {
		return b, false, nil
	}
	if e.bad {
		return nil, false, noTarget(e.target)
	}
	var origin uint64
	if e.number != 0 {
		e.origin.CompareAndSwap(0, s.origin)
		if origin = e.origin.Load(); origin != s.origin {
			return nil, false, foreign(e.target)
		}
	}
	b = &binding{session: s}
	b.handle, b.bind, fresh, f = s.handles.bind(s, e.target, origin)
	if f != nil {
		return nil, false, f
	}
	e.bound.Store(b)
	return b, fresh, nil
}

// foreign is the failure for an address that was given by another exchange.
func foreign(address string) *wire.Failure {
	f := wire.Failf(wire.CodeNoService, wire.No, "no service %q is announced", address)
	f.Details = "address of an earlier exchange"
	return f
}

// noTarget is the failure for a text that nobody can have as name or address.
func noTarget(text string) *wire.Failure {
	return wire.Failf(wire.CodeNoService, wire.No, "%.80q is no target; one is a name like math or an address like math@3", text)
}
