package link_test

import (
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// BenchmarkAppendAndFlush is the way out: frames of 64 bytes into the outbox, one write.
func BenchmarkAppendAndFlush(b *testing.B) {
	for _, batch := range []int{1, 64, 1024} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			near, far := socketPair(b, "tcp", "127.0.0.1:0")
			drained := make(chan struct{})
			go func() {
				defer close(drained)
				io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{far}, make([]byte, 256<<10))
			}()
			l := link.New(near, link.Options{Outbox: 64 << 20})
			ended := start(b, l, &recorder{})
			h, body := &wire.Header{Kind: wire.KindResponse}, make([]byte, 64-wire.HeaderSize)
			b.SetBytes(64)
			b.ReportAllocs()
			for n := 0; n < b.N; n += batch {
				for range batch {
					for l.AppendFrame(h, body) == link.Full {
						l.Flush()
					}
				}
				l.FlushNow()
			}
			b.StopTimer()
			l.Close(nil)
			<-ended
			<-drained
		})
	}
}

// counter counts the frames it gets.
type counter struct {
	n, until int
	reached  chan struct{}
}

func (c *counter) Frame(*wire.Header, []byte) error {
	if c.n++; c.n == c.until {
		close(c.reached)
	}
	return nil
}
func (c *counter) EndBatch() {}

// BenchmarkRead is the way in: frames from a peer that writes as fast as it can.
func BenchmarkRead(b *testing.B) {
	for _, size := range []int{64, 1 << 10, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			near, far := socketPair(b, "tcp", "127.0.0.1:0")
			one := wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse}, make([]byte, size-wire.HeaderSize))
			per := max(1, 64<<10/size)
			var many []byte
			for range per {
				many = append(many, one...)
			}
			c := &counter{until: (b.N + per - 1) / per * per, reached: make(chan struct{})}
			ended := start(b, link.New(near, link.Options{MaxFrame: 1 << 20}), c)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			b.ResetTimer()
			writeMany(far, many, c.until/per)
			<-c.reached
			b.StopTimer()
			far.Close()
			<-ended
		})
	}
}

func writeMany(c net.Conn, b []byte, times int) {
	c.Write(wire.AppendPreface(nil))
	for range times {
		c.Write(b)
	}
}
