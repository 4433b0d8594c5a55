package service

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// ExportFallback gives the service a handler for every method name that is not exported:
// for dynamic services, proxies and mocks. Exported methods and system.* win. method is the
// name as called, args are in the Go forms that value.Decode gives. A name that no method may
// have does not get here.
//
// A result that is an iter.Seq[any] or an iter.Seq2[any, error] makes a stream. An error that
// is ErrNoMethod, wrapped or not, reaches the caller with code no_method; it says maybe, since
// the handler has run. Other errors are what they are for any handler. ctx is that of any
// handler, too: Keep and Forward work.
//
// A service has one fallback; exporting another replaces it. That it has one is shown in
// Info.Fallback. The error is that of Export.
func (s *Service) ExportFallback(fn func(ctx context.Context, method string, args []any) (any, error)) error {
	return s.exportFallback(&fallback{decoded: fn})
}

// ExportFallbackRaw is ExportFallback for proxies that pass on what is encoded, by
// Endpoint.CallRaw or ForwardRaw: args and result stay as they are and are not checked. The
// Value of the Response is the result, a nil Response or Value stands for nil. To pass on a
// stream takes ForwardRaw.
func (s *Service) ExportFallbackRaw(fn Handler) error {
	return s.exportFallback(&fallback{raw: fn})
}

// fallback answers for methods that are not exported. One of the two is set.
type fallback struct {
	decoded func(ctx context.Context, method string, args []any) (any, error)
	raw     Handler
}

func (s *Service) exportFallback(fb *fallback) error {
	s.mu.Lock()
	if s.err == nil && fb.decoded == nil && fb.raw == nil {
		s.err = errors.New("service: the fallback is nil")
	}
	err := s.err
	var told *session
	if err == nil {
		table := *s.methods.Load()
		first := table.fallback == nil
		table.fallback = &method{fallback: fb, wrapped: s.wrapped}
		s.methods.Store(&table)
		if first {
			told = s.update(&wire.Update{Fallback: &first})
		}
	}
	s.mu.Unlock()
	told.flush()
	return err
}

// named is the fallback as the method of one request.
func (m *method) named(name string) *method {
	own := *m
	own.name = name
	return &own
}

// fallBack runs the fallback for a request and appends what it returns to dst.
func (w *worker) fallBack(ctx context.Context, h *handlerContext, r *request, dst []byte) ([]byte, error) {
	if r.method.fallback.raw != nil {
		return r.method.fallback.pass(ctx, h, r)
	}
	args, err := value.ReadArgs(r.args)
	if err != nil {
		return nil, err
	}
	result, err := r.method.fallback.decoded(ctx, r.method.name, args.Decode())
	if err != nil {
		return nil, &value.HandlerError{Err: err}
	}
	if results := sequence(result); results != nil {
		return nil, w.streamValues(ctx, h, r, results)
	}
	encoded, err := value.Append(dst, result)
	if err != nil && r.kept() == nil { // what a handler that keeps its request returns is thrown away
		return nil, &value.ResultError{Err: err}
	}
	return encoded, nil
}

// pass runs a fallback that takes everything encoded. It may keep what it gets.
func (fb *fallback) pass(ctx context.Context, h *handlerContext, r *request) ([]byte, error) {
	described := &Request{
		Target: r.address().String(), Method: r.method.name, Args: r.args, OneWay: r.oneWay,
		Headers: h.decodedHeaders(),
	}
	defer h.setArgs(nil) // also behind a panic
	response, err := fb.raw(ctx, described)
	switch {
	case err != nil:
		return nil, &value.HandlerError{Err: err}
	case response == nil:
		return nil, nil
	}
	return response.Value, nil
}

// sequence is a result that makes a stream, nil for any other.
func sequence(result any) iter.Seq2[any, error] {
	switch seq := result.(type) {
	case iter.Seq2[any, error]:
		return seq
	case func(func(any, error) bool):
		return seq
	case iter.Seq[any]:
		return withoutErrors(seq)
	case func(func(any) bool):
		return withoutErrors(seq)
	}
	return nil
}

func withoutErrors(seq iter.Seq[any]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for v := range seq {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// streamValues sends the results of a fallback that turned out to be a stream.
func (w *worker) streamValues(ctx context.Context, h *handlerContext, r *request, results iter.Seq2[any, error]) error {
	if !h.beginStream() {
		return nil // kept or forwarded: what is returned is thrown away
	}
	r.stream = true
	return w.sendStream(ctx, h, r, func(send func([]byte) error) error {
		var element []byte
		for v, err := range results {
			if err != nil {
				return &value.HandlerError{Err: err}
			}
			if element, err = value.Append(element[:0], v); err != nil {
				return &value.ResultError{Err: err}
			}
			if err := send(element); err != nil {
				return err
			}
		}
		return nil
	})
}

// noSuchMethod is the failure of a fallback that does not know the method either, nil when
// err says something else. Whether anything was done for the request the fallback alone
// knows, so the failure does not say no.
func (r *request) noSuchMethod(err error) *wire.Failure {
	if r.method.fallback == nil || !errors.Is(err, ErrNoMethod) {
		return nil
	}
	f := r.place.service.noMethod(r.method.name)
	f.Delivered = wire.Maybe
	var own *wire.Failure
	if errors.As(err, &own) && error(own) != ErrNoMethod {
		f.Description, f.Details = ownWords(err, own), own.Details
	} else if err != ErrNoMethod {
		f.Description = fmt.Sprint(err)
	}
	return f
}
