package exchange

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/netsvc/netsvc/internal/link"
)

// Listen listens on an address of a network that package net knows ("tcp", "unix") and
// serves the connections in the background. It returns the address, which tells the port
// when the kernel chose it.
func (e *Exchange) Listen(network, address string) (net.Addr, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	if !e.addListener(l) {
		l.Close()
		return nil, ErrClosed
	}
	e.wg.Go(func() { e.accept(l) }) // ends when the listener is closed
	return l.Addr(), nil
}

// Serve serves the connections that a listener accepts until it is closed, by Shutdown,
// Close or its owner. The error is ErrClosed after the first two.
func (e *Exchange) Serve(l net.Listener) error {
	if !e.addListener(l) {
		l.Close()
		return ErrClosed
	}
	return e.accept(l)
}

func (e *Exchange) addListener(l net.Listener) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.draining.Load() {
		return false
	}
	e.listeners[l] = struct{}{}
	e.wg.Add(1) // for accept
	return true
}

// closeListeners stops listening. Connections stay.
func (e *Exchange) closeListeners() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for l := range e.listeners {
		l.Close()
	}
	clear(e.listeners)
}

// Waits between attempts to accept when the system is out of descriptors or the like.
const (
	acceptPauseMin = 5 * time.Millisecond
	acceptPauseMax = time.Second
)

// accept serves a listener.
func (e *Exchange) accept(l net.Listener) error {
	defer e.wg.Done()
	strangers := &strangerLog{log: e.log.With("listener", l.Addr().String())}
	pause := acceptPauseMin
	for {
		conn, err := l.Accept()
		if err == nil {
			pause = acceptPauseMin
			e.start(conn, strangers)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return ErrClosed
		}
		strangers.note("accept failed", err)
		if !e.rest(pause) {
			return ErrClosed
		}
		pause = min(2*pause, acceptPauseMax)
	}
}

// rest waits, and reports false when the exchange ends.
func (e *Exchange) rest(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-e.stop:
		return false
	}
}

// start serves a connection in the background.
func (e *Exchange) start(conn net.Conn, strangers *strangerLog) {
	s, ok := e.open(conn, false)
	if !ok {
		conn.Close()
		return
	}
	s.strangers = strangers
	// ends when the link is closed, by its process or by Close
	e.wg.Go(func() { e.serve(s) })
}

// ServeConn serves one connection until it ends, and closes it. The error says why it
// ended; it is nil when the process said goodbye. Ending ctx ends the connection.
func (e *Exchange) ServeConn(ctx context.Context, conn net.Conn) error {
	s, ok := e.open(conn, false)
	if !ok {
		conn.Close()
		return ErrClosed
	}
	s.strangers = &strangerLog{log: e.log}
	stop := context.AfterFunc(ctx, func() { s.link.Close(ctx.Err()) })
	defer stop()
	if err := e.serve(s); !errors.Is(err, errGoodbye) {
		return err
	}
	return nil
}

// Dial makes an in-memory connection to the exchange. It has the form that service.Options
// want for a connection without a socket.
func (e *Exchange) Dial(context.Context) (net.Conn, error) {
	near, far := link.Pipe()
	s, ok := e.open(far, false)
	if !ok {
		return nil, ErrClosed
	}
	s.strangers = &strangerLog{log: e.log}
	e.wg.Go(func() { e.serve(s) }) // ends when either end of the pipe is closed
	return near, nil
}

// maxGuests is how many connections may be open beyond the limit of sessions: those in
// their handshake, and those that are being told that there is no place. More are closed
// unread.
const maxGuests = 1_024

// open makes the session of a connection, so that Close finds it from the first byte on.
func (e *Exchange) open(conn net.Conn, own bool) (*session, bool) {
	s := newSession(e, conn, own)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || len(e.opening) >= e.limits.Sessions+maxGuests {
		return nil, false
	}
	e.opening[s] = struct{}{}
	e.wg.Add(1) // for serve, here where closed is known: Close may be waiting already
	return s, true
}

// serve runs a session to its end.
func (e *Exchange) serve(s *session) error {
	defer e.wg.Done()
	err := s.serve()
	e.mu.Lock()
	delete(e.opening, s)
	e.mu.Unlock()
	return err
}
