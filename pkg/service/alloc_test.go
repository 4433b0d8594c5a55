//go:build !race

package service_test

import (
	"context"
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

// TestAllocationsOfACaller: the goal is 3 for small scalars, which are the list of
// arguments and what boxes them.
func TestAllocationsOfACaller(t *testing.T) {
	conn := connectEcho(t, 123456789)
	e := conn.Endpoint("math")
	ctx := context.Background()
	x, y := int64(1000), int64(2000)
	text := "some text"
	tests := []struct {
		name string
		most float64
		call func() error
	}{
		{"two integers, typed result", 3, func() error {
			x, y = x+1, y+1
			_, err := service.Call[int64](ctx, e, "multiply", x, y)
			return err
		}},
		{"two integers, any result", 4, func() error {
			x, y = x+1, y+1
			_, err := e.Call(ctx, "multiply", x, y)
			return err
		}},
		{"no arguments", 0, func() error {
			_, err := service.Call[int64](ctx, e, "now")
			return err
		}},
		{"a text", 2, func() error {
			_, err := service.Call[int](ctx, e, "length", text)
			return err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := testing.AllocsPerRun(2000, func() {
				if err := tt.call(); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.most {
				t.Errorf("%v allocations, want %v at most", got, tt.most)
			}
		})
	}
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

// TestAllocationsOfAService: the goals are 0 by a typed adapter, 2 by reflection, and 5 by
// reflection with context and error.
func TestAllocationsOfAService(t *testing.T) {
	type number int64 // has no adapter
	tests := []struct {
		name string
		most float64
		fn   any
	}{
		{"typed adapter", 0, func(x, y int64) int64 { return x * y }},
		{"typed adapter with context and error", 2, func(ctx context.Context, x, y int64) (int64, error) { return x * y, nil }},
		{"reflection", 2, func(x, y number) number { return x * y }},
		{"reflection with context and error", 5, func(ctx context.Context, x, y number) (number, error) { return x * y, nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			svc := service.New("math", nil)
			svc.Export("multiply", tt.fn, nil)
			p, handle := connectLoad(t, svc)
			request := appendDelivery(t, nil, delivery{id: 5, instance: handle, method: "multiply", args: []any{1234, 5678}})
			got := testing.AllocsPerRun(2000, func() {
				p.link.AppendBytes(request)
				p.link.FlushNow()
				<-p.answers
			})
			if got > tt.most {
				t.Errorf("%v allocations, want %v at most", got, tt.most)
			}
		})
	}
}
