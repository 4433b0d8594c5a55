package service

import (
	"context"
	"sync"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// handlerContext is the context a handler gets. It is made only for funcs that take one,
// costs one allocation as long as nobody waits for its end, and is never used again, since
// handlers keep contexts. It holds the request's facts, so that CallerFrom and calls made
// with it find them.
type handlerContext struct {
	deadline time.Time
	session  *session
	place    *instance
	number   uint32 // the instance's in this session
	method   string
	headers  []byte
	caller   uint32
	depth    uint8
	streams  bool  // it has begun to answer by a stream; guarded by mu
	flow     *flow // of what may be a stream

	mu      sync.Mutex
	request *request // nil when the handler has returned
	kept    *kept
	err     error
	done    chan struct{}        // made by the first Done
	after   map[*func()]struct{} // to run at the end
}

type handlerKey struct{}

// handlerFrom returns the handler's context that ctx is or comes from, or nil.
func handlerFrom(ctx context.Context) *handlerContext {
	if h, ok := ctx.(*handlerContext); ok {
		return h
	}
	h, _ := ctx.Value(handlerKey{}).(*handlerContext)
	return h
}

// Deadline is that of the caller.
func (h *handlerContext) Deadline() (time.Time, bool) { return h.deadline, true }

// Done is closed when the context ends.
func (h *handlerContext) Done() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.done == nil {
		h.done = make(chan struct{})
		if h.err != nil {
			close(h.done)
		}
	}
	return h.done
}

// Err is why the context has ended.
func (h *handlerContext) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// Value knows the context itself only.
func (h *handlerContext) Value(key any) any {
	if _, ok := key.(handlerKey); ok {
		return h
	}
	return nil
}

// AfterFunc has f run when the context ends. Package context looks for this method and does
// without a goroutine for each derived context then; what it registers never blocks.
func (h *handlerContext) AfterFunc(f func()) (stop func() bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		time.AfterFunc(0, f) // not from here: the caller may hold what f wants
		return func() bool { return false }
	}
	if h.after == nil {
		h.after = map[*func()]struct{}{}
	}
	h.after[&f] = struct{}{}
	return func() bool { return h.forget(&f) }
}

func (h *handlerContext) forget(f *func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.after[f]
	delete(h.after, f)
	return ok
}

// end ends the context; the first reason counts.
func (h *handlerContext) end(err error) {
	h.mu.Lock()
	if h.err != nil {
		h.mu.Unlock()
		return
	}
	h.err = err
	if h.done != nil {
		close(h.done)
	}
	after := h.after
	h.after = nil
	h.mu.Unlock()
	for f := range after {
		(*f)()
	}
}

// expireAt ends the context at its deadline, unless it ends before.
func (h *handlerContext) expireAt(deadline time.Time) {
	expiry := time.AfterFunc(time.Until(deadline), func() { h.end(context.DeadlineExceeded) })
	h.AfterFunc(func() { expiry.Stop() })
}

// Caller is what a handler may know of its request. Nothing of it says who the person or the
// program behind the caller is: that is the registry's knowledge, and costs a question.
// Conn.Describe of Address has the program, its process, host and user, as the caller's
// process gives them itself: they are for people and logs, not for access.
type Caller struct {
	Address  Address        // the caller's own hidden instance
	Depth    int            // 0 when the call was not made from within a handler
	Method   string         // as called
	Headers  map[string]any // metadata, such as a trace context; nil when there is none
	Instance Address        // who was called
	Service  *Service       // who was called
	Conn     *Conn          // by which the request came; for calls of the handler's own
}

// CallerFrom returns the request that a handler's context belongs to, and false for any
// other context. Headers that cannot be decoded are left out.
func CallerFrom(ctx context.Context) (Caller, bool) {
	h := handlerFrom(ctx)
	if h == nil {
		return Caller{}, false
	}
	c := Caller{
		Address: Address{Origin: h.session.origin, Number: h.caller}, Depth: int(h.depth),
		Method: h.method, Service: h.place.service, Conn: h.session.conn,
		Instance: Address{Origin: h.session.origin, Name: h.place.service.name, Number: h.number},
	}
	c.Headers = h.decodedHeaders()
	return c, true
}

// decodedHeaders is nil when there are none, or they cannot be decoded.
func (h *handlerContext) decodedHeaders() map[string]any {
	if len(h.headers) == 0 {
		return nil
	}
	v, err := value.Decode(h.headers)
	if err != nil {
		return nil
	}
	headers, _ := v.(map[string]any)
	return headers
}
