//go:build linux

package chaos_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

func TestFault_02_ServiceEndsWithCallsInItsQueue(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	host := startHost(t, ex.addr, "--limit", "1", "--grace", "300ms")
	conn := connect(t, ex.addr)
	running := sleeping(t, conn)
	var waiting []*service.Pending
	for range 3 {
		waiting = append(waiting, conn.Endpoint("echo").Go(t.Context(), "sleep", longCall))
	}
	testnet.WaitFor(t, "three calls to wait", func() bool { return inFlight(t, conn, "echo") == 4 })
	host.end(t, syscall.SIGTERM)
	for _, p := range waiting {
		wantFailure(t, p, service.ErrDraining, service.No)
	}
	wantFailure(t, running, service.ErrLost, service.Maybe)
}

func TestFault_04_05_41_CallsThatCannotGoWell(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	conn := connect(t, ex.addr)
	tests := []struct {
		name      string
		method    string
		args      []any
		timeout   time.Duration
		want      error
		delivered service.Delivered
		says      string
	}{
		{name: "unknown method", method: "ehco", want: service.ErrNoMethod, says: "ehco"},
		{name: "wrong arity", method: "echo", want: service.ErrBadParams, says: "expected 1 argument, got 0"},
		{name: "wrong type", method: "sleep", args: []any{"long"}, want: service.ErrBadParams, says: "expected number"},
		{name: "panic", method: "panic", want: service.ErrApplication, delivered: service.Yes, says: "panic: asked to panic"},
		{name: "negative deadline", method: "echo", args: []any{1}, timeout: -time.Second, want: service.ErrTimeout},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			echo := conn.Endpoint("echo").With(service.CallOptions{Timeout: tt.timeout})
			f := wantFailure(t, echo.Go(t.Context(), tt.method, tt.args...), tt.want, tt.delivered)
			if !strings.Contains(f.Description, tt.says) || strings.Contains(f.Description+f.Details, "goroutine ") {
				t.Errorf("the caller is told %q, %q, want %q and no stack", f.Description, f.Details, tt.says)
			}
			if _, err := conn.Endpoint("echo").Call(t.Context(), "echo", 1); err != nil {
				t.Errorf("the next call: %v, want the service unharmed", err)
			}
		})
	}
}

func TestFault_09_CallerBehindABlackHole(t *testing.T) {
	atEachScale(t, func(t *testing.T, s scale) {
		ex := startExchange(t, s.args...)
		startHost(t, ex.addr)
		link := testnet.NewProxy(t, ex.addr)
		conn, watcher := connect(t, link.Addr()), connect(t, ex.addr)
		pending := sleeping(t, conn)
		from := clock()
		link.Set(testnet.Fault{BlackHole: true})
		wantFailure(t, pending, service.ErrUnreachable, service.Maybe)
		s.wantSilence(t, clock()-from)
		testnet.WaitFor(t, "the exchange to give the caller up, too", func() bool {
			return totals(t, watcher).FrozenSessions == 1 && inFlight(t, watcher, "echo") == 0
		})
		mend(link)
		wantCall(t, conn)
	})
}

func TestFault_09_ServiceBehindABlackHole(t *testing.T) {
	atEachScale(t, func(t *testing.T, s scale) {
		ex := startExchange(t, s.args...)
		link := testnet.NewProxy(t, ex.addr)
		conn := connect(t, ex.addr)
		start(t, exec.Command(netsvc, "host", "echo", "--exchange", link.Addr()))
		wantCall(t, conn)
		pending := sleeping(t, conn)
		from := clock()
		link.Set(testnet.Fault{BlackHole: true})
		testnet.WaitFor(t, "the service to be suspect", func() bool {
			_, err := conn.Endpoint("echo").With(service.CallOptions{Timeout: 100 * time.Millisecond}).Call(t.Context(), "echo", 1)
			return errors.Is(err, service.ErrBusy)
		})
		wantFailure(t, pending, service.ErrLost, service.Maybe)
		s.wantSilence(t, clock()-from)
		mend(link)
		wantCall(t, conn)
	})
}

func TestFault_32_33_ServicesThatCallThemselves(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	host, conn := connect(t, ex.addr), connect(t, ex.addr)
	s := service.New("self", nil)
	s.Export("down", func(ctx context.Context, levels int64) (int64, error) {
		if levels == 0 {
			return 0, nil
		}
		below, err := service.Call[int64](ctx, host.Endpoint("self"), "down", levels-1)
		return below + 1, err
	}, nil)
	if err := host.Announce(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if got, err := service.Call[int64](t.Context(), conn.Endpoint("self"), "down", 20); got != 20 || err != nil {
		t.Errorf("20 nested calls = %d, %v, want 20", got, err)
	}
	_, err := conn.Endpoint("self").Call(t.Context(), "down", 40)
	if !errors.Is(err, service.ErrApplication) || !strings.Contains(err.Error(), "call loop") {
		t.Errorf("40 nested calls = %v, want the call loop refused at its end", err)
	}
	testnet.WaitFor(t, "no open call", func() bool { return totals(t, conn).OpenCalls == 1 })
}

func TestFault_39_CallerIsKilledInACall(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr, "--limit", "1")
	conn := connect(t, ex.addr)
	caller := start(t, exec.Command(netsvc, "call", "echo.sleep", "60", "--exchange", ex.addr))
	testnet.WaitFor(t, "the call to be delivered", func() bool { return inFlight(t, conn, "echo") > 0 })
	caller.kill()
	// The handler's context ends, so the only place there is becomes free.
	wantCall(t, conn)
	if open, late := inFlight(t, conn, "echo"), totals(t, conn).LateResponses; open != 0 || late != 1 {
		t.Errorf("%d calls in flight, %d late responses, want none and one", open, late)
	}
}
