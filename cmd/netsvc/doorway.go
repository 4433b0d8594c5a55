package main

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// doorway is a listener of HTTP that can be left without turning away who is in its queue:
// closing a socket resets the connections there, which for a client is a failed call.
type doorway struct {
	net.Listener
	handed  bool // it is a supervisor's socket, which stays open with its queue
	leaving atomic.Bool
	left    chan struct{} // closed by leave
	tls     *tls.Config   // nil for none
	visits  *visits
	last    []net.Conn // from the queue, once it is shut
}

func newDoorway(l net.Listener, handed bool, secure *tls.Config, visits *visits) *doorway {
	return &doorway{Listener: l, handed: handed, left: make(chan struct{}), tls: secure, visits: visits}
}

// leave makes Accept end, with net.ErrClosed, after those who are in the queue. A connection
// that is made in the moment between the last look at the queue and its end is reset. Only a
// supervisor's socket has no such moment, since it does not end.
func (d *doorway) leave() {
	if d.leaving.Swap(true) {
		return
	}
	close(d.left)
	if d.handed {
		d.Listener.Close()
		return
	}
	if l, ok := d.Listener.(*net.UnixListener); ok { // nobody finds it any more
		l.SetUnlinkOnClose(false) // later the path may be another's
		os.Remove(l.Addr().String())
	}
	if l, ok := d.Listener.(interface{ SetDeadline(time.Time) error }); ok {
		l.SetDeadline(time.Now())
	}
}

// Accept waits for the next connection that is let in. It is for one goroutine at a time.
func (d *doorway) Accept() (net.Conn, error) {
	for {
		conn, err := d.next()
		if err != nil {
			return nil, err
		}
		if d.tls != nil {
			conn = tls.Server(conn, d.tls) // shakes hands when the first request is read
		}
		if one, ok := d.visits.open(conn, d.left); ok {
			return one, nil
		}
		conn.Close()
	}
}

// next takes a connection from the queue, at last from what the queue was when it was shut.
func (d *doorway) next() (net.Conn, error) {
	if len(d.last) == 0 {
		conn, err := d.Listener.Accept()
		if err == nil {
			return conn, nil
		}
		if !d.leaving.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, err
		}
		d.last = shut(d.Listener)
	}
	if len(d.last) == 0 {
		return nil, net.ErrClosed
	}
	conn := d.last[0]
	d.last = d.last[1:]
	return conn, nil
}

// shut takes all connections out of the queue of a listener and ends it at once.
func shut(l net.Listener) []net.Conn {
	var taken []int
	control(l, func(fd int) {
		unix.Listen(fd, 0) // room for one more; others are not answered and try again
		for {
			next, _, err := unix.Accept(fd)
			if errors.Is(err, unix.EINTR) || errors.Is(err, unix.ECONNABORTED) {
				continue
			}
			if err != nil { // nobody is left
				break
			}
			taken = append(taken, next)
		}
		unix.Shutdown(fd, unix.SHUT_RDWR)
	})
	var conns []net.Conn
	for _, fd := range taken {
		file := os.NewFile(uintptr(fd), "connection")
		if conn, err := net.FileConn(file); err == nil { // else it has gone again
			conns = append(conns, conn)
		}
		file.Close() // conn has a copy
	}
	return conns
}

// control runs f on the descriptor of a socket. It does not wait for those who read from it.
func control(socket any, f func(fd int)) {
	if s, ok := socket.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			raw.Control(func(fd uintptr) { f(int(fd)) })
		}
	}
}
