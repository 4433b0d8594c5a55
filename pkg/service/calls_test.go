package service

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestCallTable drives the caller's table of calls against a model: each call is decided by
// exactly one event, an id is not given away before its terminal frame, and the limit holds.
func TestCallTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &tableModel{table: newCalls(uint32(rapid.IntRange(1, 5).Draw(t, "limit"))), open: map[uint64]*call{}, retired: map[uint64]bool{}}
		t.Repeat(map[string]func(*rapid.T){
			"open": m.opens, "end": m.ends, "retire": m.retires, "abandon": m.abandons,
			"expire": m.expires, "stranger": m.stranger, "": m.check,
		})
		m.close(t)
	})
}

type tableModel struct {
	table   *calls
	open    map[uint64]*call
	retired map[uint64]bool
	used    map[uint64]bool
}

func (m *tableModel) opens(t *rapid.T) {
	c := &call{}
	c.deadline = time.Duration(rapid.IntRange(1, 100).Draw(t, "deadline"))
	id, alone, how := m.table.open(c, c.deadline)
	full := len(m.open)+len(m.retired) == int(m.table.limit)
	if full != (how == openedFull) {
		t.Fatalf("open with %d of %d taken: %d", len(m.open)+len(m.retired), m.table.limit, how)
	}
	if full {
		return
	}
	if m.used[id] {
		t.Fatalf("id %#x was given away twice", id)
	}
	if m.used == nil {
		m.used = map[uint64]bool{}
	}
	m.used[id] = true
	m.open[id] = c
	if alone != (len(m.open)+len(m.retired) == 1) {
		t.Fatalf("alone is %v with %d calls", alone, len(m.open)+len(m.retired))
	}
}

// some draws the id of a call that is open or retired.
func (m *tableModel) some(t *rapid.T) uint64 {
	ids := slices.Sorted(maps.Keys(m.open))
	ids = append(ids, slices.Sorted(maps.Keys(m.retired))...)
	if len(ids) == 0 {
		t.Skip("no call")
	}
	return rapid.SampledFrom(ids).Draw(t, "id")
}

func (m *tableModel) ends(t *rapid.T) {
	id := m.some(t)
	c, ok := m.table.end(id)
	if !ok || c != m.open[id] {
		t.Fatalf("end of %#x gave %p, %v, want %p", id, c, ok, m.open[id])
	}
	if _, again := m.table.end(id); again {
		t.Fatalf("%#x ended twice", id)
	}
	delete(m.open, id)
	delete(m.retired, id)
	m.table.recycle([]uint32{uint32(id)})
}

func (m *tableModel) retires(t *rapid.T) {
	id := m.some(t)
	if won := m.table.retire(id); won != (m.open[id] != nil) {
		t.Fatalf("retire of %#x = %v", id, won)
	}
	delete(m.open, id)
	m.retired[id] = true
}

func (m *tableModel) abandons(t *rapid.T) {
	id := m.some(t)
	if m.retired[id] {
		t.Skip("only open calls are abandoned")
	}
	if !m.table.abandon(id) {
		t.Fatalf("%#x could not be abandoned", id)
	}
	delete(m.open, id)
}

func (m *tableModel) expires(t *rapid.T) {
	before := time.Duration(rapid.IntRange(0, 100).Draw(t, "now"))
	late, earliest := m.table.expire(before)
	var wantEarliest time.Duration
	want := 0
	for id, c := range m.open {
		if c.deadline <= before {
			want++
			if !slices.Contains(late, c) {
				t.Fatalf("%#x did not expire", id)
			}
			delete(m.open, id)
			m.retired[id] = true
		} else if wantEarliest == 0 || c.deadline < wantEarliest {
			wantEarliest = c.deadline
		}
	}
	if len(late) != want || earliest != wantEarliest {
		t.Fatalf("%d expired, earliest %v, want %d and %v", len(late), earliest, want, wantEarliest)
	}
}

// stranger ends calls that nobody made.
func (m *tableModel) stranger(t *rapid.T) {
	id := rapid.Uint64().Draw(t, "id")
	if m.open[id] != nil || m.retired[id] {
		t.Skip("a real one")
	}
	if _, ok := m.table.end(id); ok {
		t.Fatalf("%#x ended and was never open", id)
	}
}

func (m *tableModel) check(t *rapid.T) {
	if got, want := m.table.taken(), len(m.open)+len(m.retired); got != want {
		t.Fatalf("%d slots are taken, want %d", got, want)
	}
}

func (m *tableModel) close(t *rapid.T) {
	left := m.table.close()
	if len(left) != len(m.open) {
		t.Fatalf("%d calls were open at the end, want %d", len(left), len(m.open))
	}
	if _, _, how := m.table.open(&call{}, 1); how != openedClosed {
		t.Fatalf("open after close: %d", how)
	}
}

// TestCallTableUnderFire: answers, cancels, deadlines and the end of the link race, and
// every call is decided once.
func TestCallTableUnderFire(t *testing.T) {
	const callers, rounds = 8, 2000
	table := newCalls(1024)
	ids := make(chan uint64, 1024)
	var readers, wg sync.WaitGroup
	readers.Go(func() {
		for id := range ids {
			if c, ok := table.end(id); ok {
				if c != nil {
					c.finish(nil)
				}
				table.recycle([]uint32{uint32(id)})
			}
		}
	})
	for n := range callers {
		wg.Go(func() {
			for i := range rounds {
				c := newCall()
				id, _, how := table.open(c, time.Duration(i+1))
				if how == openedClosed {
					return
				}
				if how == openedFull {
					continue
				}
				ids <- id
				if (i+n)%3 == 0 && table.retire(id) {
					continue
				}
				<-c.done // by its answer, the sweep, or the end; never by two of them
			}
		})
	}
	var sweeps sync.WaitGroup
	stop := make(chan struct{})
	sweeps.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				late, _ := table.expire(100)
				for _, c := range late {
					c.finish(nil)
				}
			}
		}
	})
	wg.Wait()
	close(stop)
	sweeps.Wait()
	for _, c := range table.close() {
		c.finish(nil)
	}
	close(ids)
	readers.Wait()
}

func TestBackoff(t *testing.T) {
	o, err := (&Options{}).withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	c := &Conn{opts: o}
	bounds := []time.Duration{200, 400, 800, 1600, 2000, 2000, 2000}
	for attempt, ms := range bounds {
		bound := ms * time.Millisecond
		var least, most time.Duration = time.Hour, 0
		for range 2000 {
			d := c.backoff(attempt)
			least, most = min(least, d), max(most, d)
		}
		if least <= 0 || least > bound/10 || most > bound+1 || most < bound*9/10 {
			t.Errorf("attempt %d waits %v to %v, want anything up to %v", attempt, least, most, bound)
		}
	}
	if d := c.backoff(1 << 30); d > 2*time.Second {
		t.Errorf("after very many attempts the wait is %v", d)
	}
}
