//go:build linux

package chaos_test

import (
	"syscall"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// settle ends the load when everybody is well, and looks for what is left: first that the
// world works, then that the callers leave nothing behind.
func (w *world) settle() {
	t := w.t
	t.Helper()
	probe := w.connect()
	testnet.WaitFor(t, "all replicas to be back", func() bool { return totals(t, probe).Instances == 2*replicas })
	testnet.WaitFor(t, "a call to go well", func() bool {
		_, err := probe.Endpoint(workName).Call(t.Context(), "system.ping")
		return err == nil
	})
	for _, m := range w.callers {
		m.end(t, syscall.SIGTERM)
	}
	w.wantNothingInFlight(probe)
	for _, m := range w.replicas {
		m.end(t, syscall.SIGINT)
	}
	probe.Close()
	w.wantIdle(w.gateway, 1)
	w.wantIdle(w.exchange, 0)
}

// wantNothingInFlight asks the exchange: no open call and no slot taken, and nobody there but
// the replicas, the gateway and the probe, with a descriptor each.
func (w *world) wantNothingInFlight(probe *service.Conn) {
	t := w.t
	t.Helper()
	const sessions = replicas + 2
	testnet.WaitFor(t, "no open calls, and nobody left who has gone", func() bool {
		left := totals(t, probe)
		return left.OpenCalls <= 1 && left.Sessions == sessions // the question itself is open
	})
	there, err := service.Call[[]exchange.SessionInfo](t.Context(), probe.Endpoint("_exchange"), "sessions")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range there {
		if s.OpenCalls != 0 || s.QueueBytes != 0 || s.State != "ready" {
			t.Errorf("%s of %s is %s with %d open calls and %d bytes that wait", s.Address, s.Program, s.State, s.OpenCalls, s.QueueBytes)
		}
	}
	if open := descriptorsOf(w.exchange.pid()); open > sessions+fixedDescriptors {
		t.Errorf("the exchange has %d descriptors open with %d sessions", open, sessions)
	}
}

// fixedDescriptors is the most that an exchange without sessions has open: its three
// streams, the poller's two or three, listeners, and what the runtime reads once.
const fixedDescriptors = 12

// fixedGoroutines is the most that an exchange without sessions has: main and its command,
// signals, clock, keeper, listeners, its own session, the workers of its own service.
const fixedGoroutines = 20

// wantIdle waits until a server has no descriptors but so many and its fixed ones, ends it
// and counts its goroutines.
func (w *world) wantIdle(s *server, links int) {
	t := w.t
	t.Helper()
	testnet.WaitFor(t, "the descriptors of the "+s.command+" to be closed", func() bool {
		return descriptorsOf(s.pid()) <= fixedDescriptors+links
	})
	left, stacks := s.goroutines(t)
	if left == 0 || left > fixedGoroutines {
		t.Errorf("the %s has %d goroutines with %d links, want 1 to %d:\n%s", s.command, left, links, fixedGoroutines, stacks)
	}
	t.Logf("the %s with %d links: %d goroutines", s.command, links, left)
}
