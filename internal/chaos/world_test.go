//go:build linux

package chaos_test

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// How many there are.
const (
	replicas = 3
	callers  = 3
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
	exchange *exchangeProcess
	replicas []*member
	callers  []*member
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, seed: seed, dir: t.TempDir()}
	j, err := openJournal(filepath.Join(w.dir, "test.history"), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.file.Close() })
	w.journal = j
	w.exchange = startExchange(t, append(tenth, "--grace", "1s")...)
	for place := range replicas {
		w.replicas = append(w.replicas, w.populate("replica", place, true))
	}
	for place := range callers {
		w.callers = append(w.callers, w.populate("caller", place, place > 0))
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
	m.process = startRole(w.t, m.role, c)
}

// kill kills a member and writes that down. The record comes first: who reads it must not
// hold an outcome against the caller that was told just before.
func (w *world) kill(m *member) {
	w.journal.write(record{Kind: killed, Process: m.name()})
	m.kill()
}

// connect makes a connection of the test's own, beside the world's links.
func (w *world) connect() *service.Conn {
	w.t.Helper()
	return connect(w.t, w.exchange.addr)
}

// connect makes a connection that lasts as long as t.
func connect(t testing.TB, addr string) *service.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testnet.Patience)
	defer cancel()
	conn, err := service.Connect(ctx, addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// totals are the counters of an exchange.
func totals(t testing.TB, conn *service.Conn) exchange.Totals {
	t.Helper()
	got, err := service.Call[exchange.Totals](t.Context(), conn.Endpoint("_exchange"), "stats")
	if err != nil {
		t.Fatalf("ask the exchange for its counters: %v", err)
	}
	return got
}

// settle ends the load when everybody is well, and looks for what is left: first that the
// world works, then that the callers leave nothing behind.
func (w *world) settle() {
	t := w.t
	t.Helper()
	probe := w.connect()
	testnet.WaitFor(t, "all replicas to be back", func() bool { return totals(t, probe).Instances == replicas })
	testnet.WaitFor(t, "a call to go well", func() bool {
		_, err := probe.Endpoint(workName).Call(t.Context(), "system.ping")
		return err == nil
	})
	for _, m := range w.callers {
		m.end(t, syscall.SIGTERM)
	}
	var left exchange.Totals
	testnet.WaitFor(t, "no open calls and only the replicas' and the probe's sessions", func() bool {
		left = totals(t, probe)
		return left.OpenCalls <= 1 && left.Sessions == replicas+1 // the question itself is open
	})
	w.wantOneSocketEach(left.Sessions)
	for _, m := range w.replicas {
		m.end(t, syscall.SIGINT)
	}
	probe.Close()
	w.wantNothingOfSessions()
}

// fixedDescriptors is the most that an exchange without sessions has open: its three
// streams, the poller's two or three, listeners, and what the runtime reads once.
const fixedDescriptors = 12

// wantOneSocketEach holds the exchange to a descriptor for each session.
func (w *world) wantOneSocketEach(sessions int) {
	w.t.Helper()
	open := descriptorsOf(w.exchange.pid())
	if open > sessions+fixedDescriptors {
		w.t.Errorf("the exchange has %d descriptors open with %d sessions", open, sessions)
	}
}

// fixedGoroutines is the most that an exchange without sessions has: main and its command,
// signals, clock, keeper, listeners, its own session, the workers of its own service.
const fixedGoroutines = 20

// wantNothingOfSessions waits until all connections are gone and counts what is left.
func (w *world) wantNothingOfSessions() {
	w.t.Helper()
	testnet.WaitFor(w.t, "the exchange's descriptors to be closed", func() bool {
		return descriptorsOf(w.exchange.pid()) <= fixedDescriptors
	})
	left, stacks := w.exchange.goroutines(w.t)
	if left == 0 || left > fixedGoroutines {
		w.t.Errorf("the exchange has %d goroutines without sessions, want 1 to %d:\n%s", left, fixedGoroutines, stacks)
	}
	w.t.Logf("the exchange without sessions: %d goroutines", left)
}

// calm heals everything that may be hurt.
func (w *world) calm() {
	w.exchange.signal(syscall.SIGCONT)
	for _, m := range append(append([]*member{}, w.replicas...), w.callers...) {
		m.signal(syscall.SIGCONT)
		if m.link != nil {
			mend(m.link)
		}
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
