package testnet

import (
	"context"
	"net"
	"sync"
	"testing"
)

// Proxy listens on a loopback port, joins each connection made there to one of its own
// to the target, and carries bytes both ways, spoiled by the Fault set for each way.
// All methods may be called from any goroutine, while bytes flow.
type Proxy struct {
	target   string
	listener net.Listener
	ways     [2]*way
	cancel   context.CancelFunc
	wg       sync.WaitGroup

	mu     sync.Mutex
	links  map[*link]struct{}
	closed bool
}

// NewProxy starts a Proxy in front of target, a TCP address. The target is dialled
// for each connection, so it may come and go; while it is away, connections to the
// Proxy are reset. The Proxy is closed when t ends.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen for the proxy: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Proxy{
		target:   target,
		listener: listener,
		ways:     [2]*way{Up: newWay(), Down: newWay()},
		cancel:   cancel,
		links:    make(map[*link]struct{}),
	}
	p.wg.Go(func() { p.accept(ctx) }) // ends when Close closes the listener
	t.Cleanup(p.Close)
	return p
}

// Addr is the address to dial instead of the target.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set spoils the named directions, or both when none is named, by f, from the next
// write on, on connections that exist and those to come. Set(Fault{}) ends all faults.
func (p *Proxy) Set(f Fault, directions ...Direction) {
	if len(directions) == 0 {
		directions = []Direction{Up, Down}
	}
	for _, d := range directions {
		p.ways[d].set(f)
	}
}

// Swallowed is the number of bytes that black holes have dropped in one direction. A
// test waits for it to grow to know that the fault has bitten.
func (p *Proxy) Swallowed(d Direction) int64 { return p.ways[d].swallowed.Load() }

// Conns is the number of connections carried now.
func (p *Proxy) Conns() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// HalfClose ends one direction of each present connection: its reader sees the end of
// the stream, later bytes are dropped, and the other direction lives on.
func (p *Proxy) HalfClose(d Direction) {
	for _, l := range p.snapshot() {
		l.lanes[d].finish()
	}
}

// Reset tears each present connection down with a TCP reset to both sides, as a
// crashed kernel or an impatient firewall does.
func (p *Proxy) Reset() {
	for _, l := range p.snapshot() {
		l.reset()
	}
}

// Close stops listening, closes every connection and waits for all goroutines of the
// Proxy. It may be called many times.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	p.listener.Close()
	for _, l := range p.snapshot() {
		l.end()
	}
	p.wg.Wait()
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		// Ends when either side ends the connection, or by Close.
		p.wg.Go(func() { p.serve(ctx, near.(*net.TCPConn)) })
	}
}

// serve carries one connection until its end.
func (p *Proxy) serve(ctx context.Context, near *net.TCPConn) {
	var dialer net.Dialer
	far, err := dialer.DialContext(ctx, "tcp", p.target)
	if err != nil {
		abort(near)
		return
	}
	l := newLink(near, far.(*net.TCPConn), p.ways)
	defer l.end()
	if !p.add(l) {
		return
	}
	defer p.remove(l)
	l.run()
}

// add reports false when the Proxy is closed, and then nobody else will end l.
func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.links[l] = struct{}{}
	return true
}

func (p *Proxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

func (p *Proxy) snapshot() []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	links := make([]*link, 0, len(p.links))
	for l := range p.links {
		links = append(links, l)
	}
	return links
}
