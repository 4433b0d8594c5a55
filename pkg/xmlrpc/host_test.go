package xmlrpc_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func TestGatewayChecksHostOnLoopback(t *testing.T) {
	g := newGateway(t, &xmlrpc.GatewayOptions{Hosts: []string{"gate.example.org"}})
	loopback := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8000}
	outside := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8000}
	tests := map[string]struct {
		local  *net.TCPAddr
		host   string
		status int
	}{
		"localhost":             {loopback, "LocalHost:8000", 200},
		"an address":            {loopback, "127.0.0.2", 200},
		"an address of IPv6":    {loopback, "[::1]", 200},
		"an allowed name":       {loopback, "Gate.example.org:80", 200},
		"no Host":               {loopback, "", 200},
		"a page's name":         {loopback, "evil.example.org", 403},
		"a public address":      {loopback, "192.0.2.1:8000", 403},
		"any name from outside": {outside, "evil.example.org", 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := request(t, "/RPC2", "math.multiply", 3, 4)
			r.Host = test.host
			w := send(g, r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(test.local))))
			if w.Code != test.status {
				t.Errorf("status = %d, want %d", w.Code, test.status)
			}
		})
	}
}
