package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netsvc/netsvc/internal/httpdoor"
)

// visits are the open connections of a gateway, so that it can end without closing one on
// which a request is on its way.
type visits struct {
	places  chan struct{} // one for each connection; who finds it full waits at the door. Nil: no limit
	clients clients
	mu      sync.Mutex
	all     map[*visit]bool
	changed chan struct{} // closed at the next change, nil while nobody waits
}

// visit is one connection.
type visit struct {
	net.Conn
	visits  *visits
	client  netip.Addr // whom it counts for
	framing httpdoor.Framing
	state   http.ConnState
	begun   atomic.Bool // something of the next request has been read
	placed  bool        // it has one of the places
	ended   sync.Once
}

// open takes a connection in, when there is a place for it or left is closed. It reports false
// for a client who has too many.
func (v *visits) open(conn net.Conn, left <-chan struct{}) (*visit, bool) {
	one := &visit{Conn: conn, visits: v, client: clientOf(conn)}
	if !v.clients.add(one.client) {
		return nil, false
	}
	if v.places != nil {
		one.placed = v.wait(left)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.all == nil {
		v.all = map[*visit]bool{}
	}
	v.all[one] = true
	return one, true
}

// wait waits for a place, and reports false when left was closed before.
func (v *visits) wait(left <-chan struct{}) bool {
	select {
	case v.places <- struct{}{}:
		return true
	case <-left:
		return false
	}
}

// Read reads from the connection and notes that a request has begun.
func (v *visit) Read(p []byte) (int, error) {
	n, err := v.Conn.Read(p)
	if n > 0 {
		v.begun.Store(true)
		v.framing.Check(p[:n])
	}
	return n, err
}

// Close closes the connection, and gives its place to the next one.
func (v *visit) Close() error {
	err := v.Conn.Close()
	v.ended.Do(func() {
		if v.placed {
			<-v.visits.places
		}
		v.visits.clients.remove(v.client)
	})
	return err
}

// CloseWrite ends what is sent, for the server to end a connection without cutting it.
func (v *visit) CloseWrite() error {
	if c, ok := v.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// note is the server's hook for the states of connections.
func (v *visits) note(conn net.Conn, state http.ConnState) {
	one, ok := conn.(*visit)
	if !ok {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	one.state = state
	switch state {
	case http.StateIdle:
		one.begun.Store(false)
	case http.StateClosed, http.StateHijacked:
		delete(v.all, one)
	case http.StateNew, http.StateActive:
	}
	if v.changed != nil {
		close(v.changed)
		v.changed = nil
	}
}

// gone waits until there is no connection, and reports whether that was before ctx ended. look
// is called first, and after each change.
func (v *visits) gone(ctx context.Context, look func(*visit)) bool {
	for {
		v.mu.Lock()
		for one := range v.all {
			look(one)
		}
		left := len(v.all)
		if v.changed == nil {
			v.changed = make(chan struct{})
		}
		changed := v.changed
		v.mu.Unlock()
		if left == 0 {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// leaveAlone is for gone: connections end by themselves.
func leaveAlone(*visit) {}

// dismiss closes a connection on which no part of a request has come. It is called with the
// mutex held. What the client sends at this very moment is lost, as with any server of HTTP.
func dismiss(v *visit) {
	if v.state != http.StateActive && !v.begun.Load() && !unread(v.Conn) {
		v.Close()
	}
}

// hurry ends the wait for the rest of a request. It is called with the mutex held.
func hurry(v *visit) {
	if v.state == http.StateActive || v.begun.Load() {
		v.SetReadDeadline(time.Now())
		return
	}
	dismiss(v)
}

// unread reports whether something has come on a connection that nobody has read yet.
func unread(conn net.Conn) bool {
	if c, ok := conn.(*tls.Conn); ok {
		conn = c.NetConn()
	}
	n := 0
	control(conn, func(fd int) {
		n, _, _ = unix.Recvfrom(fd, make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	return n > 0
}
