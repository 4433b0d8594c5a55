package link

import (
	"sync"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Added is what became of an append.
type Added uint8

const (
	// Queued: the frame is in the outbox and somebody else will write it.
	Queued Added = iota
	// Flush: the frame is in the outbox and the caller must call Link.Flush soon.
	Flush
	// Full: the frame does not fit the outbox and was not taken.
	Full
	// Closed: the link has ended and the frame was not taken.
	Closed
)

// Taken reports whether the frame is in the outbox.
func (a Added) Taken() bool { return a <= Flush }

// AppendFrame appends one frame.
func (l *Link) AppendFrame(h *wire.Header, body []byte) Added {
	return l.appendBelow(h, body, l.opts.Outbox)
}

func (l *Link) appendBelow(h *wire.Header, body []byte, bound int) Added {
	l.mu.Lock()
	c, added := l.room(wire.HeaderSize+len(body), bound)
	switch {
	case c != nil:
		c.b = wire.AppendFrame(c.b, h, body)
	case added.Taken():
		var head [wire.HeaderSize]byte
		l.put(wire.AppendHeader(head[:0], h, len(body)), body)
	}
	l.mu.Unlock()
	return added
}

// AppendDeliver appends a request on its way to the instance that its process numbered so.
// Requests fill three quarters of the outbox at most.
func (l *Link) AppendDeliver(h *wire.Header, instance uint32, request []byte) Added {
	l.mu.Lock()
	c, added := l.room(wire.DeliverSize(request), l.requestBound())
	switch {
	case c != nil:
		c.b = wire.AppendDeliver(c.b, h, instance, request)
	case added.Taken():
		var head [wire.DeliverHeaderSize]byte
		l.put(wire.AppendDeliverHeader(head[:0], h, instance, len(request)), request)
	}
	l.mu.Unlock()
	return added
}

// AppendMinor appends a frame whose loss its sender can bear: a Cancel, a Credit. They fill
// seven eighths of the outbox at most, so that nobody can get a slow process closed by them.
func (l *Link) AppendMinor(h *wire.Header, body []byte) Added {
	return l.appendBelow(h, body, l.opts.Outbox/8*7)
}

// smallAnswer is the size up to which an answer may use the whole outbox: what is told in
// the place of a larger one that has no room is not larger.
const smallAnswer = 256

// AppendAnswer appends the one terminal frame of a call. One of more than 256 bytes may fill
// fifteen sixteenths of the outbox; the rest is for what is told in its place, for small
// answers and for control frames.
func (l *Link) AppendAnswer(h *wire.Header, body []byte) Added {
	if wire.HeaderSize+len(body) <= smallAnswer {
		return l.AppendFrame(h, body)
	}
	return l.appendBelow(h, body, AnswerBound(l.opts.Outbox))
}

// AnswerBound is how far large answers may fill an outbox of a size: one at least that large
// does not fit an empty one.
func AnswerBound(outbox int) int { return outbox / 16 * 15 }

// AnswerRoom is how large a frame AppendAnswer would take now, not counting small ones.
func (l *Link) AnswerRoom() int { return max(AnswerBound(l.opts.Outbox)-l.Queue(), 0) }

// AppendStream appends a frame of a stream or a report. They fill half of the outbox at most.
func (l *Link) AppendStream(h *wire.Header, body []byte) Added {
	return l.appendBelow(h, body, l.opts.Outbox/2)
}

// AppendReport appends a frame whose body is in two parts, if it leaves the outbox filled to no
// more than one part in share of its bound. With a share of 1 it may fill what a large answer may.
func (l *Link) AppendReport(h *wire.Header, head, tail []byte, share int) Added {
	return l.appendParts(h, head, tail, min(l.opts.Outbox/share, AnswerBound(l.opts.Outbox)))
}

// AppendBytes appends one or more whole frames that are already encoded, or the preface.
func (l *Link) AppendBytes(frames []byte) Added {
	l.mu.Lock()
	c, added := l.room(len(frames), l.opts.Outbox)
	switch {
	case c != nil:
		c.b = append(c.b, frames...)
	case added.Taken():
		l.put(frames)
	}
	l.mu.Unlock()
	return added
}

// AppendRequest appends a request whose body is in two parts: everything before the
// arguments, and the arguments. Requests fill three quarters of the outbox at most.
func (l *Link) AppendRequest(h *wire.Header, head, args []byte) Added {
	return l.appendParts(h, head, args, l.requestBound())
}

func (l *Link) appendParts(h *wire.Header, head, tail []byte, bound int) Added {
	l.mu.Lock()
	c, added := l.room(wire.HeaderSize+len(head)+len(tail), bound)
	switch {
	case c != nil:
		c.b = wire.AppendHeader(c.b, h, len(head)+len(tail))
		c.b = append(append(c.b, head...), tail...)
	case added.Taken():
		var header [wire.HeaderSize]byte
		l.put(wire.AppendHeader(header[:0], h, len(head)+len(tail)), head, tail)
	}
	l.mu.Unlock()
	return added
}

// RequestBound is how far requests may fill an outbox of a size: one that is larger never fits.
// The last quarter is for what must not be refused: outcomes and control frames, so that callers
// who flood a slow process cannot get it closed.
func RequestBound(outbox int) int { return outbox / 4 * 3 }

func (l *Link) requestBound() int { return RequestBound(l.opts.Outbox) }

// room says what becomes of an append of size bytes, and counts them when they fit below
// bound. The chunk takes them all; it is nil when they are to be put into several, and when
// they are not taken. It is called with the mutex held.
func (l *Link) room(size, bound int) (*chunk, Added) {
	if l.state != open {
		return nil, Closed
	}
	if l.waiting+l.unsent+size > bound {
		return nil, Full
	}
	added := Queued
	if len(l.out) == 0 && !l.writing {
		added = Flush
	}
	l.waiting += size
	if c := l.tail(size); c.room() >= size {
		return c, added
	}
	return nil, added
}

// put copies parts behind what is in the outbox, over as many chunks as it takes. It is
// called with the mutex held and the parts counted.
func (l *Link) put(parts ...[]byte) {
	for _, p := range parts {
		for len(p) > 0 {
			p = l.tail(len(p)).fill(p)
		}
	}
}

// tail returns the chunk that the next of size more bytes go to, which has room for one at
// least.
func (l *Link) tail(size int) *chunk {
	n := len(l.out)
	if n == 0 {
		return l.push(newChunk(size))
	}
	last := l.out[n-1]
	switch {
	case last.room() >= size:
		return last
	case cap(last.b) == smallChunk: // it is the only one
		grown := newChunk(chunkSize)
		grown.fill(last.b)
		last.release()
		l.out[0] = grown
		return grown
	case last.room() > 0:
		return last
	}
	return l.push(newChunk(chunkSize))
}

func (l *Link) push(c *chunk) *chunk {
	l.out = append(l.out, c)
	return c
}

// Queue is the number of bytes that wait to be written or have not been taken by the
// kernel yet.
func (l *Link) Queue() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting + l.unsent
}

// Below reports whether the outbox is filled to less than one part in n of its bound.
func (l *Link) Below(n int) bool { return l.Queue() < l.opts.Outbox/n }

// WantDrain asks for one call of Options.OnDrain when the outbox becomes empty. It reports
// false, and no call comes, when the outbox is empty and nobody is writing, when there is
// no OnDrain, and when the link has ended. A link that ends before its outbox is empty
// owes no call any more.
func (l *Link) WantDrain() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	idle := len(l.out) == 0 && (!l.writing || l.draining)
	if l.state != open || idle || l.opts.OnDrain == nil {
		return false
	}
	l.want = true
	return true
}

// WaitRoom waits until size bytes more fit the outbox, or the link has ended. It is for
// those whom a peer that reads slowly may slow down. Somebody must be writing the outbox:
// call FlushNow first. An append may still be late for the room.
func (l *Link) WaitRoom(size int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.state == open && size <= l.opts.Outbox && l.waiting+l.unsent+size > l.opts.Outbox {
		if l.roomy == nil {
			l.roomy = sync.NewCond(&l.mu)
		}
		l.roomy.Wait()
	}
}

// moreRoom wakes those who wait for room. It is called with the mutex held.
func (l *Link) moreRoom() {
	if l.roomy != nil {
		l.roomy.Broadcast()
	}
}
