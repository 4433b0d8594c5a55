//go:build !race

package link_test

import (
	"io"
	"net"
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestAppendAndFlushAllocateNothing(t *testing.T) {
	for _, tr := range transports[1:3] { // a pipe allocates for what it holds
		t.Run(tr.name, func(t *testing.T) {
			near, far := tr.pair(t)
			l := link.New(near, link.Options{})
			ended := start(t, l, &recorder{})
			h := &wire.Header{Kind: wire.KindResponse, ID: 1}
			body, buf := make([]byte, 20), make([]byte, 128<<10)
			allocs := testing.AllocsPerRun(200, func() {
				for range 500 { // 78 kB, so some stand in two chunks
					l.AppendFrame(h, body)
					l.AppendDeliver(h, 1, body)
					l.AppendRequest(h, body, body)
				}
				l.Flush()
				io.ReadFull(far, buf[:500*(44+48+64)])
			})
			if allocs != 0 {
				t.Errorf("%v allocations for 1,500 frames and a flush, want 0", allocs)
			}
			far.Close()
			end(t, ended)
		})
	}
}

// echo answers each frame with one of the same size, as an exchange forwards.
type echo struct {
	l *link.Link
}

func (e *echo) Frame(h *wire.Header, body []byte) error {
	e.l.AppendFrame(h, body)
	return nil
}
func (e *echo) EndBatch() { e.l.Flush() }

func TestReadLoopAllocatesNothing(t *testing.T) {
	for _, tr := range transports[:3] {
		t.Run(tr.name, func(t *testing.T) {
			near, far := tr.pair(t)
			e := &echo{}
			e.l = link.New(near, link.Options{})
			ended := start(t, e.l, e)
			far.Write(session())
			batch := make([]byte, 0, 4<<10)
			for range 50 {
				batch = append(batch, frame("twenty bytes of body")...)
			}
			back := make([]byte, len(batch))
			allocs := testing.AllocsPerRun(1000, func() { exchangeBatch(far, batch, back) })
			if allocs != 0 {
				t.Errorf("%v allocations for 50 frames read and written, want 0", allocs)
			}
			far.Close()
			end(t, ended)
		})
	}
}

func exchangeBatch(c net.Conn, batch, back []byte) {
	c.Write(batch)
	io.ReadFull(c, back)
}
