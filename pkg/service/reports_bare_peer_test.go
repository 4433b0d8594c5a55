package service_test

import (
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// reportPeer is an exchange that agrees to everything, takes what is published and sends
// reports, without memory of its own for either.
type reportPeer struct {
	link       *link.Link
	subscribed chan uint32
	answer     []byte
}

func (p *reportPeer) Frame(h *wire.Header, body []byte) error {
	switch h.Kind {
	case wire.KindHello:
		w := newScript(nil).welcome
		p.link.AppendBytes(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &w))
	case wire.KindAnnounce:
		p.link.AppendBytes(wire.AppendMessage(nil, h.ID, 0, &wire.Announced{Number: 3}))
	case wire.KindSubscribe:
		m, err := wire.ParseMessage(h.Kind, body)
		if err != nil {
			return err
		}
		p.link.AppendBytes(wire.AppendHeader(nil, &wire.Header{Kind: wire.KindDone, ID: h.ID}, 0))
		p.subscribed <- m.(*wire.Subscribe).ID
	case wire.KindPublish:
		if h.ID != 0 {
			p.answer = wire.AppendHeader(p.answer[:0], &wire.Header{Kind: wire.KindDone, ID: h.ID}, 0)
			p.link.AppendBytes(p.answer)
		}
	}
	p.link.FlushNow()
	return nil
}

func (p *reportPeer) EndBatch() {}

// connectReports connects to a reportPeer in memory.
func connectReports(t testing.TB) (*service.Conn, *reportPeer) {
	t.Helper()
	near, far := link.Pipe()
	p := &reportPeer{subscribed: make(chan uint32, 1)}
	p.link = link.New(far, link.Options{MaxFrame: wire.MaxAnnounce, Outbox: 64 << 20})
	ended := make(chan struct{})
	go func() { p.link.Run(p); close(ended) }()
	conn, err := service.Connect(t.Context(), "reports", &service.Options{Dial: dialOf(near)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); <-ended })
	return conn, p
}
