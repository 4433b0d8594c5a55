package service

import "context"

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
	return produce(func(result []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return h.flow.send(h, result)
	})
}

// beginStream notes that the handler answers by a stream from now on. It reports false when
// the request has been kept or forwarded.
func (h *handlerContext) beginStream() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams = h.kept == nil
	return h.streams
}
