package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
)

// pipes is a listener whose connections are in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error   { close(l.closed); return nil }
func (l *pipes) Addr() net.Addr { return &net.UnixAddr{Net: "pipe"} }

// TestFault_51_TimeoutsAreExact: whoever does not come to an end is ended.
func TestFault_51_TimeoutsAreExact(t *testing.T) {
	const request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
	tests := map[string]struct {
		sent string
		slow bool // the answer is not read
		want time.Duration
	}{
		"nothing":              {"", false, 5 * time.Second},
		"half a header":        {"POST / HTTP/1.1\r\nHo", false, 5 * time.Second},
		"half a body":          {request + "half", false, 15 * time.Second},
		"nothing after a call": {request + "all of it", false, 60 * time.Second},
		"nobody reads":         {request + "all of it", true, 40 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			testnet.LeakCheck(t)
			synctest.Test(t, func(t *testing.T) { // virtual time
				near, far := net.Pipe()
				l := &pipes{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
				server := httpServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if _, err := io.Copy(io.Discard, r.Body); err != nil {
						panic(http.ErrAbortHandler)
					}
					w.Write([]byte("done"))
				}), 30*time.Second)
				var v visits
				server.ConnState = v.note
				served := make(chan error, 1)
				go func() { served <- server.Serve(newDoorway(l, false, nil, &v)) }()
				l.conns <- far
				began := time.Now()
				if _, err := io.WriteString(near, test.sent); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if test.slow {
					v.gone(t.Context(), leaveAlone)
				} else if _, err := io.Copy(io.Discard, near); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took != test.want {
					t.Errorf("ended after %v, want %v", took, test.want)
				}
				near.Close()
				server.Close()
				if err := <-served; !errors.Is(err, http.ErrServerClosed) {
					t.Error(err)
				}
			})
		})
	}
}

// from is a connection that comes from an address.
type from struct {
	net.Conn
	addr net.Addr
}

func (c from) RemoteAddr() net.Addr { return c.addr }

// TestDoorwayBoundsConnections: one address has so many and no more, and who finds all places
// taken waits until one is free.
func TestDoorwayBoundsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := visits{places: make(chan struct{}, 4), clients: clients{most: 2}}
		l := &pipes{conns: make(chan net.Conn, 16), closed: make(chan struct{})}
		d := newDoorway(l, true, nil, &v)
		in := make(chan net.Conn, 16)
		go func() {
			for {
				conn, err := d.Accept()
				if err != nil {
					close(in)
					return
				}
				in <- conn
			}
		}()
		come := func(ip net.IP) net.Conn {
			near, far := net.Pipe()
			l.conns <- from{far, &net.TCPAddr{IP: ip, Port: 1}}
			synctest.Wait()
			return near
		}
		there, here := net.IPv4(192, 0, 2, 1), net.IPv4(127, 0, 0, 1)
		come(there)
		come(there.To4())
		third := come(there)
		if _, err := third.Read(make([]byte, 1)); !errors.Is(err, io.EOF) || len(in) != 2 {
			t.Errorf("the third of one address: %v, %d let in, want the end and 2", err, len(in))
		}
		come(here)
		come(here)
		come(here)
		if len(in) != 4 {
			t.Errorf("%d are in, want 4 and one that waits", len(in))
		}
		first := <-in
		first.Close()
		first.Close() // gives one place back, not two
		synctest.Wait()
		if len(in) != 4 {
			t.Errorf("after one has gone %d are in, want 4", len(in))
		}
		come(here)
		d.leave() // who waits is let in, to be answered
		synctest.Wait()
		if len(in) != 5 {
			t.Errorf("after it was left %d are in, want 5", len(in))
		}
		for conn := range in {
			conn.Close()
		}
		if len(v.clients.counts) != 0 || len(v.places) != 0 {
			t.Errorf("left are %v and %d places, want none", v.clients.counts, len(v.places))
		}
	})
}
