package link

import "github.com/netsvc/netsvc/pkg/wire"

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
	l.mu.Lock()
	c, added := l.room(wire.HeaderSize+len(body), l.opts.Outbox)
	if c != nil {
		c.b = wire.AppendFrame(c.b, h, body)
	}
	l.mu.Unlock()
	return added
}

// AppendDeliver appends a request on its way to the instance that its process numbered so.
// Requests fill three quarters of the outbox at most.
func (l *Link) AppendDeliver(h *wire.Header, instance uint32, request []byte) Added {
	l.mu.Lock()
	c, added := l.room(wire.DeliverSize(request), l.requestBound())
	if c != nil {
		c.b = wire.AppendDeliver(c.b, h, instance, request)
	}
	l.mu.Unlock()
	return added
}

// AppendBytes appends one or more whole frames that are already encoded, or the preface.
func (l *Link) AppendBytes(frames []byte) Added {
	l.mu.Lock()
	c, added := l.room(len(frames), l.opts.Outbox)
	if c != nil {
		c.b = append(c.b, frames...)
	}
	l.mu.Unlock()
	return added
}

// AppendRequest appends a request whose body is in two parts: everything before the
// arguments, and the arguments. Requests fill three quarters of the outbox at most.
func (l *Link) AppendRequest(h *wire.Header, head, args []byte) Added {
	l.mu.Lock()
	c, added := l.room(wire.HeaderSize+len(head)+len(args), l.requestBound())
	if c != nil {
		c.b = wire.AppendHeader(c.b, h, len(head)+len(args))
		c.b = append(append(c.b, head...), args...)
	}
	l.mu.Unlock()
	return added
}

// requestBound is how far requests may fill the outbox. The last quarter is for what must
// not be refused: outcomes and control frames, so that callers who flood a slow process
// cannot get it closed.
func (l *Link) requestBound() int { return l.opts.Outbox / 4 * 3 }

// room returns the chunk that size more bytes go to, nil when they do not fit below bound.
// It is called with the mutex held and counts the bytes as waiting.
func (l *Link) room(size, bound int) (*chunk, Added) {
	if l.closed {
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
	if n := len(l.out); n > 0 {
		if last := l.out[n-1]; cap(last.b)-len(last.b) >= size {
			return last, added
		}
	}
	c := newChunk(size)
	l.out = append(l.out, c)
	return c, added
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

// WantDrain asks for one call of Options.OnDrain when the outbox becomes empty. If it is
// empty already and nobody is writing, WantDrain reports false and no call comes.
func (l *Link) WantDrain() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || (len(l.out) == 0 && !l.writing) {
		return false
	}
	l.want.Store(true)
	return true
}
