package exchange

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// fanout is an exchange with a publisher, whose frames a test feeds to its session by hand, as
// its reader would, and with subscribers who read and throw away what they get.
type fanout struct {
	tb          testing.TB
	publisher   *session
	subscribers []*session
	frame       []byte
	readers     sync.WaitGroup
}

func newFanout(tb testing.TB, subscribers int, patterns ...string) *fanout {
	tb.Helper()
	e, err := New(&Options{Suspect: time.Hour, Dead: 2 * time.Hour}) // nobody beats here
	if err != nil {
		tb.Fatal(err)
	}
	f := &fanout{tb: tb}
	var ends []net.Conn
	admit := func(key int) *session {
		near, far := link.Pipe()
		ends = append(ends, near)
		f.readers.Go(func() { throwAway(near) })
		s := newSession(e, far, false)
		if err := e.admit(s, &wire.Hello{Key: [wire.KeySize]byte{byte(key), byte(key >> 8), 1}}); err != nil {
			tb.Fatal(err)
		}
		return s
	}
	f.publisher = admit(0)
	tb.Cleanup(func() {
		for _, c := range ends {
			c.Close()
		}
		f.readers.Wait()
		e.Close()
	})
	f.feed(f.publisher, wire.AppendMessage(nil, 1, 0, &wire.Announce{Name: "clock"}))
	for i := range subscribers {
		s := admit(i + 1)
		f.subscribers = append(f.subscribers, s)
		f.feed(s, wire.AppendMessage(nil, 1, 0, ofName(1, "clock", patterns...)))
	}
	f.frame = publishFrame(0, 0, wire.Publish{}, "tick", padded(1, 64))
	return f
}

// feed hands one frame to a session.
func (f *fanout) feed(s *session, frame []byte) {
	h := wire.ParseHeader(frame)
	if err := s.Frame(&h, frame[wire.HeaderSize:]); err != nil {
		f.tb.Fatal(err)
	}
	s.EndBatch()
}

// publish takes one report to all.
func (f *fanout) publish() {
	f.wait()
	f.feed(f.publisher, f.frame)
}

// wait waits where more is written than the readers throw away.
func (f *fanout) wait() {
	for _, s := range f.subscribers {
		for s.link.Queue() > 1<<20 {
			runtime.Gosched()
		}
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("to %d", n), func(b *testing.B) {
			f := newFanout(b, n)
			b.ReportAllocs()
			for b.Loop() {
				f.publish()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/delivery")
		})
	}
}

// BenchmarkPublish_Batches publishes many reports with each write, as a busy publisher does.
func BenchmarkPublish_Batches(b *testing.B) {
	const batch = 256
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("to %d", n), func(b *testing.B) {
			f := newFanout(b, n)
			h := wire.ParseHeader(f.frame)
			b.ReportAllocs()
			for b.Loop() {
				f.wait()
				for range batch {
					if err := f.publisher.Frame(&h, f.frame[wire.HeaderSize:]); err != nil {
						b.Fatal(err)
					}
				}
				f.publisher.EndBatch()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*batch), "ns/delivery")
		})
	}
}

// BenchmarkPublish_ManyPatterns is F34: a publish with 10,000 patterns takes less than 1 ms,
// also on a subject never seen before.
func BenchmarkPublish_ManyPatterns(b *testing.B) {
	for name, pattern := range map[string]string{"plain": "sensor-%d", "stars": "*a*b*c*d%d", "hard": "*a*a*a*a*a*a*a*b%d"} {
		b.Run(name, func(b *testing.B) {
			f := newFanout(b, 1)
			s := f.subscribers[0]
			f.feed(s, wire.AppendMessage(nil, 1, 0, &wire.Unsubscribe{ID: 1}))
			for id := range uint32(156) {
				var patterns []string
				for i := range 64 {
					patterns = append(patterns, fmt.Sprintf(pattern, int(id)*64+i))
				}
				f.feed(s, wire.AppendMessage(nil, 1, 0, ofName(id, "clock", patterns...)))
			}
			for i := 0; b.Loop(); i++ {
				f.frame = publishFrame(0, 0, wire.Publish{}, fmt.Sprintf("sensor-%d-a-b-c-%s", i, strings.Repeat("a", 220)), 1)
				f.publish()
			}
		})
	}
}

// BenchmarkPublish_HostilePatterns is F35: many stars against long subjects.
func BenchmarkPublish_HostilePatterns(b *testing.B) {
	f := newFanout(b, 1, "*a*a*a*a*b")
	for i := 0; b.Loop(); i++ {
		f.frame = publishFrame(0, 0, wire.Publish{}, strings.Repeat("a", 240)+fmt.Sprint(i), 1)
		f.publish()
	}
}
