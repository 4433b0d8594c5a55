package service

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// worker is one warm goroutine of a stage.
type worker struct {
	stage   *stage
	wake    chan struct{}
	current *request // being handled
	result  []byte   // encoded results, used again
}

// work handles requests until the stage has no use for the worker.
func (w *worker) work() {
	defer w.rescue()
	for r := w.stage.take(w, true); r != nil; {
		r = w.handle(r)
	}
}

// handle runs one request to its end and returns the next. What it has answered is written
// before another handler runs, for that one may block.
func (w *worker) handle(r *request) *request {
	w.current = r
	result, f := w.invoke(r)
	session := r.session
	if k := r.kept(); k != nil {
		w.current = nil
		k.handlerReturned(f)
		return w.orTake(w.stage.release(r))
	}
	owes := session.answer(r, result, f)
	w.current = nil
	next, alone := w.stage.finish(r, owes)
	session.spare.Put(r)
	if owes {
		session.flushFor(alone)
	}
	return w.orTake(next)
}

// orTake is the next request, if there is none yet.
func (w *worker) orTake(next *request) *request {
	if next == nil {
		next = w.stage.take(w, false)
	}
	return next
}

// invoke calls the method's func. A panic becomes the failure of this one call.
func (w *worker) invoke(r *request) (result []byte, f *wire.Failure) {
	if r.oneWay && !time.Now().Before(r.deadline) { // other requests the exchange calls back
		return nil, ended(context.DeadlineExceeded, wire.No)
	}
	ctx := context.Background()
	var h *handlerContext
	if r.method.wantsContext() {
		h = r.newContext()
		ctx = h
	}
	defer func() {
		if h != nil {
			defer h.leave()
		}
		if p := recover(); p != nil {
			result, f = nil, r.panicked(ctx, p)
		}
	}()
	if r.method.wrapped != nil {
		return w.invokeWrapped(h, r)
	}
	if r.method.fallback != nil || r.stream {
		return w.run(ctx, h, r, nil)
	}
	if cap(w.result) > keptBytes {
		w.result = nil
	}
	result, f = w.run(ctx, h, r, w.result[:0])
	if f == nil {
		w.result = result
	}
	return result, f
}

// run runs the func or the fallback of a request and appends the result to dst.
func (w *worker) run(ctx context.Context, h *handlerContext, r *request, dst []byte) ([]byte, *wire.Failure) {
	var err error
	switch {
	case r.method.fallback != nil:
		dst, err = w.fallBack(ctx, h, r, dst)
	case r.stream:
		err = w.stream(ctx, h, r)
	default:
		dst, err = r.method.fn.Call(ctx, r.args, dst)
	}
	if err != nil {
		return nil, r.failure(ctx, err)
	}
	if len(dst) == 0 {
		return nilResult, nil
	}
	return dst, nil
}

// panicked is the failure of a handler that panicked, called with ctx. The stack stays here. A
// stream that had ended before has its outcome.
func (r *request) panicked(ctx context.Context, p any) *wire.Failure {
	text := fmt.Sprint(p)
	r.place.panicLog().Error("handler panicked",
		"service", r.place.service.name, "method", r.method.name, "panic", text, "stack", string(debug.Stack()))
	if late, ok := p.(*value.StreamPanic); ok && !errors.Is(late, errPassedOn) {
		return r.failure(ctx, late.Err)
	}
	return wire.Failf(wire.CodeApplication, wire.Yes, "panic: %s", text)
}

// rescue answers the request of a handler that ended its goroutine, by runtime.Goexit, and
// does nothing else.
func (w *worker) rescue() {
	r := w.current
	if r == nil {
		return
	}
	f := wire.Failf(wire.CodeAborted, wire.Yes, "the handler ended its goroutine without an answer")
	if k := r.kept(); k != nil {
		k.handlerReturned(f)
	} else if r.session.answer(r, nil, f) {
		r.session.link.Flush()
	}
	w.stage.finish(r, true)
}

// answer sends the one outcome of a delivered request and reports whether the caller has to
// flush the link. When the link is gone the outcome is dropped and counted.
func (s *session) answer(r *request, result []byte, f *wire.Failure) (owes bool) {
	var flags uint8
	if r.stream {
		flags = wire.FlagStream
	}
	return s.answerBy(r, flags, result, f)
}

// answerBy is answer with the flags of the response.
func (s *session) answerBy(r *request, flags uint8, result []byte, f *wire.Failure) (owes bool) {
	r.cell.Store(nil) // the id is the exchange's again when it has the answer
	if f == nil {
		f = s.oversize(result)
	}
	r.place.service.counts.ended(f)
	if r.oneWay {
		result, f = nilResult, nil // the exchange has told the caller, and only wants its slot back
	}
	return s.respond(r.id, flags, result, f)
}

// respond appends an outcome. It waits where the outbox has no room: large results made
// faster than the exchange takes them slow down who makes them, and nobody else. An
// exchange that takes nothing at all ends the link.
func (s *session) respond(id uint64, flags uint8, result []byte, f *wire.Failure) (owes bool) {
	h := wire.Header{Kind: wire.KindResponse, Flags: flags, ID: id}
	if f == nil {
		added := s.link.AppendFrame(&h, result)
		for added == link.Full {
			s.waitRoom(wire.HeaderSize + len(result))
			added = s.link.AppendFrame(&h, result)
		}
		return s.added(added)
	}
	h.Kind, h.Flags = wire.KindFailure, 0
	return s.post(wire.AppendFailure(nil, h, f))
}

// post appends frames that must not be lost, waiting for room as respond does.
func (s *session) post(frames []byte) (owes bool) {
	added := s.link.AppendBytes(frames)
	for added == link.Full {
		s.waitRoom(len(frames))
		added = s.link.AppendBytes(frames)
	}
	return s.added(added)
}

func (s *session) waitRoom(size int) {
	s.link.FlushNow()
	s.link.WaitRoom(size)
}

// nilResult is the encoded result of a method that has none.
var nilResult, _ = value.Marshal(nil)

// oversize is the failure for a result that does not fit a frame, nil when it fits.
func (s *session) oversize(result []byte) *wire.Failure {
	if size := wire.HeaderSize + len(result); size > s.maxFrame {
		return wire.Failf(wire.CodeTooLarge, wire.Yes, "the result makes a frame of %d bytes, over the limit of %d", size, s.maxFrame)
	}
	return nil
}

// added reports whether the caller has to flush. A link that has ended drops the frame.
func (s *session) added(a link.Added) (owes bool) {
	if a == link.Closed {
		s.conn.counts.dropped.Add(1)
	}
	return a == link.Flush
}
