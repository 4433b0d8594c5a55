package main

import (
	"context"
	"net"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestInterruptReachesTheHandler of a call that a real process makes: within 50 ms, at best
// of some tries, since a busy machine may hold up any of them.
func TestInterruptReachesTheHandler(t *testing.T) {
	testnet.LeakCheck(t)
	addr, host := hostOnLoopback(t)
	started, ended := make(chan struct{}), make(chan struct{})
	sleeper := service.New("sleeper", nil)
	sleeper.Export("sleep", func(ctx context.Context) error {
		started <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return ctx.Err()
	}, nil)
	if err := host.Announce(t.Context(), sleeper); err != nil {
		t.Fatal(err)
	}
	const tries, limit = 5, 50 * time.Millisecond
	best := time.Hour
	for range tries {
		cmd := exec.Command("netsvc", "call", "sleeper.sleep", "-x", addr)
		cmd.Env = apart(t)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		testnet.Receive(t, "the handler to start", started)
		sent := time.Now()
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		testnet.Receive(t, "the end of the handler's context", ended)
		best = min(best, time.Since(sent))
		if code := exitCode(cmd.Wait()); code != 130 {
			t.Errorf("exit code %d, want 130", code)
		}
	}
	if best > limit {
		t.Errorf("the handler's context ended after %v, want %v at most", best, limit)
	}
}

// hostOnLoopback opens an exchange on loopback and a connection to it.
func hostOnLoopback(t *testing.T) (addr string, host *service.Conn) {
	t.Helper()
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- ex.Serve(l) }()
	t.Cleanup(func() {
		ex.Close()
		<-served
	})
	if host, err = service.Connect(t.Context(), l.Addr().String(), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	return l.Addr().String(), host
}
