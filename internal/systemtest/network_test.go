package systemtest

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// network is a place where an exchange may be, and how processes reach it. The exchange can
// be closed and another one opened at the same place.
type network struct {
	t    *testing.T
	kind string            // "memory", "tcp" or "unix"
	opts *exchange.Options // of each exchange

	mu   sync.Mutex
	addr string // of the sockets; empty until the kernel has chosen a port
	ex   *exchange.Exchange
}

// overEach runs a test that needs no clock over each kind of network. No exchange is open
// at first.
func overEach(t *testing.T, body func(t *testing.T, n *network)) {
	t.Helper()
	for _, kind := range []string{"memory", "tcp", "unix"} {
		t.Run(kind, func(t *testing.T) {
			testnet.LeakCheck(t)
			body(t, newNetwork(t, kind))
		})
	}
}

// inBubble runs a test about time over memory.
func inBubble(t *testing.T, body func(t *testing.T, n *network)) {
	t.Helper()
	testnet.LeakCheck(t)
	synctest.Test(t, func(t *testing.T) { body(t, newNetwork(t, "memory")) })
}

func newNetwork(t *testing.T, kind string) *network {
	t.Helper()
	n := &network{t: t, kind: kind}
	if kind == "unix" {
		n.addr = filepath.Join(shortTempDir(t), "exchange")
	}
	t.Cleanup(n.close)
	return n
}

// shortTempDir makes a folder whose name leaves room for that of a socket, which has 108
// bytes at most; the one of t contains the name of the test.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "netsvc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// open starts an exchange.
func (n *network) open() *exchange.Exchange {
	n.t.Helper()
	ex, err := exchange.New(n.opts)
	if err != nil {
		n.t.Fatal(err)
	}
	if n.kind != "memory" {
		n.listen(ex)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ex = ex
	return ex
}

// listen gives the exchange the network's address. A port that was free a moment ago may
// be taken for another test's connection, which goes away.
func (n *network) listen(ex *exchange.Exchange) {
	n.t.Helper()
	address := n.addr
	if address == "" {
		address = "127.0.0.1:0"
	}
	testnet.WaitFor(n.t, "the address to be free", func() bool {
		bound, err := ex.Listen(n.kind, address)
		if err == nil {
			n.mu.Lock()
			n.addr = bound.String()
			n.mu.Unlock()
		}
		return err == nil
	})
}

// reserve makes sure that the network has an address though no exchange is open.
func (n *network) reserve() {
	n.t.Helper()
	if n.kind == "tcp" {
		n.open()
		n.close()
	}
}

// exchange returns the exchange that is open, or nil.
func (n *network) exchange() *exchange.Exchange {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ex
}

// close ends the exchange at once, as the death of its process would.
func (n *network) close() {
	n.mu.Lock()
	ex := n.ex
	n.ex = nil
	n.mu.Unlock()
	if ex != nil {
		ex.Close()
	}
}

// errAway is what dialling in memory gets while no exchange is open.
var errAway = errors.New("no exchange is open")

func (n *network) dial(ctx context.Context) (net.Conn, error) {
	ex := n.exchange()
	if ex == nil {
		return nil, errAway
	}
	return ex.Dial(ctx)
}

// dialAny makes a connection over any kind of network.
func (n *network) dialAny(ctx context.Context) (net.Conn, error) {
	if n.kind == "memory" {
		return n.dial(ctx)
	}
	n.mu.Lock()
	addr := n.addr
	n.mu.Unlock()
	var d net.Dialer
	return d.DialContext(ctx, n.kind, addr)
}

// address is what a user would type.
func (n *network) address() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch n.kind {
	case "unix":
		return "unix:" + n.addr
	case "tcp":
		return n.addr
	}
	return "11111" // not dialled: memory has a Dial of its own
}

// connect makes a connection and waits for the exchange. It is closed at the test's end.
// Without options it retries quickly, in real time.
func (n *network) connect(opts *service.Options) *service.Conn {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), testnet.Patience)
	defer cancel()
	conn, err := service.Connect(ctx, n.address(), n.options(opts))
	if err != nil {
		n.t.Fatalf("connect: %v", err)
	}
	n.t.Cleanup(func() { conn.Close() })
	return conn
}

// background is connect without waiting.
func (n *network) background(opts *service.Options) *service.Conn {
	n.t.Helper()
	var o service.Options
	if opts != nil {
		o = *opts
	}
	o.Background = true
	return n.connect(&o)
}

func (n *network) options(opts *service.Options) *service.Options {
	o := service.Options{RetryMin: time.Millisecond, RetryMax: 20 * time.Millisecond}
	if opts != nil {
		o = *opts
	}
	if n.kind == "memory" && o.Dial == nil {
		o.Dial = n.dial
	}
	return &o
}

// announce makes a service known by a connection of its own.
func (n *network) announce(s *service.Service) *service.Conn {
	n.t.Helper()
	conn := n.connect(nil)
	n.announceBy(conn, s)
	return conn
}

func (n *network) announceBy(conn *service.Conn, services ...*service.Service) {
	n.t.Helper()
	for _, s := range services {
		ctx, cancel := context.WithTimeout(n.t.Context(), testnet.Patience)
		err := conn.Announce(ctx, s)
		cancel()
		if err != nil {
			n.t.Fatalf("announce %s: %v", s.Name(), err)
		}
	}
}

// run runs services as a process of its own does, and returns a func that stops it and
// waits.
func (n *network) run(services ...*service.Service) (stop func() error) {
	n.t.Helper()
	conn := n.background(nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.RunConn(ctx, conn, testnet.Patience, services...) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	n.t.Cleanup(func() { stop() })
	return stop
}

// unanswered is a Dial of an exchange that never comes.
func unanswered(context.Context) (net.Conn, error) { return nil, errAway }
