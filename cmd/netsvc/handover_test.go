package main

import (
	"net"
	"testing"
)

func TestReachable(t *testing.T) {
	tests := map[string]struct {
		address net.Addr
		want    bool
	}{
		"loopback":           {&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, false},
		"loopback of IPv6":   {&net.TCPAddr{IP: net.IPv6loopback}, false},
		"all addresses":      {&net.TCPAddr{IP: net.IPv4zero}, true},
		"all, IPv6":          {&net.TCPAddr{IP: net.IPv6unspecified}, true},
		"an address of many": {&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, true},
		"a Unix socket":      {&net.UnixAddr{Name: "/run/netsvc", Net: "unix"}, false},
	}
	for name, test := range tests {
		if got := reachable(test.address); got != test.want {
			t.Errorf("%s: reachable(%v) = %v, want %v", name, test.address, got, test.want)
		}
	}
}
