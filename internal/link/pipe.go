package link

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeSize bounds the bytes in flight in one direction of a pipe.
const pipeSize = 256 << 10

// Pipe makes an in-memory connection: what is written at one end is read at the other,
// through a buffer of 256 KiB each way, so that two ends that both write before they read
// do not wait for each other. It is built on a mutex and a condition only, so that time in
// a synctest bubble moves while its ends wait.
func Pipe() (net.Conn, net.Conn) {
	there, back := newStream(), newStream()
	return &pipeEnd{in: back, out: there}, &pipeEnd{in: there, out: back}
}

// stream is one direction of a pipe.
type stream struct {
	mu       sync.Mutex
	cond     *sync.Cond
	buf      []byte
	closed   bool // nothing more is written
	broken   bool // nothing more is read
	deadline time.Time
	timer    *time.Timer // wakes a reader at the deadline
}

func newStream() *stream {
	s := &stream{}
	s.cond = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.broken:
			return 0, net.ErrClosed
		case !s.deadline.IsZero() && !time.Now().Before(s.deadline):
			return 0, os.ErrDeadlineExceeded
		case len(s.buf) > 0:
			n := copy(p, s.buf)
			s.buf = s.buf[:copy(s.buf, s.buf[n:])]
			s.cond.Broadcast()
			return n, nil
		case s.closed:
			return 0, io.EOF
		}
		s.cond.Wait()
	}
}

// write appends what fits. It waits for room for the first byte when wait is set.
func (s *stream) write(p []byte, wait bool) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.closed || s.broken {
			return 0, io.ErrClosedPipe
		}
		if n := min(len(p), pipeSize-len(s.buf)); n > 0 || !wait || len(p) == 0 {
			s.buf = append(s.buf, p[:n]...)
			s.cond.Broadcast()
			return n, nil
		}
		s.cond.Wait()
	}
}

// end closes the stream for its writer, and for its reader when broken is set.
func (s *stream) end(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.broken = s.broken || broken
	s.stopTimer()
	s.cond.Broadcast()
}

func (s *stream) setDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopTimer()
	s.deadline = t
	if !t.IsZero() {
		s.timer = time.AfterFunc(time.Until(t), s.wake)
	}
	s.cond.Broadcast()
}

func (s *stream) stopTimer() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

func (s *stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cond.Broadcast()
}

// pipeEnd is one end of a pipe.
type pipeEnd struct{ in, out *stream }

func (p *pipeEnd) Read(b []byte) (int, error) { return p.in.read(b) }

func (p *pipeEnd) Write(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		n, err := p.out.write(b[done:], true)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (p *pipeEnd) tryWrite(b []byte) (int, error)  { return p.out.write(b, false) }
func (p *pipeEnd) waitWrite(b []byte) (int, error) { return p.out.write(b, true) }

// CloseWrite ends what is sent; the other end reads what is left and then io.EOF.
func (p *pipeEnd) CloseWrite() error {
	p.out.end(false)
	return nil
}

// Close ends both directions. The other end still reads what was written.
func (p *pipeEnd) Close() error {
	p.out.end(false)
	p.in.end(true)
	return nil
}

func (p *pipeEnd) LocalAddr() net.Addr  { return pipeAddr{} }
func (p *pipeEnd) RemoteAddr() net.Addr { return pipeAddr{} }

func (p *pipeEnd) SetDeadline(t time.Time) error    { return p.SetReadDeadline(t) }
func (p *pipeEnd) SetWriteDeadline(time.Time) error { return nil }
func (p *pipeEnd) SetReadDeadline(t time.Time) error {
	p.in.setDeadline(t)
	return nil
}

// pipeAddr is the address of an in-memory connection.
type pipeAddr struct{}

func (pipeAddr) Network() string { return "memory" }
func (pipeAddr) String() string  { return "memory" }
