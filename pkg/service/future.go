package service

import (
	"context"
	"errors"
	"sync"
)

// Pending is a call whose outcome is fetched later: by waiting, by a done signal, or by a
// callback. Its methods may be used by any number of goroutines, in any order, also after
// the outcome has come.
type Pending struct {
	conn   *Conn
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	then   []func(any, error) // nil once the outcome is there
	ended  bool
	result any
	err    error
}

// Go starts a call and returns at once. Calls that one goroutine starts one after another
// are sent in that order, unless a policy or retries of CallOptions have a say in it. The
// call ends with ctx, as in Endpoint.Call.
func (e *Endpoint) Go(ctx context.Context, method string, args ...any) *Pending {
	ctx, cancel := context.WithCancel(ctx)
	p := &Pending{conn: e.conn, cancel: cancel, done: make(chan struct{})}
	if e.conn.wrapped.Load() != nil {
		e.goThrough(ctx, p, method, args)
		return p
	}
	if e.settings.guided {
		e.goPursue(ctx, p, method, args)
		return p
	}
	c, f := e.start(ctx, method, args, nil, &e.settings)
	if f != nil {
		p.settle(nil, f)
		return p
	}
	e.conn.crew.Go(func() { p.wait(ctx, c) }) // ends with the call, at its deadline at the latest
	return p
}

// goThrough makes the call by way of the Conn's middleware, and returns when it has been sent,
// so that the order of calls is kept, or has ended.
func (e *Endpoint) goThrough(ctx context.Context, p *Pending, method string, args []any) {
	o, f := e.outgoing(method, args, nil, &e.settings)
	if f != nil {
		p.settle(nil, f)
		return
	}
	sent := make(chan struct{})
	o.sent = sync.OnceFunc(func() { close(sent) })
	e.conn.crew.Go(func() { p.resolve(ctx, o) }) // ends with the middleware, and that with the call
	select {
	case <-sent:
	case <-p.done:
	}
}

func (p *Pending) resolve(ctx context.Context, o *outgoing) {
	decided := false
	defer func() {
		if !decided { // a middleware has ended its goroutine
			p.settle(nil, o.failure(errNoOutcome))
		}
	}()
	c, f := o.do(ctx)
	decided = true
	if f != nil {
		p.settle(nil, f)
		return
	}
	p.settle(c.decode())
}

var errNoOutcome = errors.New("a middleware of the connection ended its goroutine")

// goPursue starts a call that may have to wait before it is sent. Its arguments are encoded
// now: they are the caller's again when Go returns.
func (e *Endpoint) goPursue(ctx context.Context, p *Pending, method string, args []any) {
	raw, f := encodeArgs(args)
	if f != nil {
		p.settle(nil, f)
		return
	}
	e.conn.crew.Go(func() { p.pursue(ctx, e, method, raw) }) // ends with the call, at its deadline at the latest
}

func (p *Pending) pursue(ctx context.Context, e *Endpoint, method string, raw []byte) {
	c, f := e.pursue(ctx, method, nil, raw, &e.settings)
	if f != nil {
		p.settle(nil, f)
		return
	}
	p.settle(c.decode())
}

func (p *Pending) wait(ctx context.Context, c *call) {
	c.wait(ctx)
	p.settle(c.decode())
}

// settle notes the outcome and tells those who asked for it.
func (p *Pending) settle(result any, err error) {
	p.cancel()
	p.mu.Lock()
	p.result, p.err, p.ended = result, err, true
	then := p.then
	p.then = nil
	p.mu.Unlock()
	close(p.done)
	for _, f := range then {
		p.tell(f)
	}
}

// tell runs a callback on a goroutine of its own.
func (p *Pending) tell(f func(any, error)) {
	p.conn.crew.Go(func() { f(p.result, p.err) }) // ends when the user's func returns
}

// Done is closed when the outcome is there.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Result waits for the outcome and returns it as Endpoint.Call does.
func (p *Pending) Result() (any, error) {
	<-p.done
	return p.result, p.err
}

// Then has f called with the outcome, on a goroutine of its own, also when the outcome is
// there already. A result is never handed on beside an error. It may be called many times.
func (p *Pending) Then(f func(result any, err error)) {
	p.mu.Lock()
	if !p.ended {
		p.then = append(p.then, f)
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	p.tell(f)
}

// Cancel ends the call as canceled, unless it has ended.
func (p *Pending) Cancel() { p.cancel() }
