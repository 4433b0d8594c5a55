//go:build linux

package chaos_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
)

// A publisher, ten readers, one of whom is stopped for less than the time of the dead.
func TestFault_11_StoppedSubscriberIsToldExactlyWhatItMisses(t *testing.T) {
	t.Run("a modest rate", func(t *testing.T) {
		testnet.LeakCheck(t)
		ex := startExchange(t)
		stopOneReader(t, ex, 2*time.Second, config{Pace: 1_000, Size: 16 << 10})
	})
	t.Run("half of what is possible", func(t *testing.T) {
		if os.Getenv("CHAOS_FULL") == "" {
			t.Skip("takes long; CHAOS_FULL is not set")
		}
		testnet.LeakCheck(t)
		possible := mostReports(t, 2<<10)
		ex := startExchange(t)
		ex.note("%d reports/s to %d readers were possible", possible, readers)
		stopOneReader(t, ex, mostStop, config{Pace: possible / 2, Size: 2 << 10})
	})
}

// mostReports is how many reports a second of a publisher that does not wait reach each reader.
func mostReports(t *testing.T, size int) int {
	t.Helper()
	ex := startExchange(t)
	p := openPaper(t, ex, config{Size: size})
	p.rest(2 * time.Second)
	e, got := p.close()
	delivered := uint64(0)
	for _, r := range got {
		delivered += r.Delivered
	}
	return int(float64(delivered) / readers / e.Took.Seconds())
}

// stopOneReader stops a reader for a time and looks at what becomes of all.
func stopOneReader(t *testing.T, ex *server, length time.Duration, c config) {
	t.Helper()
	p := openPaper(t, ex, c)
	p.rest(500 * time.Millisecond)
	before := memory(t, ex.pid())
	p.readers[0].signal(syscall.SIGSTOP)
	most := p.look(length)
	p.readers[0].signal(syscall.SIGCONT)
	p.rest(500 * time.Millisecond)
	e, got := p.close()
	grown := most.memory - before
	ex.note("%.0f reports/s of %d bytes, the longest Publish %v; one of %d readers stopped for %v: %d of %d lost in %d gaps; %d KiB queued, the exchange has grown by %d KiB",
		float64(e.Published)/e.Took.Seconds(), c.Size, short(e.Longest), readers, length, got[0].Lost, e.Published, got[0].Gaps, most.queued>>10, grown>>10)
	for i, r := range got {
		if r.next() != e.Published {
			t.Errorf("reader %d got %d reports and was told of %d that are missing, want %d together", i, r.Delivered, r.Lost, e.Published)
		}
		if i > 0 && r.Lost > 0 {
			t.Errorf("reader %d lost %d reports, want none but for the one that was stopped", i, r.Lost)
		}
	}
	if got[0].Lost == 0 || got[0].Gaps == 0 {
		t.Errorf("the stopped reader lost %d reports in %d gaps, want some", got[0].Lost, got[0].Gaps)
	}
	if most.queued == 0 || most.queued > queueLimit || most.waiting > queueLimit+outboxLimit || grown > grownLimit {
		t.Errorf("%d bytes queued, %d with the outbox, the exchange has grown by %d; want at most %d, %d and %d",
			most.queued, most.waiting, grown, queueLimit, queueLimit+outboxLimit, grownLimit)
	}
}

const (
	// queueLimit is what may wait for one subscription beside its outbox.
	queueLimit = 8 << 20
	// grownLimit is what a process that reads nothing may cost, resident: all that may wait for
	// it, as much again until the garbage is collected, and some for everybody else's traffic.
	grownLimit = memoryOfAByte * (2*(queueLimit+outboxLimit) + 16<<20)
)

// paper is a publisher and its readers, all at work.
type paper struct {
	t         *testing.T
	ex        *server
	dir       string
	publisher *process
	readers   [readers]*process
}

// openPaper starts all and waits until the first report may be on its way.
func openPaper(t *testing.T, ex *server, c config) *paper {
	t.Helper()
	p := &paper{t: t, ex: ex, dir: t.TempDir()}
	c.Exchange, c.Name, c.History = ex.addr, "publisher", p.file("publisher")
	p.publisher = startRole(t, "publisher", c)
	for i := range p.readers {
		c.Name = fmt.Sprint("reader", i)
		c.History = p.file(c.Name)
		p.readers[i] = startRole(t, "reader", c)
	}
	testnet.WaitFor(t, "the publisher to see its readers", func() bool {
		_, err := os.Stat(p.file("publisher"))
		return err == nil
	})
	return p
}

func (p *paper) file(name string) string { return filepath.Join(p.dir, name) }

func (p *paper) rest(d time.Duration) { rest(p.t.Context(), d) }

// paperLoad is the most that was seen.
type paperLoad struct {
	memory  int // of the exchange
	queued  int // for one subscription
	waiting int // for one process, its outbox included
}

// mostStop is the longest that a reader is stopped.
const mostStop = 8 * time.Second

// look watches the exchange for a time, and on a busy machine until it has lost something.
func (p *paper) look(length time.Duration) (most paperLoad) {
	p.t.Helper()
	conn := connect(p.t, p.ex.addr)
	defer conn.Close()
	lost := uint64(0)
	for from := clock(); clock()-from < length || lost == 0 && clock()-from < mostStop; p.rest(20 * time.Millisecond) {
		most.memory = max(most.memory, memory(p.t, p.ex.pid()))
		for _, s := range question[[]exchange.SubscriptionInfo](p.t, conn, "subscriptions") {
			most.queued = max(most.queued, s.QueuedBytes)
			lost += s.Lost
		}
		for _, s := range sessions(p.t, conn) {
			most.waiting = max(most.waiting, s.QueueBytes)
		}
	}
	return most
}

// close has the publisher publish the last report and waits until all have ended by it.
func (p *paper) close() (e edition, got [readers]reading) {
	p.t.Helper()
	p.publisher.end(p.t, syscall.SIGTERM)
	p.result("publisher", &e)
	for i, r := range p.readers {
		testnet.Receive(p.t, "the end of a reader", r.ended)
		if r.err != nil {
			p.t.Fatalf("reader %d ended with %v: %s", i, r.err, r.output)
		}
		p.result(fmt.Sprint("reader", i), &got[i])
	}
	return e, got
}

func (p *paper) result(name string, into any) {
	p.t.Helper()
	text, err := os.ReadFile(p.file(name))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		p.t.Fatalf("the result of the %s: %v", name, err)
	}
}
