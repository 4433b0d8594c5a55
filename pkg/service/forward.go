package service

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Forward passes the request of the handler that ctx belongs to on to another service or
// instance, whose answer goes straight to the caller. The caller's deadline, cancel and
// loss detection go with it; the headers, too, unless e brings its own. When the error is
// nil the handler has nothing more to answer and what it returns is thrown away. Otherwise
// it has to answer as ever: the request cannot be encoded, or is too deep or too large to
// be passed on, the target is none, ctx is not that of a running handler of e's Conn, or a
// result of a stream has been sent. That nobody takes the forwarded request is told to the
// caller, by a failure that says maybe; the caller of a one-way request is told nothing.
func Forward(ctx context.Context, e *Endpoint, method string, args ...any) error {
	encoded, err := value.AppendArgs(nil, args)
	if err != nil {
		return wire.Failf(wire.CodeEncodeArgs, wire.No, "%v", err)
	}
	return ForwardRaw(ctx, e, method, encoded)
}

// ForwardRaw is Forward with arguments that are encoded already, as in Endpoint.CallRaw;
// nil stands for those of the request itself, unchanged.
func ForwardRaw(ctx context.Context, e *Endpoint, method string, args []byte) error {
	h := handlerFrom(ctx)
	if h == nil || h.session.conn != e.conn {
		return errors.New("service: Forward wants the context of a handler of the endpoint's connection")
	}
	b, body, err := h.forwardBody(e, method, args)
	h.session.link.FlushNow() // of a fresh Bind, whatever becomes of the rest
	if err != nil {
		return err
	}
	k, err := h.keep()
	if err != nil {
		return err
	}
	return k.decide(func() (owes bool) { return h.session.forward(k.request, b, body, h.depth+1) })
}

// forwardBody makes the body of a KindForward.
func (h *handlerContext) forwardBody(e *Endpoint, method string, args []byte) (b *binding, body []byte, err error) {
	b, _, f := e.bind(h.session) // a fresh one is flushed by the caller
	if f != nil {
		return nil, nil, f
	}
	if f = e.settings.failure; f != nil {
		return nil, nil, f
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.request == nil {
		return nil, nil, errors.New("service: the handler has returned")
	}
	if args == nil {
		args = h.request.args
	}
	headers := e.settings.headers
	if headers == nil {
		headers = h.headers
	}
	body, ok := wire.AppendRequest(binary.LittleEndian.AppendUint32(nil, b.handle), method, headers)
	body = append(body, args...)
	switch size := wire.DeliverSize(body[4:]); {
	case !ok:
		return nil, nil, wire.Failf(wire.CodeNoMethod, wire.No, "a method name has 1 to %d bytes, not %d", wire.MaxMethod, len(method))
	case h.depth >= wire.MaxDepth:
		return nil, nil, wire.Failf(wire.CodeAborted, wire.No, "call loop: calls nest deeper than %d", wire.MaxDepth)
	case size > h.session.maxFrame:
		return nil, nil, wire.Failf(wire.CodeTooLarge, wire.No, "the request makes a frame of %d bytes, over the limit of %d", size, h.session.maxFrame)
	}
	return b, body, nil
}

// forward passes a request on, in one piece with its Bind where the handle is shared, and
// gives its id back.
func (s *session) forward(r *request, b *binding, body []byte, depth uint8) (owes bool) {
	r.cell.Store(nil)
	r.place.service.counts.ended(nil)
	frames := append([]byte(nil), b.bind...)
	return s.post(wire.AppendFrame(frames, &wire.Header{Kind: wire.KindForward, ID: r.id, Depth: depth}, body))
}
