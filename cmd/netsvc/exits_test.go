package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// errorLine is what programs read of a failure.
type errorLine struct {
	Error struct {
		Code      string `json:"code"`
		Number    *int64 `json:"number"`
		Exit      int    `json:"exit"`
		Delivered string `json:"delivered"`
	} `json:"error"`
}

// run runs netsvc as a process with an exchange in its environment, and returns its exit code and
// what it wrote.
func runProcess(t *testing.T, address, stdin string, words ...string) (exit int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command("netsvc", words...)
	cmd.Env = apart(t, "NETSVC_EXCHANGE="+address)
	var out, err bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &err
	exit = exitCode(cmd.Run())
	return exit, out.String(), err.String()
}

// TestExitCodes provokes each exit code by a real cause. Those of signals, and of processes that
// are killed, are in call_ends.txtar.
func TestExitCodes(t *testing.T) {
	address := troubled(t)
	nobody := refusedAddress(t)
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, bytes.Repeat([]byte("x"), 5<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, words, stdin string
		exit               int
		code, delivered    string // of the error line; empty for none
	}{
		{"success", "call odd.echo 1", "", 0, "", ""},
		{"port in use", "exchange --listen " + address, "", 1, "internal", "no"},
		{"unknown command", "frobnicate", "", 2, "usage", "no"},
		{"unreadable file", "call odd.echo @/nonexistent", "", 2, "usage", "no"},
		{"unreadable JSON", "call odd.echo :={", "", 2, "usage", "no"},
		{"unsafe bind", "exchange --listen :0", "", 2, "usage", "no"},
		{"no such service", "call nobody.echo 1", "", 3, "no_service", "no"},
		{"no such method", "call odd.ehco 1", "", 3, "no_method", "no"},
		{"a method that fails", "call odd.fail", "", 4, "application", "yes"},
		{"a method that panics", "call odd.panic", "", 4, "application", "yes"},
		{"a method that leaves without an answer", "call odd.leave", "", 4, "aborted", "yes"},
		{"a result that cannot be encoded", "call odd.unspeakable", "", 4, "encode", "yes"},
		{"a deadline that passes", "call odd.wait -t 50ms", "", 5, "timeout", "maybe"},
		{"a wait that gives up", "wait nobody -t 50ms", "", 5, "timeout", "no"},
		{"no exchange", "call odd.echo 1 -x " + nobody, "", 6, "unreachable", "no"},
		{"an instance that is lost", "call mortal.die", "", 6, "lost", "maybe"},
		{"denied", "call guarded.open", "", 7, "denied", "no"},
		{"arguments that do not fit", "call odd.square x", "", 8, "bad_params", "no"},
		{"arguments that are too large", "call odd.echo @" + big, "", 8, "too_large", "no"},
		{"some failed", "call fail --group lab", "", 9, "partial", "yes"},
		{"busy", "call full.wait", "", 10, "busy", "no"},
		{"draining", "call guarded.closing", "", 10, "draining", "no"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			exit, _, stderr := runProcess(t, address, tc.stdin, append(strings.Fields(tc.words), "-o", "json")...)
			if exit != tc.exit {
				t.Fatalf("exit %d, want %d; stderr %s", exit, tc.exit, stderr)
			}
			if tc.code == "" {
				return
			}
			var line errorLine
			if err := json.Unmarshal([]byte(lastLine(stderr)), &line); err != nil {
				t.Fatalf("stderr is no error line: %v in %s", err, stderr)
			}
			e := line.Error
			own := tc.code == "usage" || tc.code == "internal" || tc.code == "partial" || tc.code == "no_context"
			if e.Code != tc.code || e.Exit != tc.exit || e.Delivered != tc.delivered || (e.Number == nil) != own {
				t.Errorf("got %s", stderr)
			}
		})
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// refusedAddress is one where nobody listens.
func refusedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// troubled is an exchange with services that fail in every way.
func troubled(t *testing.T) (address string) {
	t.Helper()
	testnet.LeakCheck(t)
	address, host := hostOnLoopback(t)
	odd := service.New("odd", &service.ServiceOptions{Groups: []string{"lab"}})
	odd.Export("echo", func(v value.Raw) value.Raw { return v }, nil)
	odd.Export("square", func(x int64) int64 { return x * x }, nil)
	odd.Export("fail", func() error { return service.Fail(7, "no") }, nil)
	odd.Export("panic", func() { panic("asked to") }, nil)
	odd.Export("leave", func() { runtime.Goexit() }, nil)
	odd.Export("unspeakable", func() any { return make(chan int) }, nil)
	odd.Export("wait", untilDone, nil)
	guarded := service.New("guarded", nil)
	refusals := map[string]error{"open": service.ErrDenied, "closing": service.ErrDraining}
	for name := range refusals {
		guarded.Export(name, func() {}, nil)
	}
	guarded.Use(func(service.Handler) service.Handler {
		return func(_ context.Context, r *service.Request) (*service.Response, error) { return nil, refusals[r.Method] }
	})
	for _, s := range []*service.Service{odd, guarded} {
		if err := host.Announce(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	full(t, host)
	mortal(t, address)
	return address
}

func untilDone(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// full is a service that runs one call and queues one, and has both until the test ends.
func full(t *testing.T, host *service.Conn) {
	t.Helper()
	s := service.New("full", &service.ServiceOptions{Limit: 1, Queue: 1})
	begun := make(chan struct{}, 1)
	s.Export("wait", func(ctx context.Context) error {
		begun <- struct{}{}
		return untilDone(ctx)
	}, nil)
	if err := host.Announce(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	for range 2 {
		host.Endpoint("full").Go(ctx, "wait")
	}
	testnet.Receive(t, "the first call", begun)
}

// mortal announces a service, on a connection of its own, that closes the connection when called.
func mortal(t *testing.T, address string) {
	t.Helper()
	conn, err := service.Connect(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	called := make(chan struct{})
	s := service.New("mortal", nil)
	s.Export("die", func(ctx context.Context) error {
		close(called)
		return untilDone(ctx)
	}, nil)
	if err := conn.Announce(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var killer sync.WaitGroup
	killer.Go(func() { // ends with the call, or with the test
		select {
		case <-called:
			conn.Close()
		case <-t.Context().Done():
		}
	})
	t.Cleanup(killer.Wait)
}
