package service_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// transport makes the two ends of a connection.
type transport struct {
	name string
	make func(t testing.TB) (near, far net.Conn)
}

var transports = []transport{
	{"memory", func(testing.TB) (net.Conn, net.Conn) { return link.Pipe() }},
	{"tcp", tcpPair},
}

func tcpPair(t testing.TB) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	near, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return near, <-accepted
}

// BenchmarkCaller calls an exchange that answers at once: what a call costs its caller,
// link included.
func BenchmarkCaller(b *testing.B) {
	for _, tr := range transports {
		for _, inflight := range []int{1, 64, 1024} {
			b.Run(fmt.Sprintf("%s/inflight=%d", tr.name, inflight), func(b *testing.B) {
				near, far := tr.make(b)
				encoded, _ := value.Marshal(12)
				p := &echoPeer{value: encoded, link: link.New(far, link.Options{})}
				ended := make(chan struct{})
				go func() { p.link.Run(p); close(ended) }()
				conn, err := service.Connect(b.Context(), "echo", &service.Options{Dial: dialOf(near)})
				if err != nil {
					b.Fatal(err)
				}
				e := conn.Endpoint("math")
				b.ReportAllocs()
				b.ResetTimer()
				callFrom(b, inflight, e)
				b.StopTimer()
				conn.Close()
				<-ended
			})
		}
	}
}

// callFrom makes b.N calls from a number of goroutines.
func callFrom(b *testing.B, inflight int, e *service.Endpoint) {
	var wg sync.WaitGroup
	for n := range inflight {
		wg.Go(func() {
			for i := n; i < b.N; i += inflight {
				x, y := int64(i+1000), int64(i+2000)
				if v, err := service.Call[int64](context.Background(), e, "multiply", x, y); err != nil || v != 12 {
					b.Errorf("Call = %v, %v", v, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// windowPeer delivers requests, as many at a time as there are ids.
type windowPeer struct {
	loadPeer
	free chan uint64
}

func (p *windowPeer) Frame(h *wire.Header, body []byte) error {
	if h.Kind == wire.KindResponse {
		p.free <- h.ID
		return nil
	}
	return p.loadPeer.Frame(h, body)
}

// BenchmarkService delivers requests to a service: what a call costs it, link included.
func BenchmarkService(b *testing.B) {
	type number int64 // has no adapter
	funcs := []struct {
		name string
		fn   any
	}{
		{"adapter", func(x, y int64) int64 { return x * y }},
		{"reflection", func(x, y number) number { return x * y }},
		{"context", func(ctx context.Context, x, y int64) (int64, error) { return x * y, ctx.Err() }},
	}
	for _, f := range funcs {
		for _, inflight := range []int{1, 64, 1024} {
			b.Run(fmt.Sprintf("%s/inflight=%d", f.name, inflight), func(b *testing.B) {
				svc := service.New("math", nil)
				svc.Export("multiply", f.fn, nil)
				near, far := tcpPair(b)
				p := &windowPeer{loadPeer{handle: make(chan uint32, 1)}, make(chan uint64, inflight)}
				p.link = link.New(far, link.Options{MaxFrame: wire.MaxAnnounce, Outbox: 64 << 20})
				ended := make(chan struct{})
				go func() { p.link.Run(p); close(ended) }()
				conn, err := service.Connect(b.Context(), "load", &service.Options{Dial: dialOf(near)})
				if err != nil {
					b.Fatal(err)
				}
				if err := conn.Announce(b.Context(), svc); err != nil {
					b.Fatal(err)
				}
				deliverAll(b, p, <-p.handle, inflight)
				conn.Close()
				<-ended
			})
		}
	}
}

// deliverAll sends b.N requests and waits for their answers.
func deliverAll(b *testing.B, p *windowPeer, handle uint32, inflight int) {
	request := appendDelivery(b, nil, delivery{instance: handle, method: "multiply", args: []any{1234, 5678}})
	for id := range inflight {
		p.free <- uint64(id)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		binary.LittleEndian.PutUint64(request[8:], <-p.free)
		p.link.AppendBytes(request)
		if len(p.free) == 0 || i == b.N-1 {
			p.link.FlushNow()
		}
	}
	for range inflight {
		<-p.free
	}
	b.StopTimer()
}

// BenchmarkPublish is a publisher alone: what it publishes is read and thrown away.
func BenchmarkPublish(b *testing.B) {
	conn, _ := connectReports(b)
	clock := service.New("clock", nil)
	if err := conn.Announce(b.Context(), clock); err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if err := clock.Publish(ctx, "tick", n); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReceive is a subscriber alone, who is sent 100 reports at a time.
func BenchmarkReceive(b *testing.B) {
	conn, p := connectReports(b)
	sub, err := conn.Subscribe(service.SubscribeOptions{Service: "clock"})
	if err != nil {
		b.Fatal(err)
	}
	const batch = 100
	var frames []byte
	id := <-p.subscribed
	for n := range batch {
		frames = appendReport(b, frames, id, report{subject: "tick", value: n})
	}
	ctx := context.Background()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%batch == 0 {
			p.link.AppendBytes(frames)
			p.link.FlushNow()
		}
		if _, err := sub.Next(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
