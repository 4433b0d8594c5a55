package link_test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// beats reads the Beats of the far end and hands on those that ask.
func (b *bubble) beats(asked func(id uint64)) {
	io.ReadFull(b.far, make([]byte, len(wire.AppendPreface(nil))))
	for {
		head := make([]byte, wire.HeaderSize)
		if _, err := io.ReadFull(b.far, head); err != nil {
			return
		}
		h := wire.ParseHeader(head)
		if h.Kind == wire.KindBeat && h.ID != 0 {
			asked(h.ID)
		}
		io.CopyN(io.Discard, b.far, int64(h.Length)+4-wire.HeaderSize)
	}
}

// answer sends the answer to a Beat.
func (b *bubble) answer(id uint64) {
	b.far.Write(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindBeat, Flags: wire.FlagAnswer, ID: id}, nil))
}

// measuring begins a test of a link that asks.
func measuring(t *testing.T, body func(t *testing.T, b *bubble)) {
	t.Helper()
	inBubble(t, link.Options{Asks: true}, func(t *testing.T, b *bubble) {
		b.r.on = func(h *wire.Header, _ []byte) error {
			if h.Kind == wire.KindBeat {
				b.TakeBeat(h)
			}
			return nil
		}
		b.AppendBytes(wire.AppendPreface(nil))
		b.FlushNow()
		body(t, b)
	})
}

func (b *bubble) wantRoundTrip(t *testing.T, when string, want time.Duration, known bool) {
	t.Helper()
	synctest.Wait()
	if got, ok := b.RoundTrip(); got != want || ok != known {
		t.Errorf("%s: RoundTrip = %v, %v; want %v, %v", when, got, ok, want, known)
	}
}

func TestRoundTripIsMeasuredByBeats(t *testing.T) {
	measuring(t, func(t *testing.T, b *bubble) {
		var way atomic.Int64
		way.Store(int64(30 * time.Millisecond))
		b.peer.Go(func() { b.beats(func(id uint64) { time.Sleep(time.Duration(way.Load())); b.answer(id) }) })
		b.wantRoundTrip(t, "at first", 0, false)
		time.Sleep(2 * look)
		b.wantRoundTrip(t, "after the first look", 30*time.Millisecond, true)
		way.Store(int64(3 * time.Second)) // more than a beat
		time.Sleep(14 * time.Second)
		b.wantRoundTrip(t, "with a slow peer", 3*time.Second, true)
	})
}

func TestBusyLinkIsMeasuredEveryFiveBeats(t *testing.T) {
	measuring(t, func(t *testing.T, b *bubble) {
		var asked atomic.Int64
		b.peer.Go(func() { b.beats(func(id uint64) { asked.Add(1); b.answer(id) }) })
		for range 400 {
			time.Sleep(100 * time.Millisecond)
			b.AppendBytes(frame("x"))
			b.FlushNow()
		}
		synctest.Wait()
		if n := asked.Load(); n < 4 || n > 5 {
			t.Errorf("asked %d times in 40 s, want every 10 s", n)
		}
	})
}

// A peer of another version ignores what it does not know. It is asked no more often than a
// busy one.
func TestPeerThatDoesNotAnswerBeats(t *testing.T) {
	measuring(t, func(t *testing.T, b *bubble) {
		var asked atomic.Int64
		b.peer.Go(func() { b.beats(func(uint64) { asked.Add(1); b.far.Write(beat()) }) })
		b.peer.Go(b.beatEverySecond)
		time.Sleep(time.Minute)
		b.answer(99)
		b.wantRoundTrip(t, "after a minute and a wrong answer", 0, false)
		if n := asked.Load(); n < 5 || n > 7 {
			t.Errorf("asked %d times in a minute, want every 10 s", n)
		}
	})
}

func TestAnswersToBeatsThatAsk(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		r := &recorder{}
		l := link.New(near, link.Options{})
		r.on = func(h *wire.Header, _ []byte) error {
			if l.TakeBeat(h) == link.Flush {
				l.FlushNow()
			}
			return nil
		}
		ended := start(t, l, r)
		ask := wire.AppendFrame(wire.AppendPreface(nil), &wire.Header{Kind: wire.KindBeat, ID: 7}, nil)
		ask = append(ask, beat()...) // which asks nothing
		ask = wire.AppendFrame(ask, &wire.Header{Kind: wire.KindBeat, Flags: wire.FlagAnswer, ID: 9}, nil)
		send(t, far, wire.AppendFrame(ask, &wire.Header{Kind: wire.KindBeat, ID: 8}, nil))
		var want []byte
		for _, id := range []uint64{7, 8} {
			want = wire.AppendFrame(want, &wire.Header{Kind: wire.KindBeat, Flags: wire.FlagAnswer, ID: id}, nil)
		}
		receive(t, far, want)
		far.Close()
		end(t, ended)
	})
}

func TestBeatsAskForNothingByDefault(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		b.AppendBytes(wire.AppendPreface(nil))
		b.FlushNow()
		b.peer.Go(func() { b.beats(func(uint64) { t.Error("a Beat asks") }) })
		b.peer.Go(b.beatEverySecond)
		time.Sleep(time.Minute)
	})
}

// TestAskingAddsLittle: an idle link has at most one frame more every ten seconds.
func TestAskingAddsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		var ended []<-chan error
		var handlers []*recorder
		for i, c := range []net.Conn{near, far} {
			keeper := link.NewKeeper(link.Times{}) // of two processes
			defer keeper.Close()
			l := link.New(c, link.Options{Asks: i == 0})
			r := &recorder{on: func(h *wire.Header, _ []byte) error {
				if l.TakeBeat(h) == link.Flush {
					l.FlushNow()
				}
				return nil
			}}
			l.AppendBytes(wire.AppendPreface(nil))
			l.FlushNow()
			keeper.Add(l)
			ended, handlers = append(ended, start(t, l, r)), append(handlers, r)
			defer keeper.Remove(l)
			time.Sleep(300 * time.Millisecond) // they look at different times
		}
		time.Sleep(time.Hour)
		near.Close()
		for i, r := range handlers {
			<-ended[i]
			if n := len(r.kinds); n < 1400 || n > 1440+361 { // every 2.5 s without
				t.Errorf("end %d heard %d beats in an hour, want 1,440 to 1,801", i, n)
			}
		}
	})
}
