package exchange

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// BenchmarkEnd_LargestSession takes a session with all the instances and groups it may have
// out of the registry, which nobody else can use meanwhile.
func BenchmarkEnd_LargestSession(b *testing.B) {
	for _, tt := range []struct {
		name           string
		oneName, watch bool
	}{{"own names", false, false}, {"one name", true, false}, {"own names, watched", false, true}} {
		b.Run(tt.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				e, number := largest(b, tt.oneName, tt.watch)
				b.StartTimer()
				owed := e.act(func(c *core) []effect { return c.end(number, wire.ReasonLost) })
				b.StopTimer()
				owed.write(true)
				e.Close()
				b.StartTimer()
			}
		})
	}
}

// largest is an exchange with one session that has announced all it may, in all the groups
// it may, and maybe another one that watches everything.
func largest(tb testing.TB, oneName, watch bool) (*Exchange, uint32) {
	tb.Helper()
	e, err := New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	announcer, watcher := silent(tb, e, 1), silent(tb, e, 2)
	groups := make([]string, e.limits.Groups)
	for i := range groups {
		groups[i] = fmt.Sprintf("group-%02d", i)
	}
	for i := range e.limits.Instances {
		a := &wire.Announce{Handle: uint32(i), Name: "math", Groups: groups}
		if !oneName {
			a.Name = fmt.Sprintf("math-%d", i)
		}
		e.actAndWrite(func(c *core) []effect { return c.announce(announcer.number, 1, a, &offered{}) })
	}
	if watch {
		e.actAndWrite(func(c *core) []effect { return c.watch(watcher.number, 1, &wire.Watch{ID: 1}) })
		for w := watcher.feed(1, false); w.isTelling(); {
			runtime.Gosched() // until it has been told all there is
		}
	}
	return e, announcer.number
}

// silent is a session whose process throws away what it reads.
func silent(tb testing.TB, e *Exchange, key byte) *session {
	tb.Helper()
	near, far := link.Pipe()
	go throwAway(near) // ends with the exchange
	s := newSession(e, far, false)
	if err := e.admit(s, &wire.Hello{Key: [wire.KeySize]byte{key}}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { near.Close() })
	return s
}

func (w *feed) isTelling() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting()
}
