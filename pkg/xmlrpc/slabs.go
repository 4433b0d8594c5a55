package xmlrpc

import (
	"bytes"
	"math/bits"
	"sync"
)

// slabs are memory for long bodies, by the length of the number of their bytes: bodies grow by
// doubling, so that those of one pool are equal. They are made anew for no body while others
// like it come, such as bombs, whose garbage would else grow faster than it is collected.
var slabs [bits.UintSize + 1]sync.Pool

// enlarge gives a buffer the room for size bytes, more than maxKept, and keeps what is in it.
func enlarge(buffer *bytes.Buffer, size int) {
	slab, ok := slabs[bits.Len(uint(size))].Get().(*[]byte)
	if !ok || cap(*slab) < size {
		slab = new([]byte)
		*slab = make([]byte, 0, size)
	}
	content := append((*slab)[:0], buffer.Bytes()...)
	giveBack(buffer)
	*buffer = *bytes.NewBuffer(content)
}

// giveBack leaves the memory of a buffer, which is not used any more, to others.
func giveBack(buffer *bytes.Buffer) {
	if buffer.Cap() <= maxKept {
		return
	}
	slab := buffer.Bytes()[:0]
	slabs[bits.Len(uint(cap(slab)))].Put(&slab)
}
