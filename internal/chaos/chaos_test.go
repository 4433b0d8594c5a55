//go:build linux

package chaos_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
)

// The times of the exchange in this test, and what a busy machine may add.
const (
	deadTime = 1450 * time.Millisecond
	slack    = 4 * time.Second
)

// blow is something that is done to somebody.
type blow struct {
	name   string
	strike func(w *world, random *rand.Rand)
}

// processBlows are the ways to hurt processes.
var processBlows = []blow{
	{"kill a replica", func(w *world, random *rand.Rand) {
		m := pick(w.replicas, random)
		w.kill(m)
		w.revive(m)
	}},
	{"kill a caller", func(w *world, random *rand.Rand) {
		m := pick(w.callers, random)
		w.kill(m)
		w.revive(m)
	}},
	{"kill the exchange", func(w *world, random *rand.Rand) {
		w.exchange.kill()
		w.during(upTo(random, 500*time.Millisecond))
		w.exchange.restart(w.t)
	}},
	{"stop a replica", func(w *world, random *rand.Rand) { w.freeze(pick(w.replicas, random).process, random) }},
	{"stop the exchange", func(w *world, random *rand.Rand) { w.freeze(w.exchange.process, random) }},
	{"drain a replica", func(w *world, random *rand.Rand) {
		m := pick(w.replicas, random)
		m.end(w.t, syscall.SIGINT)
		w.revive(m)
	}},
	{"drain the exchange", func(w *world, _ *rand.Rand) {
		w.exchange.end(w.t, syscall.SIGINT)
		w.exchange.restart(w.t)
	}},
	{"kill the gateway", func(w *world, random *rand.Rand) {
		w.gateway.kill()
		w.during(upTo(random, 300*time.Millisecond))
		w.gateway.restart(w.t)
	}},
	{"drain the gateway", func(w *world, _ *rand.Rand) {
		w.gateway.end(w.t, syscall.SIGTERM)
		w.gateway.restart(w.t)
	}},
}

// linkBlows are the ways to hurt what lies between them.
var linkBlows = []blow{
	{"black hole", func(w *world, random *rand.Rand) {
		link := w.pickLink(random)
		link.Set(testnet.Fault{BlackHole: true})
		w.during(upTo(random, 2500*time.Millisecond))
		mend(link)
	}},
	{"one-way black hole", func(w *world, random *rand.Rand) {
		link := w.pickLink(random)
		link.Set(testnet.Fault{BlackHole: true}, testnet.Direction(random.IntN(2)))
		w.during(upTo(random, 2500*time.Millisecond))
		mend(link)
	}},
	{"reset", func(w *world, random *rand.Rand) { w.pickLink(random).Reset() }},
	{"slices", func(w *world, random *rand.Rand) {
		w.pickLink(random).Set(testnet.Fault{Slice: 1 + random.IntN(40), Latency: upTo(random, 20*time.Millisecond)})
	}},
}

func pick[T any](from []T, random *rand.Rand) T { return from[random.IntN(len(from))] }

func upTo(random *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(d)))
}

// pickLink chooses a link that goes through a proxy.
func (w *world) pickLink(random *rand.Rand) *testnet.Proxy { return pick(w.links(), random) }

// freeze stops a process for a time that may be its death for others, or not.
func (w *world) freeze(p *process, random *rand.Rand) {
	p.signal(syscall.SIGSTOP)
	w.during(upTo(random, 3*time.Second))
	p.signal(syscall.SIGCONT)
}

// chaosTime is how long the test deals blows.
func chaosTime(t *testing.T) time.Duration {
	text := os.Getenv("CHAOS_TIME")
	if text == "" {
		return 16 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("CHAOS_TIME: %v", err)
	}
	return d
}

func chaosSeed(t *testing.T) uint64 {
	text := os.Getenv("CHAOS_SEED")
	if text == "" {
		return rand.Uint64N(1_000_000)
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("CHAOS_SEED: %v", err)
	}
	return seed
}

// TestChaos hurts everybody for a time and then reads what they have written.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute of real time")
	}
	seed := chaosSeed(t)
	t.Logf("CHAOS_SEED=%d", seed)
	w := newWorld(t, seed)
	dealt := w.deal(chaosTime(t))
	w.calm()
	w.settle()
	records, err := readRecords(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	h := newHistory(records, deadTime, slack)
	report(t, h, dealt)
	accuse(t, h.violations(), newTimeline(records))
}

// mostAccused is how many violations are printed; the timeline has them all.
const mostAccused = 20

// accuse fails t with what is wrong, and keeps the whole story for whoever looks into it.
func accuse(t *testing.T, wrong []violation, l *timeline) {
	t.Helper()
	for _, v := range wrong[:min(len(wrong), mostAccused)] {
		if v.story == nil {
			t.Error(v.text)
		} else {
			t.Errorf("%s%s", v.text, l.lines(v.story))
		}
	}
	if !t.Failed() {
		return
	}
	path, err := l.save()
	if err != nil {
		t.Fatal(err)
	}
	t.Errorf("%d violations; who did and was told what, in the order of time: %s", len(wrong), path)
}

// deal deals blows for a time and counts them: two hands, one for processes and one for
// links, so that two things go wrong at once.
func (w *world) deal(total time.Duration) map[string]int {
	w.during(time.Second)
	end := clock() + total
	var other map[string]int
	var wg sync.WaitGroup
	wg.Go(func() { other = w.hand(linkBlows, 1, end) }) // ends at end, its links mended
	dealt := func() map[string]int {
		defer wg.Wait()
		return w.hand(processBlows, 0, end)
	}()
	maps.Copy(dealt, other)
	return dealt
}

// hand deals blows until end. Each is dealt once before any is dealt again, and all are.
func (w *world) hand(blows []blow, number uint64, end time.Duration) map[string]int {
	random := rand.New(rand.NewPCG(w.seed, number))
	dealt := map[string]int{}
	for clock() < end {
		for _, i := range random.Perm(len(blows)) {
			if clock() > end && len(dealt) == len(blows) {
				break
			}
			w.journal.write(record{Kind: struck, Note: blows[i].name})
			blows[i].strike(w, random)
			dealt[blows[i].name]++
			w.during(upTo(random, 800*time.Millisecond))
		}
	}
	return dealt
}
