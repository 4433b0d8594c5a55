package exchange

import (
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// forwarding is an exchange with a caller and a callee, whose frames a test feeds to the
// sessions by hand, as their readers would; what they are sent is read and thrown away.
type forwarding struct {
	tb             testing.TB
	caller, callee *session
	request        []byte
	answer         []byte
	gen            uint32 // of slot 0 at both ends
	readers        sync.WaitGroup
}

func newForwarding(tb testing.TB, payload int) *forwarding {
	tb.Helper()
	e, err := New(&Options{Suspect: time.Hour, Dead: 2 * time.Hour}) // nobody beats here
	if err != nil {
		tb.Fatal(err)
	}
	f := &forwarding{tb: tb}
	var ends []net.Conn
	admit := func(key byte) *session {
		near, far := link.Pipe()
		ends = append(ends, near)
		f.readers.Go(func() { throwAway(near) })
		s := newSession(e, far, false)
		if err := e.admit(s, &wire.Hello{Key: [wire.KeySize]byte{key}}); err != nil {
			tb.Fatal(err)
		}
		return s
	}
	f.caller, f.callee = admit(1), admit(2)
	tb.Cleanup(func() {
		for _, c := range ends {
			c.Close()
		}
		f.readers.Wait()
		e.Close()
	})
	f.feed(f.callee, wire.AppendMessage(nil, 1, 0, &wire.Announce{Name: "math"}))
	f.feed(f.caller, bindFrame(0, "math"))
	f.request = append(requestFrame(0, 0, 0, "multiply", 30*time.Second), make([]byte, payload)...)
	wire.EndFrame(f.request, 0)
	f.answer = wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse}, append([]byte{12}, make([]byte, payload)...))
	return f
}

func throwAway(c net.Conn) {
	buf := make([]byte, 256<<10)
	for {
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

// feed hands one frame to a session.
func (f *forwarding) feed(s *session, frame []byte) {
	h := wire.ParseHeader(frame)
	if err := s.Frame(&h, frame[wire.HeaderSize:]); err != nil {
		f.tb.Fatal(err)
	}
	s.EndBatch()
}

// call moves one request and its answer through the exchange, waiting first where more is
// written than the readers throw away.
func (f *forwarding) call() {
	for f.caller.link.Queue()+f.callee.link.Queue() > 1<<20 {
		runtime.Gosched()
	}
	h := wire.ParseHeader(f.request)
	h.ID = wire.CallID(0, f.gen)
	if err := f.caller.Frame(&h, f.request[wire.HeaderSize:]); err != nil {
		f.tb.Fatal(err)
	}
	f.caller.EndBatch()
	h = wire.ParseHeader(f.answer)
	h.ID = wire.CallID(0, f.gen)
	if err := f.callee.Frame(&h, f.answer[wire.HeaderSize:]); err != nil {
		f.tb.Fatal(err)
	}
	f.callee.EndBatch()
	f.gen++
}

func BenchmarkForward(b *testing.B) {
	for name, payload := range map[string]int{"16B": 16, "1KiB": 1 << 10, "64KiB": 64 << 10} {
		b.Run(name, func(b *testing.B) {
			f := newForwarding(b, payload)
			b.ReportAllocs()
			for b.Loop() {
				f.call()
			}
		})
	}
}
