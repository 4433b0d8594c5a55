package link

import (
	"math/bits"
	"sync"
)

// inBuffer is a read buffer.
type inBuffer struct{ b []byte }

// inClasses is the number of sizes that are pooled: readSize, twice that, ... 4 MiB, the
// standard limit of a frame.
const inClasses = 7

var inBuffers [inClasses]sync.Pool

// newInBuffer returns a buffer of at least size bytes: of the next pooled size, or of just
// size above them.
func newInBuffer(size int) *inBuffer {
	class := inClass(size)
	if class >= inClasses {
		return &inBuffer{b: make([]byte, size)}
	}
	if b, ok := inBuffers[class].Get().(*inBuffer); ok {
		return b
	}
	return &inBuffer{b: make([]byte, readSize<<class)}
}

// inClass is the smallest class whose buffers hold size bytes.
func inClass(size int) int { return bits.Len(uint(size-1) / readSize) }

// release gives the buffer back. Nobody may hold a part of it any more.
func (b *inBuffer) release() {
	if class := inClass(len(b.b)); class < inClasses {
		inBuffers[class].Put(b)
	}
}

// space returns the part of the buffer that the next read may fill, taking a buffer from
// the pool when there is none.
func (r *reader) space() []byte {
	if r.buf == nil {
		r.buf = newInBuffer(readSize)
	}
	return r.buf.b[r.filled:]
}

// release gives the buffer back, and forgets what it holds.
func (r *reader) release() {
	if r.buf == nil {
		return
	}
	r.buf.release()
	r.buf, r.filled = nil, 0
}
