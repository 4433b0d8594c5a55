package service

import (
	"context"
	"errors"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// wrappedRun is one request on its way through the middleware of its service.
type wrappedRun struct {
	worker  *worker
	request *request
	context *handlerContext

	place chan struct{} // room for one: held while the func runs, which may take long, and guards the others

	ran     bool          // the func has been started
	over    bool          // the middleware has returned
	failure *wire.Failure // of the func
}

func (run *wrappedRun) enter() { run.place <- struct{}{} }
func (run *wrappedRun) leave() { <-run.place }

// invokeWrapped takes a request through the middleware. What middleware has seen it may
// keep, so neither arguments nor result are used again.
func (w *worker) invokeWrapped(h *handlerContext, r *request) ([]byte, *wire.Failure) {
	run := &wrappedRun{worker: w, request: r, context: h, place: make(chan struct{}, 1)}
	defer run.end()
	response, err := r.method.wrapped(h, run.describe())
	run.end()
	if err != nil {
		return nil, run.outcome(err)
	}
	if response == nil || len(response.Value) == 0 || r.stream {
		return nilResult, nil
	}
	return response.Value, nil
}

// describe is what the middleware gets to see.
func (run *wrappedRun) describe() *Request {
	r := run.request
	described := &Request{
		Target: r.address().String(), Method: r.method.name, Args: r.args, OneWay: r.oneWay, Stream: r.stream,
		Headers: run.context.decodedHeaders(), next: run.next,
	}
	if r.method.fn != nil {
		described.Signature = r.method.fn.Signature()
	}
	return described
}

// next runs the func. It is the innermost Handler.
func (run *wrappedRun) next(ctx context.Context, described *Request) (*Response, error) {
	run.enter()
	defer run.leave()
	switch {
	case run.over: // on a goroutine of the middleware's own, which a panic would take the process with
		return nil, wire.Failf(wire.CodeAborted, wire.No, "next was called when the request had its answer")
	case run.ran:
		panic("service: the middleware of a service calls next once, before it returns")
	}
	run.ran = true
	run.context.setArgs(described.Args)
	result, f := run.call(ctx)
	if f != nil {
		run.failure = f
		return nil, f
	}
	if run.request.kept() != nil {
		return nil, nil
	}
	response := &Response{Instance: run.request.address()}
	if !run.request.stream && !run.request.oneWay {
		response.Value = result
	}
	return response, nil
}

// call calls the func. Its panic becomes its failure here, for middleware to see.
func (run *wrappedRun) call(ctx context.Context) (result []byte, f *wire.Failure) {
	defer func() {
		if p := recover(); p != nil {
			result, f = nil, run.request.panicked(ctx, p)
		}
	}()
	return run.worker.run(ctx, run.context, run.request, nil)
}

// end waits for a func that a middleware has left running, and lets none start any more.
func (run *wrappedRun) end() {
	run.enter()
	defer run.leave()
	run.over = true
	run.context.setArgs(nil)
}

// outcome turns the error that came out of the middleware into the failure of the request.
func (run *wrappedRun) outcome(err error) *wire.Failure {
	var f *wire.Failure
	if errors.As(err, &f) && f == run.failure {
		return f
	}
	if !run.ran && f != nil && refuses(f) {
		own := *f
		own.Delivered, own.Description = wire.No, ownWords(err, f)
		return &own
	}
	other := run.request.handlerFailure(run.context, err)
	if !run.ran && (other.Code == wire.CodeTimeout || other.Code == wire.CodeCanceled) {
		other.Delivered = wire.No
	}
	return other
}

// refuses reports whether a failure is a middleware's own word on a request. One of an
// instance is that of a call the middleware has made, and says nothing of this one.
func refuses(f *wire.Failure) bool {
	switch f.Code {
	case wire.CodeNoMethod, wire.CodeBadParams, wire.CodeBusy, wire.CodeDenied, wire.CodeDraining:
		return f.Instance.IsZero()
	default:
		return false
	}
}

// setArgs replaces the arguments of the request, also for Forward.
func (h *handlerContext) setArgs(args value.Raw) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.request != nil {
		h.request.args = args
	}
}
