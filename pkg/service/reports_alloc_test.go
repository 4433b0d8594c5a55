//go:build !race

package service_test

import (
	"context"
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

// TestAllocationsOfAPublisher: the goal is what boxes the value, and for one that is retained
// its copy and the way back of the exchange's answer.
func TestAllocationsOfAPublisher(t *testing.T) {
	conn, _ := connectReports(t)
	clock := service.New("clock", nil)
	if err := conn.Announce(t.Context(), clock); err != nil {
		t.Fatal(err)
	}
	n := int64(1000)
	text := "some text"
	ctx := context.Background()
	tests := []struct {
		name    string
		most    float64
		publish func() error
	}{
		{"an integer", 1, func() error { n++; return clock.Publish(ctx, "tick", n) }},
		{"a text", 1, func() error { return clock.Publish(ctx, "tick", text) }},
		{"a retained integer", 4, func() error {
			n++
			return clock.PublishWith(ctx, "tick", n, service.PublishOptions{Lifetime: service.WhileAnnounced})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := testing.AllocsPerRun(2000, func() {
				if err := tt.publish(); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.most {
				t.Errorf("%v allocations, want %v at most", got, tt.most)
			}
		})
	}
}

// TestAllocationsOfASubscriber: the goal is one for the value, which the reader may keep, and
// one for its Go form where that takes memory.
func TestAllocationsOfASubscriber(t *testing.T) {
	conn, p := connectReports(t)
	pulled := subscribe(t, conn, service.SubscribeOptions{})
	frame := appendReport(t, nil, <-p.subscribed, report{subject: "tick", value: 123456})
	read := make(chan struct{})
	pushed := subscribe(t, conn, service.SubscribeOptions{
		OnReport: func(context.Context, service.Report) { read <- struct{}{} },
		OnGap:    func(context.Context, *service.GapError) {},
	})
	pushedFrame := appendReport(t, nil, <-p.subscribed, report{subject: "tick", value: 123456})
	defer pushed.Close()
	var n int64
	tests := []struct {
		name string
		most float64
		get  func() error
	}{
		{"pulled", 1, func() error {
			p.link.AppendBytes(frame)
			p.link.FlushNow()
			_, err := pulled.Next(context.Background())
			return err
		}},
		{"pulled and decoded", 2, func() error {
			p.link.AppendBytes(frame)
			p.link.FlushNow()
			r, err := pulled.Next(context.Background())
			if err != nil {
				return err
			}
			return r.Decode(&n)
		}},
		{"pushed", 1, func() error {
			p.link.AppendBytes(pushedFrame)
			p.link.FlushNow()
			<-read
			return nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := testing.AllocsPerRun(2000, func() {
				if err := tt.get(); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.most {
				t.Errorf("%v allocations, want %v at most", got, tt.most)
			}
		})
	}
}
