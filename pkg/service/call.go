package service

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// call is one call on its way. It is pooled by the Conn: its parts are used again, so that
// a call of small scalars takes no memory of its own.
type call struct {
	done chan struct{} // gets one value when somebody else than the caller decided the call

	endpoint *Endpoint
	session  *session
	id       uint64
	deadline time.Duration // on the Conn's clock
	self     bool          // made by a handler of a serial service of this very name
	flags    uint8         // of the request

	body []byte // of the request

	// The outcome, valid after done.
	failure  *wire.Failure
	value    []byte // of the response
	instance uint32 // who answered; zero for nobody
	streamed bool   // the value is in the results

	stream   *stream // gets the results; nil when they are gathered into one value
	gathered gathered
	begun    atomic.Bool   // a result has come
	by       atomic.Uint32 // the instance that it came from
	given    bool          // decided behind the reader's back, who may still hold it
}

// keptBytes is the largest room for a request or response that a pooled call keeps.
const keptBytes = 128 << 10

func newCall() *call { return &call{done: make(chan struct{}, 1)} }

// recycle gives the call back. Nobody may hold a part of it any more.
func (c *call) recycle() {
	if c.given {
		return
	}
	conn := c.endpoint.conn
	if cap(c.body) > keptBytes {
		c.body = nil
	}
	if cap(c.value) > keptBytes {
		c.value = nil
	}
	c.endpoint, c.session, c.failure, c.instance = nil, nil, nil, 0
	c.stream, c.streamed = nil, false
	c.begun.Store(false)
	c.by.Store(0)
	c.gathered.reset()
	conn.spare.Put(c)
}

// finish decides the call with a failure. Only who moved its slot out of open may.
func (c *call) finish(f *wire.Failure) {
	c.failure = f
	c.done <- struct{}{}
}

// respond keeps what the caller of a response gets: the value, or the list of the results
// that came before it.
func (c *call) respond(encoded []byte) {
	if c.streamed && c.stream == nil {
		c.value = value.AppendList(c.value[:0], c.gathered.count, c.gathered.encoded)
		return
	}
	c.value = append(c.value[:0], encoded...)
}

// start sends a call, whose arguments are given as values or encoded. The caller then
// waits for it. A failure means that nothing was sent.
func (e *Endpoint) start(ctx context.Context, method string, args []any, raw []byte, o *callSettings) (*call, *wire.Failure) {
	s, depth, left, f := e.admit(ctx, o)
	if f != nil {
		return nil, f
	}
	c := e.conn.spare.Get().(*call)
	c.endpoint, c.session = e, s
	c.self, c.flags = callsItself(ctx, e), o.flags
	if o.stream {
		c.stream = newStream()
	}
	f = c.encode(method, args, raw, o)
	if f == nil {
		f = c.send(depth, left)
	}
	if f != nil {
		c.recycle()
		return nil, f
	}
	return c, nil
}

// admit refuses a call that need not be tried, and tells how deep it is nested and how
// long it may take.
func (e *Endpoint) admit(ctx context.Context, o *callSettings) (s *session, depth uint8, left time.Duration, f *wire.Failure) {
	if err := ctx.Err(); err != nil {
		return nil, 0, 0, ended(err, wire.No)
	}
	if o.failure != nil {
		return nil, 0, 0, o.failure
	}
	s = e.conn.session.Load()
	if s == nil {
		return nil, 0, 0, e.conn.unreachable()
	}
	if left = e.conn.budget(ctx, o.timeout); left <= 0 {
		return nil, 0, 0, wire.Failf(wire.CodeTimeout, wire.No, "the deadline had passed before the call was sent")
	}
	if h := handlerFrom(ctx); h != nil {
		if h.depth >= wire.MaxDepth {
			return nil, 0, 0, wire.Failf(wire.CodeAborted, wire.No, "call loop: calls nest deeper than %d", wire.MaxDepth)
		}
		depth = h.depth + 1
	}
	return s, depth, min(left, s.maxDeadline), nil
}

// encode makes the body of the request.
func (c *call) encode(method string, args []any, raw []byte, o *callSettings) *wire.Failure {
	head, ok := wire.AppendRequest(c.body[:0], method, o.headers)
	if !ok {
		return wire.Failf(wire.CodeNoMethod, wire.No, "a method name has 1 to %d bytes, not %d", wire.MaxMethod, len(method))
	}
	var err error
	switch {
	case raw != nil:
		c.body = append(head, raw...)
	default:
		c.body, err = value.AppendArgs(head, args)
	}
	if err != nil {
		return wire.Failf(wire.CodeEncodeArgs, wire.No, "%v", err)
	}
	if size := wire.DeliverSize(c.body); size > c.session.maxFrame {
		return wire.Failf(wire.CodeTooLarge, wire.No, "the request makes a frame of %d bytes, over the limit of %d", size, c.session.maxFrame)
	}
	return nil
}

// send puts the request into the outbox and sees to it that it is written.
func (c *call) send(depth uint8, left time.Duration) *wire.Failure {
	s := c.session
	b, fresh, f := c.endpoint.bind(s)
	if f != nil {
		return f
	}
	owes, alone, f := c.post(b, depth, left)
	if fresh || owes {
		s.flushFor(alone)
	}
	return f
}

// post opens the call's slot and appends the request. It reports whether the link is to be
// flushed, and whether no other call is open.
func (c *call) post(b *binding, depth uint8, left time.Duration) (owes, alone bool, f *wire.Failure) {
	s := c.session
	c.deadline = s.conn.now() + left
	id, alone, how := s.calls.open(c, c.deadline)
	switch how {
	case openedClosed:
		return false, alone, s.conn.unreachable()
	case openedFull:
		return false, alone, wire.Failf(wire.CodeBusy, wire.No, "the connection has its limit of %d open calls", s.calls.limit)
	case openedSlot:
	}
	c.id = id
	s.conn.sweep.watch(c.deadline)
	h := wire.Header{Kind: wire.KindRequest, Flags: c.flags, Depth: depth, ID: id, Target: b.handle, TTL: wire.Millis(left)}
	added := c.append(b, &h)
	switch added {
	case link.Full:
		return false, alone, c.unsent(wire.Failf(wire.CodeBusy, wire.No, "the connection's outbox is full"))
	case link.Closed:
		return false, alone, c.unsent(s.conn.unreachable())
	case link.Flush, link.Queued:
	}
	return added == link.Flush, alone, nil
}

// append puts the request into the outbox, in one piece with its own Bind where the handle
// is shared.
func (c *call) append(b *binding, h *wire.Header) link.Added {
	if len(b.bind) == 0 {
		return c.session.link.AppendRequest(h, c.body, nil)
	}
	frames := make([]byte, 0, len(b.bind)+wire.HeaderSize+len(c.body))
	return c.session.link.AppendBytes(wire.AppendFrame(append(frames, b.bind...), h, c.body))
}

// unsent ends a call that did not get into the outbox.
func (c *call) unsent(f *wire.Failure) *wire.Failure {
	if !c.session.calls.abandon(c.id) {
		<-c.done // the session's end decided it, and has to be heard
	}
	return f
}

// wait returns when the call is decided, at the latest when ctx ends.
func (c *call) wait(ctx context.Context) {
	done := ctx.Done()
	if done == nil {
		<-c.done
		return
	}
	select {
	case <-c.done:
	case <-done:
		c.giveUp(ctx.Err())
	}
}

// giveUp ends the call because its context has ended, unless it has been decided. At the
// deadline the exchange's verdict is waited for a little, for it knows more.
func (c *call) giveUp(err error) {
	if errors.Is(err, context.DeadlineExceeded) && c.session.conn.now() >= c.deadline-time.Millisecond {
		<-c.done // by the sweeper at the latest
		return
	}
	c.cancel(err)
}

// cancel answers the call here and tells the exchange.
func (c *call) cancel(err error) {
	if !c.session.calls.retire(c.id) {
		<-c.done
		return
	}
	c.given = true
	c.failure = ended(err, wire.Maybe)
	h := wire.Header{Kind: wire.KindCancel, ID: c.id}
	if c.session.link.AppendFrame(&h, nil) == link.Flush {
		c.session.link.Flush()
	}
}

// outcome is the failure of a decided call with the address of the instance, nil for a
// response.
func (c *call) outcome() *wire.Failure {
	f := c.failure
	if f != nil && c.instance == 0 {
		c.instance = c.by.Load() // a call given up has heard of nobody but by its results
	}
	if f != nil && c.instance != 0 {
		f.Instance = c.address()
	}
	if f != nil && c.begun.Load() {
		f.Delivered = wire.Yes
	}
	if f != nil && c.self && f.Code == wire.CodeTimeout && f.Details == "" {
		f.Details = "the handler of a serial service called its own service, which waits for the handler"
	}
	return f
}

// callsItself reports whether a handler of a serial service calls a service of that name.
func callsItself(ctx context.Context, e *Endpoint) bool {
	h := handlerFrom(ctx)
	return h != nil && h.place.lane.limit == 1 && h.place.service.name == e.name
}

// address is that of the instance that was chosen, zero for none.
func (c *call) address() Address {
	if c.instance == 0 {
		return Address{}
	}
	return Address{Origin: c.session.origin, Name: c.endpoint.name, Number: c.instance}
}

// ended is the failure of a call whose context has ended.
func ended(err error, d wire.Delivered) *wire.Failure {
	if errors.Is(err, context.DeadlineExceeded) {
		return wire.Failf(wire.CodeTimeout, d, "the deadline passed")
	}
	return wire.Failf(wire.CodeCanceled, d, "the caller gave up")
}
