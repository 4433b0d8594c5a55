package link

import "runtime"

// writer is the sending side of a connection. Only one goroutine uses it at a time.
type writer interface {
	// tryWrite writes what the connection takes at once. Fewer bytes than given without an
	// error mean that it would block.
	tryWrite(p []byte) (int, error)
	// waitWrite waits until the connection takes at least one byte, or fails. It may also
	// return nothing after a while, to be called again.
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
	due := !l.writing && len(l.out) > 0
	small := l.waiting < yieldBelow
	l.mu.Unlock()
	if !due {
		return
	}
	if small {
		runtime.Gosched() // other ready goroutines append first: one write for many
	}
	l.FlushNow()
}

// FlushNow is Flush without letting others go first.
func (l *Link) FlushNow() {
	l.mu.Lock()
	due := !l.writing && len(l.out) > 0
	l.writing = l.writing || due
	l.mu.Unlock()
	if due {
		l.flush()
	}
}

// flush writes as the only writer, without blocking.
func (l *Link) flush() {
	for range flushRounds {
		c := l.next()
		if c == nil {
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

// step is what a writer does next.
type step uint8

const (
	doWrite     step = iota // the chunk
	doDrain                 // call OnDrain, then look again
	doHalfClose             // nothing: the outbox of an ending link is written
	doRest                  // nothing: the caller no longer is the writer
)

// next returns the first chunk to write. When there is none it calls OnDrain if somebody
// waits for that, and looks again: what OnDrain appended is written here, so that neither
// its flushes nor its calls nest. Then it ends the writing and returns nil.
func (l *Link) next() *chunk {
	for {
		c, what := l.take()
		switch what {
		case doWrite:
			return c
		case doDrain:
			l.opts.OnDrain()
		case doHalfClose:
			l.closeWrite()
			return nil
		case doRest:
			return nil
		}
	}
}

// take takes the first chunk out of the outbox, or finds what else is to be done.
func (l *Link) take() (*chunk, step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.draining = false
	switch {
	case len(l.out) > 0:
		return l.shift(), doWrite
	case l.state == open && l.want:
		l.want, l.draining = false, true
		return nil, doDrain
	}
	l.stopWriting()
	if l.state == ending {
		return nil, doHalfClose
	}
	return nil, doRest
}

// shift moves the first chunk from the outbox to the writer.
func (l *Link) shift() *chunk {
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
	l.wrote = true
	l.moreRoom()
	l.mu.Unlock()
}

// overflow hands the writing over to a goroutine: the rest of c from n on, if any, and
// whatever the outbox holds by then. It ends when the outbox is empty or the link closed;
// Run waits for it.
func (l *Link) overflow(c *chunk, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == closed { // Run may be past waiting for writers
		if c != nil {
			c.release()
		}
		l.stopWriting()
		return
	}
	l.wg.Go(func() { l.writeBlocking(c, n) })
}

// writeBlocking writes until the outbox is empty, waiting for the peer. The first n bytes
// of c have been written.
func (l *Link) writeBlocking(c *chunk, n int) {
	if c == nil {
		c = l.next()
	}
	for ; c != nil; c, n = l.next(), 0 {
		err := l.writeRest(c.b[n:])
		c.release()
		if err != nil {
			l.failed(err)
			return
		}
	}
}

func (l *Link) writeRest(p []byte) error {
	for len(p) > 0 {
		n, err := l.write.waitWrite(p)
		l.sent(n)
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// failed ends the writing and the link with it.
func (l *Link) failed(err error) {
	l.mu.Lock()
	l.stopWriting()
	l.mu.Unlock()
	l.Abort(err)
}

// stopWriting notes that nobody writes any more. It is called with the mutex held.
func (l *Link) stopWriting() {
	l.writing, l.unsent = false, 0
	if l.flushed != nil {
		close(l.flushed)
		l.flushed = nil
	}
}
