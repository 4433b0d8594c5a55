package service

import (
	"context"
	"errors"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// perform makes a call and waits until it is decided. A failure without a call means the
// same as one of the call.
func (e *Endpoint) perform(ctx context.Context, method string, args []any, raw []byte, o *callSettings) (*call, *wire.Failure) {
	if e.conn.wrapped.Load() != nil {
		return e.performThrough(ctx, method, args, raw, o)
	}
	if o.guided {
		return e.pursue(ctx, method, args, raw, o)
	}
	c, f := e.start(ctx, method, args, raw, o)
	if f == nil {
		c.wait(ctx)
	}
	return c, f
}

// pursuit is one call that may take several attempts, each of which may meet several
// instances. All of them share one deadline and the arguments as they were encoded first.
type pursuit struct {
	endpoint *Endpoint
	method   string
	args     []byte
	settings callSettings // of each attempt

	attempts   int
	worst      wire.Delivered  // of all that was sent
	repeatable bool            // the method may run twice
	lost       map[uint32]bool // instances that died in this call
	passed     map[uint32]bool // instances that did not take this attempt
	full       bool            // one of them because it was busy or shutting down
}

// pursue makes a call by a policy or with retries, and returns when it is decided, or when
// the first result of a stream is there. A failed call comes back as a failure alone.
func (e *Endpoint) pursue(ctx context.Context, method string, args []any, raw []byte, o *callSettings) (*call, *wire.Failure) {
	if o.failure != nil {
		return nil, o.failure
	}
	if raw == nil {
		var f *wire.Failure
		if raw, f = encodeArgs(args); f != nil {
			return nil, f
		}
	}
	p := pursuit{endpoint: e, method: method, args: raw, settings: *o}
	if o.retry != nil {
		p.settings.timeout = o.retry.AttemptTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, e.conn.budget(ctx, o.timeout))
	defer cancel()
	return p.run(ctx)
}

// encodeArgs makes the list of arguments that calls which come later share.
func encodeArgs(args []any) ([]byte, *wire.Failure) {
	raw, err := value.AppendArgs(nil, args)
	if err != nil {
		return nil, wire.Failf(wire.CodeEncodeArgs, wire.No, "%v", err)
	}
	return raw, nil
}

// run makes attempts until one succeeds or another would be of no use.
func (p *pursuit) run(ctx context.Context) (*call, *wire.Failure) {
	for {
		p.attempts++
		if r := p.settings.retry; r != nil {
			p.repeatable = r.Idempotent || p.endpoint.conn.idempotent(ctx, p.endpoint, p.method)
		}
		c, f := p.attempt(ctx)
		if f == nil {
			return c, nil
		}
		if f = p.next(ctx, f); f != nil {
			return nil, f
		}
	}
}

// next waits for the next attempt and returns nil when it is time. Else it returns the
// failure of the call.
func (p *pursuit) next(ctx context.Context, f *wire.Failure) *wire.Failure {
	p.worst = max(p.worst, f.Delivered)
	r := p.settings.retry
	if r == nil {
		return f
	}
	if f.Code == wire.CodeLost {
		p.lost = with(p.lost, f.Instance.Number)
	}
	spent := r.Attempts > 0 && p.attempts >= r.Attempts
	if spent || !retryable(f, p.repeatable) || p.endpoint.hopeless(f) {
		return p.last(f)
	}
	if r.pause(ctx, p.endpoint.conn, f, p.attempts) {
		return nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return p.last(ended(ctx.Err(), p.worst))
	}
	return p.last(f)
}

// last makes the failure of the last attempt that of the whole call: what may have run in an
// earlier one may have run.
func (p *pursuit) last(f *wire.Failure) *wire.Failure {
	own := *f
	own.Delivered, own.Attempts = p.worst, p.attempts
	return &own
}

// attempt sends the request once, or, where instances are chosen here, until one of them
// takes it: one that is gone has not, and the next one may.
func (p *pursuit) attempt(ctx context.Context) (*call, *wire.Failure) {
	if p.settings.pick == LeastInFlight && p.settings.choose == nil || !p.endpoint.choosable() {
		_, c, f := p.send(ctx, p.endpoint)
		return c, f
	}
	clear(p.passed)
	p.full = false
	var before *wire.Failure
	for {
		to, f := p.choose(ctx)
		if f != nil && before != nil {
			return nil, before
		}
		if f != nil {
			return nil, f
		}
		sent, c, f := p.send(ctx, to)
		if f == nil || !p.passes(f, sent) || len(p.passed) == maxPassed {
			return c, f
		}
		p.passed = with(p.passed, to.number)
		before = f
	}
}

// maxPassed is how many instances one attempt tries after the first.
const maxPassed = 64

// passes reports whether another instance is to be tried, since this one has not taken the
// request. One that is busy has, by any policy but round-robin: it is the one that was wanted.
func (p *pursuit) passes(f *wire.Failure, sent bool) bool {
	if f.Delivered != wire.No {
		return false
	}
	switch f.Code {
	case wire.CodeNoService:
		return true
	case wire.CodeDraining:
		p.full = sent
	case wire.CodeBusy:
		p.full = sent && p.settings.pick == RoundRobin && p.settings.choose == nil
	default:
		return false
	}
	return p.full
}

// choose finds the instance to try next.
func (p *pursuit) choose(ctx context.Context) (*Endpoint, *wire.Failure) {
	if p.endpoint.conn.session.Load() == nil {
		return nil, p.endpoint.conn.unreachable()
	}
	r, f := p.endpoint.conn.roster(ctx, p.endpoint)
	if f != nil {
		return nil, f
	}
	if at, ok := r.choose(&p.settings, p.fits); ok {
		return p.endpoint.conn.At(at), nil
	}
	if !p.full {
		return p.ask(ctx, r)
	}
	return nil, p.nobody()
}

// with adds a number to a set, which nearly every call does without.
func with(set map[uint32]bool, n uint32) map[uint32]bool {
	if set == nil {
		set = map[uint32]bool{}
	}
	set[n] = true
	return set
}

func (p *pursuit) fits(n uint32) bool { return !p.lost[n] && !p.passed[n] }

func (p *pursuit) nobody() *wire.Failure {
	return wire.Failf(wire.CodeNoService, wire.No, "no instance of %q could be chosen", p.endpoint.target)
}

// ask has the exchange name the instances there are, for the copy knows none that would do
// and may be behind: who was just announced is there for everybody.
func (p *pursuit) ask(ctx context.Context, r *roster) (*Endpoint, *wire.Failure) {
	d, err := p.endpoint.conn.Describe(ctx, p.endpoint.target)
	if err != nil {
		return nil, p.endpoint.conn.rosterFailure(err)
	}
	x := newIndex()
	for _, info := range d.Infos {
		x.set(info)
	}
	at, ok := r.chooseFrom(&x, &p.settings, p.fits)
	if !ok {
		return nil, p.nobody()
	}
	return p.endpoint.conn.At(at), nil
}

// send sends the request to one endpoint and waits for the outcome, or of a stream for its
// first result. sent tells that a failure came from beyond this process.
func (p *pursuit) send(ctx context.Context, to *Endpoint) (sent bool, c *call, f *wire.Failure) {
	c, f = to.start(ctx, p.method, nil, p.args, &p.settings)
	if f != nil {
		return false, nil, f
	}
	if c.stream == nil {
		c.wait(ctx)
	} else if first, ok := c.next(ctx); ok {
		c.stream.putBack(first)
		return true, c, nil
	}
	if f = c.outcome(); f != nil {
		c.recycle()
		return true, nil, f
	}
	return true, c, nil
}
