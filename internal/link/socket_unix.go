//go:build unix

package link

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// socket reads and writes a TCP or Unix connection by its descriptor. The callbacks are
// made once, so that neither a read nor a write allocates.
type socket struct {
	conn net.Conn
	raw  syscall.RawConn

	in      *reader // of the read under way
	readN   int
	readErr error
	onRead  func(fd uintptr) bool

	out      []byte // of the write under way
	wroteN   int
	writeErr error
	waited   bool // a write deadline is set
	onTry    func(fd uintptr) bool
	onWait   func(fd uintptr) bool
}

// newSocket returns nil for connections that have no descriptor to try.
func newSocket(conn net.Conn) *socket {
	switch conn.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil
	}
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil
	}
	s := &socket{conn: conn, raw: raw}
	s.onRead, s.onTry, s.onWait = s.readReady, s.tryReady, s.waitReady
	return s
}

// read takes a buffer only when the socket is readable.
func (s *socket) read(r *reader) (int, error) {
	s.in = r
	if err := s.raw.Read(s.onRead); err != nil {
		return 0, err
	}
	if s.readErr == nil && s.readN == 0 {
		return 0, io.EOF
	}
	return s.readN, s.readErr
}

// readReady reads once. It reports false to be called again when there is something.
func (s *socket) readReady(fd uintptr) bool {
	n, err := retry(syscall.Read, fd, s.in.space())
	if err == syscall.EAGAIN {
		if s.in.filled == 0 {
			s.in.release()
		}
		return false
	}
	s.readN, s.readErr = max(n, 0), err
	return true
}

// retryAfter is how long a blocked write waits before it tries by itself. Kernels tell of
// room only when much of the send buffer is free: the third of 4 MiB takes a reader of
// 10 kB/s over two minutes, and it would be closed for taking nothing.
const retryAfter = 500 * time.Millisecond

func (s *socket) tryWrite(p []byte) (int, error) { return s.writeBy(s.onTry, p) }

func (s *socket) waitWrite(p []byte) (int, error) {
	n, err := s.writeBy(s.onWait, p)
	if !s.waited {
		return n, err
	}
	s.waited = false
	s.conn.SetWriteDeadline(time.Time{})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, nil
	}
	return n, err
}

func (s *socket) writeBy(f func(uintptr) bool, p []byte) (int, error) {
	s.out, s.wroteN, s.writeErr = p, 0, nil
	err := s.raw.Write(f)
	s.out = nil
	if err == nil {
		err = s.writeErr
	}
	return s.wroteN, err
}

// tryReady writes once and never waits.
func (s *socket) tryReady(fd uintptr) bool {
	s.writeOnce(fd)
	return true
}

// waitReady writes once. It reports false to be called again when there is room, or when
// retryAfter has passed.
func (s *socket) waitReady(fd uintptr) bool {
	if s.writeOnce(fd) {
		return true
	}
	if !s.waited {
		s.waited = true
		s.conn.SetWriteDeadline(time.Now().Add(retryAfter))
	}
	return false
}

// writeOnce reports false when there is no room.
func (s *socket) writeOnce(fd uintptr) bool {
	n, err := retry(syscall.Write, fd, s.out)
	if err == syscall.EAGAIN {
		return false
	}
	s.wroteN, s.writeErr = max(n, 0), err
	return true
}

// retry repeats a system call that a signal interrupted.
func retry(call func(int, []byte) (int, error), fd uintptr, p []byte) (int, error) {
	for {
		n, err := call(int(fd), p)
		if err != syscall.EINTR {
			return n, err
		}
	}
}
