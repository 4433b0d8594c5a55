package service

import (
	"context"
	"iter"
	"sync"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Stream calls a method that answers by a stream and yields each result when it comes, in
// the Go form that value.Decode gives it. A failure, always a *Failure, comes last, beside
// a nil result; after the first result it says yes. A method that is no stream yields its
// one result. The call is made when the sequence is ranged over, anew each time; breaking
// out of the range cancels it. At most 256 KiB of results wait for the range's body, and
// the service waits with more. The deadline is one for the whole stream.
func (e *Endpoint) Stream(ctx context.Context, method string, args ...any) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		streamed(ctx, e, streamCall{method, args, nil, &e.settings}, value.Decode, yield)
	}
}

// Stream is Endpoint.Stream for results that are a T, by the rules of value.Unmarshal. One
// that does not fit ends the stream with a failure with code decode.
func Stream[T any](ctx context.Context, e *Endpoint, method string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		streamed(ctx, e, streamCall{method, args, nil, &e.settings}, unmarshal[T], yield)
	}
}

func unmarshal[T any](encoded []byte) (v T, err error) {
	err = value.Unmarshal(encoded, &v)
	return v, err
}

// StreamRaw is Stream with arguments and results encoded, as in CallRaw. A result is the
// caller's to keep.
func (e *Endpoint) StreamRaw(ctx context.Context, method string, args []byte, opts *CallOptions) iter.Seq2[value.Raw, error] {
	return func(yield func(value.Raw, error) bool) {
		if len(args) == 0 {
			args = emptyArgs
		}
		streamed(ctx, e, streamCall{method, nil, args, e.settingsOr(opts)}, asItCame, yield)
	}
}

func asItCame(encoded []byte) (value.Raw, error) { return encoded, nil }

// streamCall is a call whose results are taken one by one. Its arguments are given as values
// or encoded.
type streamCall struct {
	method   string
	args     []any
	raw      []byte
	settings *callSettings
}

// streamed makes the call and yields its results, and its failure.
func streamed[T any](ctx context.Context, e *Endpoint, s streamCall, decode func([]byte) (T, error), yield func(T, error) bool) {
	settings := *s.settings
	settings.stream = true
	s.settings = &settings
	f, more := ranged(ctx, e, s, decode, yield)
	if f != nil && more {
		var none T
		yield(none, f)
	}
}

// ranged makes the call and yields its results. It returns the failure, and whether more is
// wanted.
func ranged[T any](ctx context.Context, e *Endpoint, s streamCall, decode func([]byte) (T, error), yield func(T, error) bool) (f *wire.Failure, more bool) {
	if e.conn.wrapped.Load() != nil {
		o, f := e.outgoing(s.method, s.args, s.raw, s.settings)
		if f != nil {
			return f, true
		}
		return rangedThrough(ctx, o, decode, yield)
	}
	c, f := e.startStream(ctx, &s)
	if f != nil {
		return f, true
	}
	defer c.giveBack()
	return each(ctx, c, decode, yield)
}

func (e *Endpoint) startStream(ctx context.Context, s *streamCall) (*call, *wire.Failure) {
	if s.settings.guided {
		return e.pursue(ctx, s.method, s.args, s.raw, s.settings)
	}
	return e.start(ctx, s.method, s.args, s.raw, s.settings)
}

// rangedThrough is ranged by way of the Conn's middleware. Attempts of it yield one after the
// other, and not behind the end of the range.
func rangedThrough[T any](ctx context.Context, o *outgoing, decode func([]byte) (T, error), yield func(T, error) bool) (f *wire.Failure, more bool) {
	var mu sync.Mutex // held while results are yielded
	wanted := true
	o.take = func(ctx context.Context, c *call) (f *wire.Failure) {
		mu.Lock()
		defer mu.Unlock()
		if wanted {
			wanted = false // unless the range's body says so
			f, wanted = each(ctx, c, decode, yield)
		}
		if !wanted {
			f = ended(context.Canceled, wire.Yes)
		}
		return f
	}
	_, f = o.through(ctx)
	mu.Lock()
	defer mu.Unlock()
	more, wanted = wanted, false
	return f, more
}

// each yields the results of a started call. It returns the failure, and whether more is
// wanted.
func each[T any](ctx context.Context, c *call, decode func([]byte) (T, error), yield func(T, error) bool) (f *wire.Failure, more bool) {
	defer c.cancelWith(ctx)()
	for {
		encoded, ok := c.next(ctx)
		if !ok {
			return c.outcome(), true
		}
		v, err := decode(encoded)
		if err != nil {
			return c.undecodable(err), true
		}
		if !yield(v, nil) {
			return nil, false
		}
	}
}

// cancelWith has the exchange told when ctx is cancelled, since the range's body may be stuck
// by then; the call itself ends when next sees it. A Cancel that comes too late is ignored.
func (c *call) cancelWith(ctx context.Context) (stop func() bool) {
	s, h := c.session, wire.Header{Kind: wire.KindCancel, ID: c.id}
	return context.AfterFunc(ctx, func() {
		if ctx.Err() == context.Canceled && s.link.AppendFrame(&h, nil) == link.Flush {
			s.link.Flush()
		}
	})
}

// giveBack ends the call of a stream however its range ended, also by a panic of the body.
func (c *call) giveBack() {
	c.abandon()
	c.recycle()
}

// stream is the receiving side of one stream: results that came and were not taken. It is
// bounded by the credit that the caller has granted.
type stream struct {
	wake chan struct{} // room for one: there is a result

	mu      sync.Mutex
	results [][]byte
	bytes   int // of results, by their cost

	// touched by the caller only
	taken   int    // bytes taken, by their cost, and not granted again
	decided bool   // the outcome is there
	first   []byte // was taken and put back; nil when it was not
}

func newStream() *stream { return &stream{wake: make(chan struct{}, 1)} }

// push adds a result. It reports false when it is beyond the credit.
func (s *stream) push(encoded []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes += wire.ResultCost(encoded); s.bytes > wire.FirstCredit {
		return false
	}
	s.results = append(s.results, append([]byte(nil), encoded...))
	nudge(s.wake)
	return true
}

// putBack has the next one who asks get a result that was taken.
func (s *stream) putBack(encoded []byte) { s.first = encoded }

// pop takes the oldest result, if there is one.
func (s *stream) pop() ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.results) == 0 {
		return nil, false
	}
	first := s.results[0]
	s.results[0] = nil
	s.results = s.results[1:]
	s.bytes -= wire.ResultCost(first)
	return first, true
}

// grantAt is how much is taken before it is granted again, so that not every result costs a
// frame.
const grantAt = wire.FirstCredit / 2

// next waits for the next result. It reports false when there is none any more: the
// outcome, which says how the stream ended, is there.
func (c *call) next(ctx context.Context) ([]byte, bool) {
	s := c.stream
	if first := s.first; first != nil {
		s.first = nil
		return first, true
	}
	for {
		if err := ctx.Err(); err != nil && !s.decided {
			c.giveUp(err)
			s.decided = true
		}
		if s.decided && (c.given || c.failure != nil && ctx.Err() != nil) {
			return nil, false // what has not been taken is not wanted any more
		}
		if encoded, ok := s.pop(); ok {
			c.took(wire.ResultCost(encoded))
			return encoded, true
		}
		if s.decided {
			return c.single()
		}
		select {
		case <-s.wake:
		case <-c.done:
			s.decided = true
		case <-ctx.Done():
		}
	}
}

// single is the one result of a method that is no stream, once.
func (c *call) single() ([]byte, bool) {
	if c.failure != nil || c.streamed {
		return nil, false
	}
	c.streamed = true
	return append([]byte(nil), c.value...), true
}

// took counts what the caller has taken, and grants it again.
func (c *call) took(n int) {
	s := c.stream
	if s.taken += n; s.taken < grantAt || s.decided {
		return
	}
	if c.session.post(wire.AppendCredit(nil, c.id, uint32(s.taken))) {
		c.session.link.Flush()
	}
	s.taken = 0
}

// abandon cancels a stream that nobody wants to read on.
func (c *call) abandon() {
	if !c.stream.decided {
		c.cancel(context.Canceled)
	}
}

// gathered is the results of a stream that its caller wants as one value.
type gathered struct {
	encoded []byte
	count   int
	owed    int // bytes to grant again
}

func (g *gathered) reset() {
	if cap(g.encoded) > keptBytes {
		g.encoded = nil
	}
	*g = gathered{encoded: g.encoded[:0]}
}

// result takes one result of a stream.
func (s *session) result(h *wire.Header, body []byte) error {
	c, ok := s.calls.find(h.ID)
	switch {
	case !ok:
		return violation("a result of a call that is not open")
	case c == nil:
		return nil // given up here
	}
	c.by.Store(h.Target)
	c.begun.Store(true)
	switch {
	case c.stream == nil:
		s.gather(c, h, body)
	case !c.stream.push(body):
		return violation("a result beyond the credit")
	}
	return nil
}

// gather puts a result behind those that came before, as long as all of them fit a frame.
func (s *session) gather(c *call, h *wire.Header, body []byte) {
	g := &c.gathered
	size := wire.HeaderSize + listHead + len(g.encoded) + len(body)
	if size > s.maxFrame || g.count == value.MaxElements {
		s.overflow(c, h, size)
		return
	}
	g.encoded = append(g.encoded, body...)
	g.count++
	if g.owed += wire.ResultCost(body); g.owed < grantAt {
		return
	}
	if s.post(wire.AppendCredit(nil, h.ID, uint32(g.owed))) {
		s.owes = true
	}
	g.owed = 0
}

// listHead is the most bytes that stand before the elements of an encoded list.
const listHead = 9

// overflow ends a call whose results are too large for one value.
func (s *session) overflow(c *call, h *wire.Header, size int) {
	if !s.calls.retire(h.ID) {
		return
	}
	c.given, c.instance = true, h.Target
	if s.link.AppendFrame(&wire.Header{Kind: wire.KindCancel, ID: h.ID}, nil) == link.Flush {
		s.owes = true
	}
	c.finish(wire.Failf(wire.CodeTooLarge, wire.Yes,
		"the stream makes a list of %d elements and %d bytes or more, over the limit of %d and %d",
		c.gathered.count+1, size, value.MaxElements, s.maxFrame))
}
