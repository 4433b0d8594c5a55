package systemtest

import (
	"bytes"
	"errors"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// proxied is a network of TCP with an exchange, and the same behind a proxy that a test can
// spoil.
func proxied(t *testing.T) (n *network, behind *network, proxy *testnet.Proxy) {
	t.Helper()
	testnet.LeakCheck(t)
	n = newNetwork(t, "tcp")
	n.open()
	proxy = testnet.NewProxy(t, n.address())
	return n, &network{t: t, kind: "tcp", addr: proxy.Addr()}, proxy
}

// TestWire_StreamsCutAnywhere: frames come in pieces of any size, and all at once.
func TestWire_StreamsCutAnywhere(t *testing.T) {
	for name, fault := range map[string]testnet.Fault{"single bytes": {Slice: 1}, "slices of up to 100": {Slice: 100}, "slices of up to 5,000": {Slice: 5000}} {
		t.Run(name, func(t *testing.T) {
			_, n, proxy := proxied(t)
			proxy.Set(fault)
			svc := service.New("mirror", nil)
			svc.Export("echo", func(b []byte) []byte { return b }, nil)
			n.announce(svc)
			client := n.connect(nil)
			w := watch(t, client, service.WatchOptions{Glob: "mirror"})
			w.wants("available mirror", "synced")
			var all []*service.Pending
			sizes := []int{0, 1, 23, 24, 25, 100, 255, 256, 257, 1000, fault.Slice * 40}
			for _, size := range sizes {
				all = append(all, client.Endpoint("mirror").Go(patient(t), "echo", bytes.Repeat([]byte{7}, size)))
			}
			for i, p := range all {
				v, err := p.Result()
				if b, _ := v.([]byte); err != nil || len(b) != sizes[i] {
					t.Errorf("%d bytes came back as %d, %v", sizes[i], len(b), err)
				}
			}
			if lost := client.Stats().Lost; lost != 0 {
				t.Errorf("%d links were lost, want none", lost)
			}
		})
	}
}

// TestWire_LinksThatBreak in each way that TCP knows: the call ends, the service comes back.
func TestWire_LinksThatBreak(t *testing.T) {
	for name, spoil := range map[string]func(*testnet.Proxy){
		"reset":                      (*testnet.Proxy).Reset,
		"the exchange hears no more": func(p *testnet.Proxy) { p.HalfClose(testnet.Up) },
		"the service hears no more":  func(p *testnet.Proxy) { p.HalfClose(testnet.Down) },
	} {
		t.Run(name, func(t *testing.T) {
			n, behind, proxy := proxied(t)
			svc, g := newGated("gated", &service.ServiceOptions{Groups: []string{"a"}})
			behind.announce(svc)
			client := n.connect(nil)
			w := watch(t, client, service.WatchOptions{Glob: "gated"})
			w.wants("available gated", "joined gated of a", "synced")
			for range 5 {
				ended := start(patient(t), client.Endpoint("gated"), "wait", "x")
				testnet.Receive(t, "the handler", g.entered)
				spoil(proxy)
				o := testnet.Receive(t, "the outcome", ended)
				if !errors.Is(o.err, service.ErrLost) {
					t.Errorf("the call ended with %v, want lost", o.err)
				}
				testnet.Receive(t, "the end of the handler's context", g.ended)
				// Which end sees it first decides whether the old session is lost or replaced.
				for _, want := range []string{"left gated of a", "withdrawn gated"} {
					e := w.next()
					if got := text(e); got != want+" (lost)" && got != want+" (replaced)" {
						t.Errorf("event %q, want %s (lost) or (replaced)", got, want)
					}
				}
				w.wants("available gated", "joined gated of a")
			}
			wantServices(t, n, map[string]int{"gated": 1})
		})
	}
}
