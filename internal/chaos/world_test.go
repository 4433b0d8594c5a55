//go:build linux

package chaos_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// How many there are.
const (
	replicas = 3
	callers  = 3
	webs     = 1
)

// member is a replica or a caller: a place that is filled by one process after the other.
type member struct {
	role  string
	place int
	life  int
	link  *testnet.Proxy // between it and the exchange; nil for none
	*process
}

func (m *member) name() string { return fmt.Sprintf("%s%d.%d", m.role, m.place, m.life) }

// world is everything that runs.
type world struct {
	t        *testing.T
	seed     uint64
	dir      string // of the histories
	journal  *journal
	exchange *server
	gateway  *server
	hatch    *testnet.Proxy // between gateway and exchange
	replicas []*member
	callers  []*member // those over HTTP come last, and have no link to the exchange
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, seed: seed, dir: t.TempDir()}
	j, err := openJournal(filepath.Join(w.dir, "test.history"), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.file.Close() })
	w.journal = j
	w.exchange = startServer(t, "exchange", append(tenth, "--grace", "1s")...)
	w.hatch = testnet.NewProxy(t, w.exchange.addr)
	w.gateway = startGateway(t, w.hatch.Addr(), "--service", workName, "--service", aloneName,
		"--fault-codes", "ose", "--grace", "1s", "--timeout", "3s")
	for place := range replicas {
		w.replicas = append(w.replicas, w.populate("replica", place, true))
	}
	for place := range callers {
		w.callers = append(w.callers, w.populate("caller", place, place > 0))
	}
	for place := range webs {
		w.callers = append(w.callers, w.populate("web", place, false))
	}
	return w
}

// populate fills a new place, linked directly or through a proxy.
func (w *world) populate(role string, place int, proxied bool) *member {
	m := &member{role: role, place: place}
	if proxied {
		m.link = testnet.NewProxy(w.t, w.exchange.addr)
	}
	w.revive(m)
	return m
}

// revive begins the next life of a place.
func (w *world) revive(m *member) {
	m.life++
	c := config{
		Name: m.name(), Exchange: w.exchange.addr, Seed: w.seed + uint64(100*m.place+m.life),
		History: filepath.Join(w.dir, m.name()+".history"),
	}
	if m.link != nil {
		c.Exchange = m.link.Addr()
	}
	if m.role == "web" {
		c.Exchange = w.gateway.addr
	}
	m.process = startRole(w.t, m.role, c)
}

// kill kills a member and writes that down. The record comes first: who reads it must not
// hold an outcome against the caller that was told just before.
func (w *world) kill(m *member) {
	w.journal.write(record{Kind: killed, Process: m.name()})
	m.kill()
}

// links are those that go through a proxy.
func (w *world) links() []*testnet.Proxy {
	links := []*testnet.Proxy{w.hatch}
	for _, m := range slices.Concat(w.replicas, w.callers) {
		if m.link != nil {
			links = append(links, m.link)
		}
	}
	return links
}

// connect makes a connection of the test's own, beside the world's links.
func (w *world) connect() *service.Conn {
	w.t.Helper()
	return connect(w.t, w.exchange.addr)
}

// calm heals everything that may be hurt.
func (w *world) calm() {
	w.exchange.signal(syscall.SIGCONT)
	for _, m := range slices.Concat(w.replicas, w.callers) {
		m.signal(syscall.SIGCONT)
	}
	for _, link := range w.links() {
		mend(link)
	}
}

// mend ends a fault of a link. Bytes that a black hole took are gone, so what was connected
// through it is cut, and once more what connected between the two.
func mend(link *testnet.Proxy) {
	link.Reset()
	link.Set(testnet.Fault{})
	link.Reset()
}

// during keeps something hurt for a time.
func (w *world) during(d time.Duration) { rest(context.Background(), d) }
