package service

import (
	"context"
	"errors"
)

// stream runs a func whose result is a stream.
func (w *worker) stream(ctx context.Context, h *handlerContext, r *request) error {
	return w.sendStream(ctx, h, r, func(send func([]byte) error) error {
		return r.method.fn.Stream(ctx, r.args, send)
	})
}

// sendStream sends what produce hands to send, as the caller has room for it. ctx is what the
// middleware has made of h.
func (w *worker) sendStream(ctx context.Context, h *handlerContext, r *request, produce func(send func([]byte) error) error) error {
	if r.oneWay {
		return produce(func([]byte) error { return ctx.Err() })
	}
	defer close(h.flow.due)
	w.stage.crew.Go(h.flow.pump) // ends when due is closed
	begun, passedOn := false, false
	err := produce(func(result []byte) error {
		if !begun {
			begun = h.beginStream()
			passedOn = !begun
		}
		if passedOn {
			return errPassedOn
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return h.flow.send(h, result)
	})
	if passedOn {
		return nil // what is returned is thrown away
	}
	return err
}

// errPassedOn ends a stream whose request has been kept or forwarded.
var errPassedOn = errors.New("service: the request is kept or forwarded already")

// beginStream notes that the handler answers by a stream from now on. It reports false when
// the request has been kept or forwarded.
func (h *handlerContext) beginStream() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams = h.kept == nil
	return h.streams
}
