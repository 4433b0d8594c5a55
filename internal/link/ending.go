package link

import (
	"errors"
	"io"
	"os"
	"time"
)

// lingerTime bounds how long a link that ends by CloseAfter waits for its peer.
const lingerTime = time.Second

// Close ends the link for a reason; nil means ErrClosed. The first reason wins and later
// calls do nothing, so a Close does not cut short what Run does for a CloseAfter. What is
// in the outbox is dropped.
func (l *Link) Close(reason error) {
	if l.shut(reason, false) {
		l.conn.Close()
	}
}

// Abort is Close, but cuts a CloseAfter short, too: for an owner whose own time is up.
func (l *Link) Abort(reason error) {
	if l.shut(reason, true) {
		l.conn.Close()
	}
}

// CloseAfter ends the link for a reason as Close does, but so that the peer can read what
// is in the outbox and then last: whole frames, usually a Bye, that are taken whatever the
// bound says. From now on nothing is appended and no frame is handed on. When all is
// written the peer reads the end of the stream; what it still sends is read and thrown
// away, because closing a TCP connection that holds unread bytes destroys what the other
// end has not read yet. The connection is closed when the peer has closed its end, after a
// second at the latest.
//
// CloseAfter does not block; all of that is done by Run, which returns after it. Without a
// Run the connection stays open until Close.
func (l *Link) CloseAfter(last []byte, reason error) {
	taken, write := l.end(last, reason)
	if !taken {
		return
	}
	if write {
		l.flush()
	}
	l.conn.SetReadDeadline(time.Unix(1, 0)) // wakes a Run that waits for bytes
}

// shut makes the state closed and drops the outbox. It reports whether this call did it.
// An ending link is left to Run unless cut is set or nobody has called Run.
func (l *Link) shut(reason error, cut bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == closed || l.state == ending && l.running && !cut {
		return false
	}
	l.over(reason)
	l.state = closed
	for _, c := range l.out {
		c.release()
	}
	l.out, l.waiting = nil, 0
	return true
}

// end makes an open link an ending one. It reports whether this call did it, and whether
// the caller has become the writer.
func (l *Link) end(last []byte, reason error) (taken, write bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != open {
		return false, false
	}
	l.over(reason)
	l.state = ending
	l.waiting += len(last)
	l.put(last)
	l.flushed = make(chan struct{})
	write = !l.writing
	l.writing = true
	return true, write
}

// over notes why the link is no longer open. It is called with the mutex held.
func (l *Link) over(reason error) {
	if l.state != open {
		return
	}
	if reason == nil {
		reason = ErrClosed
	}
	l.err = reason
	l.ended.Store(true)
	l.moreRoom()
	close(l.done)
}

// linger does Run's part of a CloseAfter: it reads on until the peer has closed its end
// and waits for the outbox to be written, for lingerTime at most.
func (l *Link) linger() {
	l.mu.Lock()
	lingers, flushed := l.state == ending, l.flushed
	l.mu.Unlock()
	if !lingers {
		return
	}
	until := now() + lingerTime
	if l.discard(until) && flushed != nil {
		waitFor(flushed, until-now())
	}
}

// discard reads and throws away until the end of the stream, which it reports, or until
// the time has come.
func (l *Link) discard(until time.Duration) bool {
	for left := until - now(); left > 0; left = until - now() {
		l.conn.SetReadDeadline(time.Now().Add(left))
		// CloseAfter's own deadline may come behind this one; then there is time left.
		if err := l.discardAll(); !errors.Is(err, os.ErrDeadlineExceeded) {
			return err == io.EOF
		}
	}
	return false
}

// discardAll reads and throws away until an error.
func (l *Link) discardAll() error {
	for {
		l.reads.filled = 0
		if _, err := l.reads.source.read(&l.reads); err != nil {
			return err
		}
	}
}

// waitFor waits until done is closed, for d at most.
func waitFor(done <-chan struct{}, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

// closeWrite ends the stream for the peer, where the connection can.
func (l *Link) closeWrite() {
	if c, ok := l.conn.(interface{ CloseWrite() error }); ok {
		c.CloseWrite() // if it fails, so does the discarding
	}
}
