package service_test

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// listen serves a script on a socket and returns its address.
func (s *script) listen(network, address string) string {
	s.t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.peers <- s.serve(c)
		}
	}()
	return l.Addr().String()
}

// TestAddressForms: a port, a host and port, and a Unix socket lead to the exchange.
func TestAddressForms(t *testing.T) {
	tests := []struct {
		name, network, listen string
		addr                  func(listening string) string
	}{
		{"host and port", "tcp", "127.0.0.1:0", func(a string) string { return a }},
		{"port alone", "tcp", "127.0.0.1:0", func(a string) string { _, port, _ := strings.Cut(a, ":"); return port }},
		{"unix socket", "unix", filepath.Join(t.TempDir(), "x"), func(a string) string { return "unix:" + a }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			testnet.LeakCheck(t)
			s := newScript(t)
			conn, err := service.Connect(t.Context(), tt.addr(s.listen(tt.network, tt.listen)), nil)
			if err != nil {
				t.Fatal(err)
			}
			ended := start(t.Context(), conn.Endpoint("math"), "x")
			p := <-s.peers
			p.bound("math")
			p.respond(p.request().ID, 3, "there")
			if o := <-ended; o.value != "there" {
				t.Errorf("Call = %v, %v", o.value, o.err)
			}
			s.close(conn)
		})
	}
}

// TestRun is the whole of a service's main, over TCP.
func TestRun(t *testing.T) {
	testnet.LeakCheck(t)
	s := newScript(t)
	addr := s.listen("tcp", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	svc := service.New("math", nil)
	svc.Export("add", func(x, y int64) int64 { return x + y }, nil)
	result := make(chan error, 1)
	go func() { result <- service.Run(ctx, addr, svc) }()
	p := <-s.peers
	handle := p.announced(3).Handle
	p.deliver(delivery{id: 1, instance: handle, method: "add", args: []any{3, 4}})
	if a := p.answerTo(1); a.value != int64(7) {
		t.Errorf("got %v, %v, want 7", a.value, a.failure)
	}
	if svc.Name() != "math" || svc.Address().String() != "math@3" {
		t.Errorf("the service is %s, %v", svc.Name(), svc.Address())
	}
	cancel()
	p.done(p.expect(wire.KindWithdraw))
	p.expect(wire.KindBye)
	p.lose()
	if err := testnet.Receive(t, "the end of Run", result); err != nil {
		t.Errorf("Run = %v", err)
	}
	if err := service.Run(t.Context(), "nowhere", svc); err == nil {
		t.Error("Run took an address that is none")
	}
	s.wg.Wait()
}
