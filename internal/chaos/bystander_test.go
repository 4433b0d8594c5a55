//go:build linux

package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// bystander is the name of a process that has nothing to do with a fault: it announces a
// service by one connection and calls it by another.
const bystander = "bystander"

// bystanderPause is how long it rests between two calls: less when its figures are wanted.
func bystanderPause() time.Duration {
	if os.Getenv("CHAOS_FULL") != "" {
		return time.Millisecond
	}
	return 5 * time.Millisecond
}

// sighting is how a bystander's calls went.
type sighting struct {
	Calls, Failed     int
	First             string        // of the failures
	P50, P99, Longest time.Duration // of those that went well
}

// runBystander calls until SIGTERM and writes its sighting into its file, which is there
// and empty when it begins.
func runBystander(c config) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	opts := &service.Options{Program: bystander, Timeout: 10 * time.Second}
	host, err := service.Connect(ctx, c.Exchange, opts)
	if err != nil {
		return err
	}
	defer host.Close()
	s := service.New(bystander, nil)
	s.Export("echo", func(n int64) int64 { return n }, nil)
	if err := host.Announce(ctx, s); err != nil {
		return err
	}
	caller, err := service.Connect(ctx, c.Exchange, opts)
	if err != nil {
		return err
	}
	defer caller.Close()
	if err := os.WriteFile(c.History, nil, 0o600); err != nil {
		return err
	}
	text, err := json.Marshal(look(ctx, caller.Endpoint(bystander)))
	if err != nil {
		return err
	}
	return os.WriteFile(c.History, text, 0o600)
}

// look makes calls until ctx ends.
func look(ctx context.Context, e *service.Endpoint) sighting {
	var seen sighting
	var took []time.Duration
	pause := bystanderPause()
	for seen.Calls = 1; ctx.Err() == nil; seen.Calls++ {
		from := clock()
		if _, err := e.Call(context.Background(), "echo", seen.Calls); err != nil {
			seen.Failed++
			if seen.First == "" {
				seen.First = err.Error()
			}
		} else {
			took = append(took, clock()-from)
		}
		rest(ctx, pause)
	}
	seen.Calls--
	slices.Sort(took)
	if n := len(took); n > 0 {
		seen.P50, seen.P99, seen.Longest = took[n/2], took[n*99/100], took[n-1]
	}
	return seen
}

// watched has a bystander look at the exchange until all else of the test is over, wants
// its calls to go well unless the exchange itself was hurt, and prints how they went.
func (s *server) watched(t testing.TB) {
	t.Helper()
	file := filepath.Join(t.TempDir(), bystander)
	p := startRole(t, bystander, config{Name: bystander, Exchange: s.addr, History: file})
	testnet.WaitFor(t, "the bystander to look", func() bool {
		_, err := os.Stat(file)
		return err == nil
	})
	t.Cleanup(func() {
		p.end(t, syscall.SIGTERM)
		var seen sighting
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &seen)
		}
		if err != nil {
			t.Errorf("the bystander's sighting: %v", err)
		}
		if !s.hurt && (seen.Failed > 0 || seen.Calls == 0) {
			t.Errorf("%d of %d calls of a bystander failed, the first with %s", seen.Failed, seen.Calls, seen.First)
		}
		cases.add(line{name: strings.TrimPrefix(t.Name(), "Test"), seen: seen, notes: s.notes, hurt: s.hurt})
	})
}

// note remembers a figure for the table.
func (s *server) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// cases is the table of all cases that have run.
var cases table

// table is printed when all tests are over.
type table struct {
	mu    sync.Mutex
	lines []line
}

// line is one case, and what a bystander saw of it.
type line struct {
	name  string
	seen  sighting
	notes []string
	hurt  bool // the exchange itself was
}

func (t *table) add(l line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, l)
}

func (t *table) print() {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "case\tbystander's calls\tfailed\tp50\tp99\tlongest\t")
	for _, l := range t.lines {
		failed := fmt.Sprint(l.seen.Failed)
		if l.hurt {
			failed += " (exchange hurt)"
		}
		fmt.Fprintf(out, "%s\t%d\t%s\t%v\t%v\t%v\t%s\n", l.name, l.seen.Calls, failed, short(l.seen.P50), short(l.seen.P99), short(l.seen.Longest), strings.Join(l.notes, "; "))
	}
	out.Flush()
}

func short(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
