package link

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeSize bounds the bytes in flight in one direction of a pipe, and pipeIdle what an
// empty one keeps.
const (
	pipeSize = 256 << 10
	pipeIdle = 4 << 10
)

// stream is one direction of a pipe.
type stream struct {
	mu      sync.Mutex
	cond    *sync.Cond
	buf     []byte
	off     int  // what stands before it in buf has been read
	closed  bool // nothing more is written
	broken  bool // nothing more is read
	reading deadline
	writing deadline
}

// deadline is the time at which one side of a stream stops waiting.
type deadline struct {
	at    time.Time   // zero for never
	timer *time.Timer // wakes who waits
}

func newStream() *stream {
	s := &stream{}
	s.cond = sync.NewCond(&s.mu)
	return s
}

// await waits until a read would return at once, and returns the error it would return.
func (s *stream) await() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waitReadable()
}

// read returns what is there; it waits for the first byte.
func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.waitReadable(); err != nil {
		return 0, err
	}
	n := copy(p, s.buf[s.off:])
	s.off += n
	if s.held() == 0 {
		s.empty()
	}
	s.cond.Broadcast()
	return n, nil
}

// held is the number of bytes that wait to be read.
func (s *stream) held() int { return len(s.buf) - s.off }

// empty starts the buffer anew, a large one by giving it up.
func (s *stream) empty() {
	s.buf, s.off = s.buf[:0], 0
	if cap(s.buf) > pipeIdle {
		s.buf = nil
	}
}

func (s *stream) waitReadable() error {
	for {
		switch {
		case s.broken:
			return net.ErrClosed
		case s.reading.passed():
			return os.ErrDeadlineExceeded
		case s.held() > 0:
			return nil
		case s.closed:
			return io.EOF
		}
		s.cond.Wait()
	}
}

// write appends what fits. It waits for room for the first byte when wait is set.
func (s *stream) write(p []byte, wait bool) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch n := min(len(p), pipeSize-s.held()); {
		case s.closed || s.broken:
			return 0, io.ErrClosedPipe
		case s.writing.passed():
			return 0, os.ErrDeadlineExceeded
		case n > 0 || !wait || len(p) == 0:
			s.put(p[:n])
			s.cond.Broadcast()
			return n, nil
		}
		s.cond.Wait()
	}
}

// put appends p. What has been read is moved out only when it is much, so that small reads
// from a full pipe do not move all of it each time.
func (s *stream) put(p []byte) {
	if s.off >= pipeSize/2 {
		s.buf, s.off = s.buf[:copy(s.buf, s.buf[s.off:])], 0
	}
	s.buf = append(s.buf, p...)
}

// end closes the stream for its writer, and for its reader when broken is set.
func (s *stream) end(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.broken = s.broken || broken
	if s.broken {
		s.buf, s.off = nil, 0
		s.reading.stop()
	}
	s.writing.stop()
	s.cond.Broadcast()
}

// setDeadline changes one of the stream's own deadlines.
func (s *stream) setDeadline(d *deadline, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.stop()
	d.at = at
	if !at.IsZero() && !s.broken {
		d.timer = time.AfterFunc(time.Until(at), s.wake)
	}
	s.cond.Broadcast()
}

func (s *stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cond.Broadcast()
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
