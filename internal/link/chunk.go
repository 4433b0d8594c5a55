package link

import "sync"

// chunkSize is the size of the pieces an outbox is made of: chunks are added, never
// copied, so a long outbox costs no copying under its mutex. One chunk is one write.
const chunkSize = 64 << 10

// chunk is a piece of an outbox. A frame larger than chunkSize has a chunk of its own.
type chunk struct{ b []byte }

var chunks = sync.Pool{New: func() any { return &chunk{b: make([]byte, 0, chunkSize)} }}

// newChunk returns an empty chunk with room for size bytes at least.
func newChunk(size int) *chunk {
	if size > chunkSize {
		return &chunk{b: make([]byte, 0, size)}
	}
	return chunks.Get().(*chunk)
}

// release gives the chunk back. Nobody may hold a part of it any more.
func (c *chunk) release() {
	if cap(c.b) != chunkSize {
		return
	}
	c.b = c.b[:0]
	chunks.Put(c)
}
