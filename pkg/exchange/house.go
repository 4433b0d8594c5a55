package exchange

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// house is the service `_exchange`: the exchange as its own client, over an in-memory link,
// so that calls to it obey the laws of all calls. Its methods run on the goroutine that
// reads that link, one at a time.
type house struct {
	ex      *Exchange
	link    *link.Link
	methods map[string]*value.Func
	blob    []byte
	ready   chan struct{} // closed when `_exchange` is announced
	flush   bool
}

// houseAnswers is how many of the largest answers fit the house's outbox. It runs a method
// only while half of them would, so that no answer is ever dropped.
const houseAnswers = 4

// openHouse starts `_exchange` and waits until it is announced.
func (e *Exchange) openHouse() error {
	near, far := link.Pipe()
	h := &house{ex: e, link: link.New(near, link.Options{MaxFrame: e.limits.MaxFrame, Outbox: houseAnswers * e.limits.MaxFrame}), ready: make(chan struct{})}
	if err := h.export(); err != nil {
		return err
	}
	s, ok := e.open(far, true)
	if !ok {
		return ErrClosed
	}
	s.strangers = &strangerLog{log: e.log}
	e.wg.Go(func() { e.serve(s) })    // ends when Close closes its link
	e.wg.Go(func() { h.link.Run(h) }) // ends with the other end of the pipe
	h.link.AppendBytes(h.hello())
	h.link.FlushNow()
	e.keeper.Add(h.link)
	select {
	case <-h.ready:
		return nil
	case <-h.link.Done():
		return fmt.Errorf("exchange: its own service: %w", h.link.Err())
	}
}

func (h *house) hello() []byte {
	m := &wire.Hello{Process: wire.Process{PID: os.Getpid(), Program: "exchange", Started: wallMillis()}}
	rand.Read(m.Key[:])
	return wire.AppendMessage(wire.AppendPreface(nil), 0, 0, m)
}

// Frame implements link.Handler.
func (h *house) Frame(head *wire.Header, body []byte) error {
	switch head.Kind {
	case wire.KindWelcome:
		h.send(wire.AppendMessage(nil, 1, 0, &wire.Announce{
			Name: ownName, Description: "The exchange itself.", Version: h.ex.opts.Software, Methods: h.blob,
		}))
	case wire.KindAnnounced:
		close(h.ready)
	case wire.KindRefused:
		f, _ := wire.ParseFailure(head.Flags, body)
		return fmt.Errorf("announce refused: %w", f)
	case wire.KindDeliver:
		h.deliver(head, body)
	}
	return nil
}

// EndBatch implements link.Handler.
func (h *house) EndBatch() {
	if h.flush {
		h.flush = false
		h.link.FlushNow()
	}
}

func (h *house) send(frame []byte) {
	h.link.AppendBytes(frame)
	h.flush = true
}

// deliver runs one call and answers it.
func (h *house) deliver(head *wire.Header, body []byte) {
	_, req, err := wire.ParseDeliver(body)
	if err != nil {
		return // the exchange's other half made it
	}
	out := wire.Header{Kind: wire.KindResponse, ID: head.ID}
	result, err := h.call(string(req.Method), req.Args)
	if err == nil && len(result)+wire.HeaderSize > h.ex.limits.MaxFrame {
		err = wire.Failf(wire.CodeTooLarge, wire.Yes, "the result of %d bytes is over the limit of %d for a frame", len(result), h.ex.limits.MaxFrame)
	}
	if err != nil {
		out.Kind = wire.KindFailure
		h.send(wire.AppendFailure(nil, out, failureOf(err)))
		return
	}
	h.send(wire.AppendFrame(nil, &out, result))
}

func (h *house) call(method string, args []byte) ([]byte, error) {
	if !h.link.Below(2) {
		return nil, wire.Failf(wire.CodeBusy, wire.No, "%s has too many answers waiting", ownName)
	}
	f := h.methods[method]
	if f == nil {
		names := make([]string, 0, len(h.methods))
		for n := range h.methods {
			names = append(names, n)
		}
		miss := wire.Failf(wire.CodeNoMethod, wire.No, "%s has no method %q", ownName, method)
		miss.Details = value.Nearest(method, names)
		return nil, miss
	}
	return f.Call(context.Background(), args, nil)
}

// failureOf turns an error of a call into its outcome.
func failureOf(err error) *wire.Failure {
	var failure *wire.Failure
	var arity *value.ArityError
	var typ *value.TypeError
	var handler *value.HandlerError
	var result *value.ResultError
	switch {
	case errors.As(err, &failure):
		return failure
	case errors.As(err, &arity), errors.As(err, &typ):
		return wire.Failf(wire.CodeBadParams, wire.No, "%v", err)
	case errors.As(err, &result):
		return wire.Failf(wire.CodeEncodeValue, wire.Yes, "%v", err)
	case errors.As(err, &handler):
		return wire.Failf(wire.CodeApplication, wire.Yes, "%v", handler.Err)
	default:
		return wire.Failf(wire.CodeDecodeArgs, wire.No, "%v", err)
	}
}
