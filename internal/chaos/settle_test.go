//go:build linux

package chaos_test

import (
	"syscall"

	"github.com/netsvc/netsvc/internal/testnet"
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
	w.gateway.wantIdle(t, 1)
	w.exchange.wantIdle(t, 0)
}

// wantNothingInFlight asks the exchange: no open call and no slot taken, and nobody there but
// the replicas, the gateway and the probe, with a descriptor each.
func (w *world) wantNothingInFlight(probe *service.Conn) {
	t := w.t
	t.Helper()
	const want = replicas + 2
	testnet.WaitFor(t, "no open calls, and nobody left who has gone", func() bool {
		left := totals(t, probe)
		return left.OpenCalls <= 1 && left.Sessions == want // the question itself is open
	})
	testnet.WaitFor(t, "nothing to be in flight, and nothing to wait for anybody", func() bool {
		for _, s := range sessions(t, probe) {
			if itself := s.Address == probe.Address().String(); s.OpenCalls != 0 || s.State != "ready" || (s.QueueBytes != 0 && !itself) {
				return false
			}
		}
		return true
	})
	if open := descriptorsOf(w.exchange.pid()); open > want+fixedDescriptors {
		t.Errorf("the exchange has %d descriptors open with %d sessions", open, want)
	}
}
