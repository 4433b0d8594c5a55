package testnet_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
)

// echo accepts connections and sends back what comes, until t ends.
func echo(t *testing.T) string {
	t.Helper()
	listener := listen(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				io.Copy(conn, conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		wg.Wait()
	})
	return listener.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// dial connects to addr for the length of t, with Patience for all that is read.
func dial(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(testnet.Patience))
	return conn.(*net.TCPConn)
}

// pair returns both ends of a connection through a new Proxy.
func pair(t *testing.T) (p *testnet.Proxy, caller, target *net.TCPConn) {
	t.Helper()
	listener := listen(t)
	p = testnet.NewProxy(t, listener.Addr().String())
	caller = dial(t, p.Addr())
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { accepted.Close() })
	accepted.SetDeadline(time.Now().Add(testnet.Patience))
	testnet.WaitFor(t, "the connection to be carried", func() bool { return p.Conns() == 1 })
	return p, caller, accepted.(*net.TCPConn)
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// wantRead fails t unless text is what comes next.
func wantRead(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if n, err := io.ReadFull(conn, got); err != nil || string(got) != text {
		t.Fatalf("read %q, %v, want %q", got[:n], err, text)
	}
}

// wantEnd fails t unless the next read ends with want.
func wantEnd(t *testing.T, conn net.Conn, want error) {
	t.Helper()
	if n, err := conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, want) {
		t.Fatalf("read %d bytes, %v, want 0, %v", n, err, want)
	}
}

func TestProxyCarriesBytesBothWaysUnderEachFaultThatLosesNothing(t *testing.T) {
	tests := []struct {
		name  string
		fault testnet.Fault
	}{
		{"no fault", testnet.Fault{}},
		{"latency", testnet.Fault{Latency: time.Millisecond}},
		{"slices", testnet.Fault{Slice: 100}},
		{"capped rate", testnet.Fault{BytesPerSecond: 10 << 20}},
		{"all of them", testnet.Fault{Latency: time.Millisecond, Slice: 100, BytesPerSecond: 10 << 20}},
	}
	data := bytes.Repeat([]byte("a frame of some kind "), 1000)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			testnet.LeakCheck(t)
			p := testnet.NewProxy(t, echo(t))
			p.Set(tt.fault)
			conn := dial(t, p.Addr())
			var wg sync.WaitGroup
			defer wg.Wait()
			wg.Go(func() {
				conn.Write(data)
				conn.CloseWrite()
			})
			got, err := io.ReadAll(conn)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("echo brought %d bytes, %v, want the %d sent", len(got), err, len(data))
			}
			testnet.WaitFor(t, "the connection to go", func() bool { return p.Conns() == 0 })
		})
	}
}

func TestLatencyDelaysEachWay(t *testing.T) {
	testnet.LeakCheck(t)
	p := testnet.NewProxy(t, echo(t))
	p.Set(testnet.Fault{Latency: 30 * time.Millisecond})
	conn := dial(t, p.Addr())
	start := time.Now()
	send(t, conn, "ping")
	wantRead(t, conn, "ping")
	if took := time.Since(start); took < 60*time.Millisecond {
		t.Errorf("there and back took %v, want at least 60ms", took)
	}
}

func TestLatencyDoesNotLowerTheRate(t *testing.T) {
	testnet.LeakCheck(t)
	p, caller, target := pair(t)
	p.Set(testnet.Fault{Latency: 50 * time.Millisecond}, testnet.Up)
	start := time.Now()
	for range 100 { // one after the other they would take 5 s
		send(t, caller, "x")
	}
	caller.CloseWrite()
	if got, err := io.ReadAll(target); err != nil || len(got) != 100 {
		t.Fatalf("read %d bytes, %v, want 100", len(got), err)
	}
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("took %v, want about 50ms", took)
	}
}

func TestCapSlowsTheStream(t *testing.T) {
	testnet.LeakCheck(t)
	p, caller, target := pair(t)
	p.Set(testnet.Fault{BytesPerSecond: 10000}, testnet.Up)
	start := time.Now()
	send(t, caller, string(make([]byte, 2000)))
	caller.CloseWrite()
	if got, err := io.ReadAll(target); err != nil || len(got) != 2000 {
		t.Fatalf("read %d bytes, %v, want 2000", len(got), err)
	}
	if took := time.Since(start); took < 190*time.Millisecond {
		t.Errorf("2000 bytes at 10000 a second took %v, want about 200ms", took)
	}
}

func TestBlackHoleSwallowsOneWayOnly(t *testing.T) {
	testnet.LeakCheck(t)
	p, caller, target := pair(t)
	p.Set(testnet.Fault{BlackHole: true}, testnet.Up)
	send(t, caller, "lost")
	testnet.WaitFor(t, "the bytes to be swallowed", func() bool { return p.Swallowed(testnet.Up) == 4 })
	send(t, target, "heard")
	wantRead(t, caller, "heard")
	p.Set(testnet.Fault{})
	send(t, caller, "found")
	wantRead(t, target, "found")
	if n := p.Swallowed(testnet.Down); n != 0 {
		t.Errorf("swallowed %d bytes of the other way, want none", n)
	}
}

func TestBlackHoleHidesTheEndOfTheStream(t *testing.T) {
	testnet.LeakCheck(t)
	p, caller, target := pair(t)
	p.Set(testnet.Fault{BlackHole: true})
	send(t, caller, "gone")
	caller.Close()
	testnet.WaitFor(t, "the bytes to be swallowed", func() bool { return p.Swallowed(testnet.Up) == 4 })
	target.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := target.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read behind the black hole: %v, want a timeout", err)
	}
	target.SetReadDeadline(time.Now().Add(testnet.Patience))
	p.Set(testnet.Fault{})
	wantEnd(t, target, io.EOF)
}

func TestHalfCloseEndsOneWayAndKeepsTheOther(t *testing.T) {
	testnet.LeakCheck(t)
	p, caller, target := pair(t)
	p.HalfClose(testnet.Up)
	wantEnd(t, target, io.EOF)
	send(t, caller, "dropped")
	send(t, target, "still here")
	wantRead(t, caller, "still here")
}

func TestResetIsSeenByBothSides(t *testing.T) {
	testnet.LeakCheck(t)
	p, caller, target := pair(t)
	p.Reset()
	wantEnd(t, caller, syscall.ECONNRESET)
	wantEnd(t, target, syscall.ECONNRESET)
	testnet.WaitFor(t, "the connection to go", func() bool { return p.Conns() == 0 })
}

func TestResetOfOneSideIsPassedOn(t *testing.T) {
	testnet.LeakCheck(t)
	_, caller, target := pair(t)
	target.SetLinger(0)
	target.Close()
	wantEnd(t, caller, syscall.ECONNRESET)
}

func TestProxyResetsWhenTheTargetIsAway(t *testing.T) {
	testnet.LeakCheck(t)
	listener := listen(t)
	p := testnet.NewProxy(t, listener.Addr().String())
	listener.Close()
	conn, err := net.Dial("tcp", p.Addr())
	if err == nil { // the reset may come while dialling or after
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(testnet.Patience))
		_, err = conn.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a connection without a target = %v, want %v", err, syscall.ECONNRESET)
	}
}

func TestCloseEndsEveryConnectionUnderAnyFault(t *testing.T) {
	tests := []struct {
		name  string
		fault testnet.Fault
	}{
		{"no fault", testnet.Fault{}},
		{"an hour of latency", testnet.Fault{Latency: time.Hour}},
		{"a byte a second", testnet.Fault{BytesPerSecond: 1}},
		{"a black hole", testnet.Fault{BlackHole: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			testnet.LeakCheck(t)
			p, caller, target := pair(t)
			p.Set(tt.fault)
			send(t, caller, "on its way")
			caller.CloseWrite()
			p.Close()
			p.Close()
			if _, err := io.ReadAll(target); err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("read = %v, want the end of the stream", err)
			}
			if n := p.Conns(); n != 0 {
				t.Errorf("Conns = %d after Close, want 0", n)
			}
		})
	}
}
