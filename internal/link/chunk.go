package link

import "sync"

// An outbox is a list of chunks: chunks are added, not copied, so a long outbox costs no
// copying under its mutex and no more memory than its bytes and one chunk. A frame may
// begin in one and end in the next. One chunk is one write.
const (
	// chunkSize is the size of all chunks of an outbox that holds more than a little.
	chunkSize = 64 << 10
	// smallChunk is the size of a first chunk, so that a word to each of 10,000 sessions
	// does not take 64 KiB for each. It moves to a chunkSize when it is full.
	smallChunk = 4 << 10
)

// chunk is a piece of an outbox. What it holds is b; its size is b's capacity.
type chunk struct{ b []byte }

var (
	smallChunks = sync.Pool{New: func() any { return &chunk{b: make([]byte, 0, smallChunk)} }}
	chunks      = sync.Pool{New: func() any { return &chunk{b: make([]byte, 0, chunkSize)} }}
)

// newChunk returns an empty chunk, a small one when size bytes fit it.
func newChunk(size int) *chunk {
	if size <= smallChunk {
		return smallChunks.Get().(*chunk)
	}
	return chunks.Get().(*chunk)
}

// release gives the chunk back. Nobody may hold a part of it any more.
func (c *chunk) release() {
	small := cap(c.b) == smallChunk
	c.b = c.b[:0]
	if small {
		smallChunks.Put(c)
		return
	}
	chunks.Put(c)
}

// room is the number of bytes that still fit.
func (c *chunk) room() int { return cap(c.b) - len(c.b) }

// fill appends what fits of p and returns the rest.
func (c *chunk) fill(p []byte) []byte {
	n := min(len(p), c.room())
	c.b = append(c.b, p[:n]...)
	return p[n:]
}
