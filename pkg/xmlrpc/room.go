package xmlrpc

import (
	"bytes"
	"io"
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/wire"
)

// room is the memory that the long bodies of all requests may take together. Without it a few
// kilobytes of gzip, sent on many connections and never ended, would hold the longest body each.
type room struct {
	bytes int64 // how much there is
	taken atomic.Int64
}

// errFull is the failure of a request whose body found no room.
var errFull = wire.Failf(wire.CodeBusy, wire.No, "too many long requests at once")

// claim is what one request has of the room, from the reading of its body to its answer: what is
// decoded is as long. It belongs to the goroutine of the request.
type claim struct {
	room  *room
	bytes int64
}

// grow makes the claim so large. A body of up to maxKept needs none, so that short calls do not
// depend on what others send.
func (c *claim) grow(to int64) error {
	more := to - c.bytes
	if to <= maxKept || more <= 0 {
		return nil
	}
	if c.room.taken.Add(more) > c.room.bytes {
		c.room.taken.Add(-more)
		return errFull
	}
	c.bytes = to
	return nil
}

func (c *claim) release() { c.room.taken.Add(-c.bytes) }

// read reads up to most bytes of a body into dst, which grows no further than the claim.
func (c *claim) read(dst *bytes.Buffer, body io.Reader, most int) error {
	for dst.Len() < most {
		if dst.Available() == 0 {
			size := min(max(2*dst.Cap(), bytes.MinRead), most)
			if err := c.grow(int64(size)); err != nil {
				return err
			}
			if size > maxKept {
				enlarge(dst, size)
			} else {
				dst.Grow(size - dst.Len())
			}
		}
		free := dst.AvailableBuffer()
		n, err := body.Read(free[:min(cap(free), most-dst.Len())])
		dst.Write(free[:n])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
