package main

import (
	"net"
	"net/netip"
	"sync"
)

// clients counts the connections of each address, so that nobody takes all of them. Programs of
// this machine are not counted: a proxy is one of them, and brings everybody's calls.
type clients struct {
	most   int // of one address; zero means no limit
	mu     sync.Mutex
	counts map[netip.Addr]int // no longer than the list of connections
}

// clientOf is whom a connection counts for, the zero address for one that is not counted.
func clientOf(conn net.Conn) netip.Addr {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap()
}

// add counts one more, and reports false when the address has as many as it may.
func (c *clients) add(client netip.Addr) bool {
	if c.most == 0 || !client.IsValid() {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts[client] >= c.most {
		return false
	}
	if c.counts == nil {
		c.counts = map[netip.Addr]int{}
	}
	c.counts[client]++
	return true
}

// remove takes back one that was added.
func (c *clients) remove(client netip.Addr) {
	if c.most == 0 || !client.IsValid() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts[client]--; c.counts[client] == 0 {
		delete(c.counts, client)
	}
}
