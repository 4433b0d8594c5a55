package service

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// ErrAnswered reports a kept request that has its outcome already: it was answered before,
// or its caller does not wait any more, or its Conn was closed.
var ErrAnswered = errors.New("service: the request has its outcome already")

// Kept is a request that is answered later than its handler returns, from anywhere, exactly
// once. One that nobody can answer any more, because the Kept was forgotten and collected
// as garbage or its Conn closed, ends as aborted. When the caller gives up or its deadline
// passes the library answers for it. It is in flight until it is answered: Withdraw, and a
// drain within its grace time, wait for it, and have the garbage collected once when they
// begin to, so that a forgotten one holds nobody up. Its methods may be used by any number
// of goroutines.
type Kept struct{ *kept }

// Keep lets the handler that ctx belongs to return without an answer. What it returns then
// is thrown away, but for an error, or a panic, which fails the request if it was not
// answered before. The handler's place is free for others when it has returned; to the
// exchange the call is in flight until it is answered. ctx goes on until then. Keep panics
// when ctx is not that of a handler which is running, when the request is kept already, and
// in a stream that has sent a result; before, its request is kept as any, and answered by one
// value.
func Keep(ctx context.Context) *Kept {
	h := handlerFrom(ctx)
	if h == nil {
		panic("service: Keep wants the context of a handler")
	}
	inner, err := h.keep()
	if err != nil {
		panic(err)
	}
	k := &Kept{inner}
	runtime.AddCleanup(k, (*kept).abandon, inner)
	h.AfterFunc(inner.cut)
	return k
}

// kept is what stays of a kept request, known to its lane and its context. It does not
// point to the Kept, so that a forgotten one is found.
type kept struct {
	request *request
	context *handlerContext

	mu       sync.Mutex
	answered bool
	returned bool // the handler has
}

// Answer answers with a result. The error is ErrAnswered, or the failure that the caller
// gets in its place: encode or too_large.
func (k *Kept) Answer(result any) error {
	defer runtime.KeepAlive(k)
	encoded, err := value.Append(nil, result)
	if err != nil {
		f := wire.Failf(wire.CodeEncodeValue, wire.Yes, "result: %v", err)
		return errors.Join(k.settle(nil, f), f)
	}
	if f := k.request.session.oversize(encoded); f != nil {
		return errors.Join(k.settle(nil, f), f)
	}
	return k.settle(encoded, nil)
}

// Fail answers with a failure, as if the handler had returned err; nil stands for an
// abandoned request. The error is ErrAnswered.
func (k *Kept) Fail(err error) error {
	defer runtime.KeepAlive(k)
	f := abandoned()
	if err != nil {
		f = k.request.handlerFailure(k.context, err)
	}
	return k.settle(nil, f)
}

// Context is that of the handler: it ends when the request has its outcome.
func (k *Kept) Context() context.Context { return k.context }

// settle sends the one outcome.
func (k *kept) settle(result []byte, f *wire.Failure) error {
	r := k.request
	return k.decide(func() (owes bool) { return r.session.answerBy(r, 0, result, f) })
}

// decide has the one outcome sent, or the request passed on, unless that was done before.
func (k *kept) decide(send func() (owes bool)) error {
	k.mu.Lock()
	if k.answered {
		k.mu.Unlock()
		return ErrAnswered
	}
	k.answered = true
	over := k.returned
	k.mu.Unlock()
	r := k.request
	if send() {
		r.session.link.Flush()
	}
	r.session.conn.stage.forgetKept(k) // not before: a drain may close the link then
	if over {
		k.context.end(context.Canceled)
	}
	return nil
}

// handlerReturned notes that the handler has, and how.
func (k *kept) handlerReturned(f *wire.Failure) {
	k.mu.Lock()
	k.returned = true
	over := k.answered
	k.mu.Unlock()
	if f != nil {
		k.settle(nil, f)
	}
	if over {
		k.context.end(context.Canceled)
	}
}

func (k *kept) abandon() { k.settle(nil, abandoned()) }

func abandoned() *wire.Failure {
	return wire.Failf(wire.CodeAborted, wire.Yes, "the service abandoned the request")
}

// cut answers for a caller that does not wait any more.
func (k *kept) cut() { k.settle(nil, ended(k.context.Err(), wire.Yes)) }

// keep makes the handler's request a kept one.
func (h *handlerContext) keep() (*kept, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.request == nil:
		return nil, errors.New("service: the handler has returned")
	case h.kept != nil:
		return nil, errors.New("service: the request is kept or forwarded already")
	case h.streams:
		return nil, errors.New("service: a stream that has sent a result can be neither kept nor forwarded")
	}
	h.kept = &kept{request: h.request, context: h}
	h.session.conn.stage.noteKept(h.kept)
	return h.kept, nil
}

// leave notes that the handler has returned; a context that is not kept ends.
func (h *handlerContext) leave() {
	h.mu.Lock()
	h.request = nil
	k := h.kept
	h.mu.Unlock()
	if k == nil {
		h.end(context.Canceled)
	}
}

// kept is what the handler of a request has kept, nil in most.
func (r *request) kept() *kept {
	h := r.context.Load()
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kept
}

func (t *stage) noteKept(k *kept) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := &k.request.place.lane
	if l.kept == nil {
		l.kept = map[*kept]struct{}{}
	}
	l.kept[k] = struct{}{}
}

func (t *stage) forgetKept(k *kept) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := &k.request.place.lane
	delete(l.kept, k)
	l.rest()
}

// release gives up the place of a handler that has returned and kept its request.
func (t *stage) release(r *request) *request {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	t.leave(r)
	r.state = requestKept
	return t.pick()
}

// abandonKept aborts what the handlers of an instance have kept.
func (t *stage) abandonKept(i *instance) {
	t.mu.Lock()
	all := make([]*kept, 0, len(i.lane.kept))
	for k := range i.lane.kept {
		all = append(all, k)
	}
	t.mu.Unlock()
	for _, k := range all {
		k.abandon()
	}
}
