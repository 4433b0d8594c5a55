package service_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// mirrorPeer answers each request with its own argument, out of order: it holds some back
// until others have come. A cancelled one gets its one answer all the same.
type mirrorPeer struct {
	link *link.Link
	held []frame
}

func (p *mirrorPeer) Frame(h *wire.Header, body []byte) error {
	switch h.Kind {
	case wire.KindHello:
		w := newScript(nil).welcome
		p.link.AppendBytes(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &w))
	case wire.KindRequest:
		r, err := wire.ParseRequest(body)
		if err != nil {
			return err
		}
		args, err := value.ReadArgs(r.Args)
		if err != nil {
			return err
		}
		p.held = append(p.held, frame{wire.Header{Kind: wire.KindResponse, ID: h.ID, Target: 3}, append([]byte(nil), args.At(0)...)})
	}
	return nil
}

// EndBatch answers all that is held in random order.
func (p *mirrorPeer) EndBatch() {
	rand.Shuffle(len(p.held), func(i, j int) { p.held[i], p.held[j] = p.held[j], p.held[i] })
	for _, f := range p.held {
		p.link.AppendFrame(&f.Header, f.body)
	}
	p.held = p.held[:0]
	p.link.FlushNow()
}

// TestNoCrossTalk: many callers, some of whom give up at any moment, each get their own
// answer or their own cancel, over memory and over TCP.
func TestNoCrossTalk(t *testing.T) {
	for _, tr := range transports {
		t.Run(tr.name, func(t *testing.T) {
			testnet.LeakCheck(t)
			near, far := tr.make(t)
			p := &mirrorPeer{link: link.New(far, link.Options{})}
			ended := make(chan struct{})
			go func() { p.link.Run(p); close(ended) }()
			conn, err := service.Connect(t.Context(), "mirror", &service.Options{Dial: dialOf(near)})
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for n := range 16 {
				wg.Go(func() { talk(t, conn.Endpoint("math"), n*1_000_000) })
			}
			wg.Wait()
			conn.Close()
			<-ended
		})
	}
}

// talk makes calls with numbers of its own, and cancels some of them.
func talk(t *testing.T, e *service.Endpoint, base int) {
	for i := range 500 {
		ctx, cancel := context.WithCancel(t.Context())
		if i%4 == 0 {
			go cancel()
		}
		got, err := service.Call[int](ctx, e, "echo", base+i)
		cancel()
		if err != nil && (i%4 != 0 || !errors.Is(err, service.ErrCanceled)) {
			t.Errorf("call %d: %v", base+i, err)
		}
		if err == nil && got != base+i {
			t.Errorf("call %d got the answer %d", base+i, got)
		}
	}
}
