package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
)

// guest is a client of the server in TestDismissLeavesRequestsAlone.
type guest struct {
	net.Conn
	answers *bufio.Reader
}

func newGuest(t *testing.T, addr string) *guest {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(testnet.Patience))
	return &guest{conn, bufio.NewReader(conn)}
}

const (
	firstHalf  = "GET / HTTP/1.1\r\nHo"
	secondHalf = "st: x\r\n\r\n"
)

// status reads an answer.
func (g *guest) status() (int, error) {
	response, err := http.ReadResponse(g.answers, nil)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// begunNow counts the connections on which part of a request has been read.
func (v *visits) begunNow() (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for one := range v.all {
		if one.begun.Load() {
			n++
		}
	}
	return n
}

// TestDismissLeavesRequestsAlone: connections without a request are closed; who has sent half
// of one may send the rest and is answered.
func TestDismissLeavesRequestsAlone(t *testing.T) {
	testnet.LeakCheck(t)
	var v visits
	server := http.Server{Handler: http.NotFoundHandler(), ConnState: v.note}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(newDoorway(l, false, nil, &v)) }()
	defer func() { server.Close(); <-served }()

	fresh, idle := newGuest(t, l.Addr().String()), newGuest(t, l.Addr().String())
	halfFresh, halfKept := newGuest(t, l.Addr().String()), newGuest(t, l.Addr().String())
	for _, g := range []*guest{idle, halfKept} {
		fmt.Fprint(g, firstHalf, secondHalf)
		if status, err := g.status(); status != 404 {
			t.Fatalf("the first answer is %d, %v", status, err)
		}
	}
	testnet.WaitFor(t, "the kept ones to be idle", func() bool { return v.begunNow() == 0 })
	fmt.Fprint(halfFresh, firstHalf)
	fmt.Fprint(halfKept, firstHalf)
	testnet.WaitFor(t, "half a request on two", func() bool { return v.begunNow() == 2 })

	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan bool, 1)
	go func() { gone <- v.gone(ctx, dismiss) }()
	for name, g := range map[string]*guest{"fresh": fresh, "idle": idle} {
		if _, err := g.status(); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v, want the end", name, err)
		}
	}
	for name, g := range map[string]*guest{"half of the first": halfFresh, "half of the second": halfKept} {
		fmt.Fprint(g, secondHalf)
		if status, err := g.status(); status != 404 {
			t.Errorf("%s: %d, %v, want an answer", name, status, err)
		}
	}
	if !testnet.Receive(t, "all to be gone", gone) { // idle again, they are dismissed
		t.Error("somebody is left")
	}
	cancel()
}

// TestHurryEndsTheWaitForARest of a request, and unread bytes keep a connection open.
func TestHurryEndsTheWaitForARest(t *testing.T) {
	testnet.LeakCheck(t)
	near, far, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	var v visits
	one, _ := v.open(far, nil)
	defer one.Close()
	fmt.Fprint(near, "x")
	testnet.WaitFor(t, "the byte to come", func() bool { return unread(far) })
	dismiss(one)
	if _, err := one.Read(make([]byte, 1)); err != nil {
		t.Errorf("after dismiss with an unread byte: %v, want it open", err)
	}
	hurry(one)
	if _, err := one.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after hurry: %v, want the deadline", err)
	}
	one.begun.Store(false)
	hurry(one)
	if _, err := one.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("without a request after hurry: %v, want it closed", err)
	}
}

// pair is a connection by TCP.
func pair() (near, far net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if near, err = net.Dial("tcp", l.Addr().String()); err == nil {
		far, err = l.Accept()
	}
	return near, far, err
}
