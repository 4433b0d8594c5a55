package link

import "runtime"

// writer is the sending side of a connection.
type writer interface {
	// tryWrite writes what the connection takes at once. Fewer bytes than given without an
	// error mean that it would block.
	tryWrite(p []byte) (int, error)
	// waitWrite blocks until the connection takes at least one byte, or fails.
	waitWrite(p []byte) (int, error)
}

// yieldBelow is the size of an outbox under which Flush lets others append first.
const yieldBelow = 16 << 10

// flushRounds bounds how often one Flush writes what others appended meanwhile, so that a
// reader does not become somebody's writer for good. The rest goes to the overflow writer.
const flushRounds = 4

// Flush writes the outbox unless somebody is writing it already. It never blocks for the
// peer. A failed write closes the link.
func (l *Link) Flush() {
	l.mu.Lock()
	small := l.waiting < yieldBelow
	l.mu.Unlock()
	if small {
		runtime.Gosched() // other ready goroutines append first: one write for many
	}
	l.FlushNow()
}

// FlushNow is Flush without letting others go first.
func (l *Link) FlushNow() {
	l.mu.Lock()
	if l.writing || len(l.out) == 0 {
		l.mu.Unlock()
		return
	}
	l.writing = true
	l.mu.Unlock()
	l.flush()
}

// flush writes as the only writer, without blocking.
func (l *Link) flush() {
	for range flushRounds {
		c := l.next()
		if c == nil {
			l.drained()
			return
		}
		n, err := l.write.tryWrite(c.b)
		l.sent(n)
		if err != nil {
			c.release()
			l.failed(err)
			return
		}
		if n < len(c.b) {
			l.overflow(c, n)
			return
		}
		c.release()
	}
	l.overflow(nil, 0)
}

// next takes the first chunk to write. It returns nil and ends the writing when there is
// none.
func (l *Link) next() *chunk {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.out) == 0 {
		l.writing = false
		return nil
	}
	c := l.out[0]
	n := copy(l.out, l.out[1:])
	l.out[n] = nil
	l.out = l.out[:n]
	l.waiting -= len(c.b)
	l.unsent = len(c.b)
	return c
}

// sent notes that the kernel took n bytes.
func (l *Link) sent(n int) {
	if n == 0 {
		return
	}
	l.mu.Lock()
	l.unsent -= n
	l.mu.Unlock()
	l.wrote.Store(true)
	l.moved.Store(true)
}

// overflow hands the writing over to a goroutine: the rest of c from n on, if any, and
// whatever the outbox holds by then. It ends when the outbox is empty or the link closed.
func (l *Link) overflow(c *chunk, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed { // Run may be past waiting for writers
		l.writing, l.unsent = false, 0
		return
	}
	l.wg.Go(func() { l.writeBlocking(c, n) })
}

// writeBlocking writes until the outbox is empty, waiting for the peer.
func (l *Link) writeBlocking(c *chunk, n int) {
	l.keep.blocked.Store(true)
	defer l.keep.blocked.Store(false)
	for {
		if c == nil {
			if c, n = l.next(), 0; c == nil {
				l.drained()
				return
			}
		}
		for n < len(c.b) {
			m, err := l.write.waitWrite(c.b[n:])
			n += m
			l.sent(m)
			if err != nil {
				c.release()
				l.failed(err)
				return
			}
		}
		c.release()
		c = nil
	}
}

// failed ends the writing and the link with it.
func (l *Link) failed(err error) {
	l.mu.Lock()
	l.writing, l.unsent = false, 0
	l.mu.Unlock()
	l.Close(err)
}

// drained runs the OnDrain that somebody waits for.
func (l *Link) drained() {
	if l.want.Load() && l.want.Swap(false) && l.opts.OnDrain != nil {
		l.opts.OnDrain()
	}
}
