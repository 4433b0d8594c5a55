package service_test

import (
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// echoPeer is an exchange that answers each request with a fixed value, without memory of
// its own for it.
type echoPeer struct {
	link  *link.Link
	value []byte
	owes  bool
}

func (p *echoPeer) Frame(h *wire.Header, body []byte) error {
	switch h.Kind {
	case wire.KindHello:
		w := newScript(nil).welcome
		p.link.AppendBytes(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &w))
		p.link.FlushNow()
	case wire.KindRequest:
		p.owes = p.link.AppendFrame(&wire.Header{Kind: wire.KindResponse, ID: h.ID, Target: 3}, p.value) == link.Flush || p.owes
	}
	return nil
}

func (p *echoPeer) EndBatch() {
	if p.owes {
		p.owes = false
		p.link.Flush()
	}
}

// connectEcho connects to an echoPeer in memory.
func connectEcho(t testing.TB, v any) *service.Conn {
	t.Helper()
	near, far := link.Pipe()
	encoded, err := value.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	p := &echoPeer{value: encoded}
	p.link = link.New(far, link.Options{})
	ended := make(chan struct{})
	go func() { p.link.Run(p); close(ended) }()
	conn, err := service.Connect(t.Context(), "echo", &service.Options{Dial: dialOf(near)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); <-ended })
	return conn
}

// loadPeer is an exchange that delivers requests and counts their answers.
type loadPeer struct {
	link    *link.Link
	answers chan struct{}
	handle  chan uint32
}

func (p *loadPeer) Frame(h *wire.Header, body []byte) error {
	switch h.Kind {
	case wire.KindHello:
		w := newScript(nil).welcome
		p.link.AppendBytes(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &w))
	case wire.KindAnnounce:
		m, err := wire.ParseMessage(h.Kind, body)
		if err != nil {
			return err
		}
		p.link.AppendBytes(wire.AppendMessage(nil, h.ID, 0, &wire.Announced{Number: 3}))
		p.handle <- m.(*wire.Announce).Handle
	case wire.KindResponse:
		p.answers <- struct{}{}
	}
	p.link.FlushNow()
	return nil
}

func (p *loadPeer) EndBatch() {}

// connectLoad announces a service at a loadPeer and returns the instance's handle.
func connectLoad(t testing.TB, svc *service.Service) (*loadPeer, uint32) {
	t.Helper()
	near, far := link.Pipe()
	p := &loadPeer{answers: make(chan struct{}, 1<<16), handle: make(chan uint32, 1)}
	p.link = link.New(far, link.Options{MaxFrame: wire.MaxAnnounce, Outbox: 64 << 20})
	ended := make(chan struct{})
	go func() { p.link.Run(p); close(ended) }()
	conn, err := service.Connect(t.Context(), "load", &service.Options{Dial: dialOf(near)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); <-ended })
	if err := conn.Announce(t.Context(), svc); err != nil {
		t.Fatal(err)
	}
	return p, <-p.handle
}
