package link_test

import (
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// look is how often a keeper looks by default, and so how late it may be.
const look = 500 * time.Millisecond

// inBubble runs a test with time in a bubble. The link's far end is a plain connection
// that has sent its preface.
func inBubble(t *testing.T, opts link.Options, body func(t *testing.T, b *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		b := &bubble{far: far, began: time.Now(), r: &recorder{}}
		onSuspect := opts.OnSuspect
		opts.OnSuspect = func(s bool) {
			b.suspicions = append(b.suspicions, suspicion{s, time.Since(b.began)})
			if onSuspect != nil {
				onSuspect(s)
			}
		}
		b.Link = link.New(near, opts)
		b.keeper = link.NewKeeper(link.Times{})
		defer b.keeper.Close()
		b.keeper.Add(b.Link)
		b.ended = start(t, b.Link, b.r)
		far.Write(wire.AppendPreface(nil))
		body(t, b)
		b.Link.Close(nil)
		far.Close()
		b.peer.Wait()
	})
}

// bubble is a kept link and what happened to it.
type bubble struct {
	*link.Link
	keeper     *link.Keeper
	far        net.Conn
	r          *recorder
	ended      <-chan error
	began      time.Time
	suspicions []suspicion
	peer       sync.WaitGroup
}

type suspicion struct {
	on bool
	at time.Duration
}

// endsAt checks why and when the link ends.
func (b *bubble) endsAt(t *testing.T, why error, at time.Duration) {
	t.Helper()
	err := <-b.ended
	if got := time.Since(b.began); !errors.Is(err, why) || got < at || got > at+look {
		t.Errorf("Run = %v after %v, want %v after %v", err, got, why, at)
	}
}

// beatEverySecond sends beats from the far end until it is closed.
func (b *bubble) beatEverySecond() {
	for {
		time.Sleep(time.Second)
		if _, err := b.far.Write(beat()); err != nil {
			return
		}
	}
}

func beat() []byte { return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindBeat}, nil) }

func TestFault_09_SilentPeerIsSuspectThenDead(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		b.endsAt(t, link.ErrFrozen, 14500*time.Millisecond)
		if s := b.suspicions; len(s) != 1 || !s[0].on || s[0].at < 4500*time.Millisecond || s[0].at > 5*time.Second {
			t.Errorf("suspicions = %v, want one after 4.5 s", s)
		}
	})
}

func TestAnyByteEndsSuspicion(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		time.Sleep(6 * time.Second)
		if !b.Suspect() {
			t.Error("not suspect after 6 s of silence")
		}
		b.far.Write(beat()[:1]) // not even a frame
		synctest.Wait()
		if b.Suspect() {
			t.Error("still suspect behind a byte")
		}
		time.Sleep(6 * time.Second)
		b.far.Write(beat()[1:])
		synctest.Wait()
		if got := b.turns(); !slices.Equal(got, []bool{true, false, true, false}) {
			t.Errorf("OnSuspect got %v, want on and off in turn", got)
		}
	})
}

func (b *bubble) turns() (all []bool) {
	for _, s := range b.suspicions {
		all = append(all, s.on)
	}
	return all
}

func TestBeatsKeepBothEndsAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		keeper := link.NewKeeper(link.Times{})
		defer keeper.Close()
		var ended []<-chan error
		var handlers []*recorder
		for _, c := range []net.Conn{near, far} {
			l := link.New(c, link.Options{OnSuspect: func(bool) { t.Error("OnSuspect ran") }})
			r := &recorder{}
			l.AppendBytes(wire.AppendPreface(nil))
			l.FlushNow()
			keeper.Add(l)
			ended, handlers = append(ended, start(t, l, r)), append(handlers, r)
			defer keeper.Remove(l)
		}
		time.Sleep(time.Hour)
		near.Close()
		for i, r := range handlers {
			<-ended[i]
			if n := len(r.kinds); n < 1400 || n > 1900 { // every 2 to 2.5 s
				t.Errorf("end %d heard %d beats in an hour, want about 1,800", i, n)
			}
			if slices.ContainsFunc(r.kinds, func(k wire.Kind) bool { return k != wire.KindBeat }) {
				t.Errorf("end %d heard something else than beats", i)
			}
		}
	})
}

func TestWhoSendsAnywayDoesNotBeat(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		b.peer.Go(b.beatEverySecond)
		for range 30 {
			time.Sleep(time.Second)
			b.AppendBytes(frame("x"))
			b.FlushNow()
		}
		receive(t, b.far, slices.Repeat(frame("x"), 30))
	})
}

func TestFault_17_SilenceInsideAFrame(t *testing.T) {
	tests := []struct {
		name string
		part []byte
	}{
		{"one byte of a length", frame("x")[:1]},
		{"a header", frame("x")[:24]},
		{"a frame and part of one", slices.Concat(frame("x"), frame("y")[:24])},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
				b.far.Write(tt.part)
				b.endsAt(t, link.ErrStalled, 10*time.Second)
			})
		})
	}
}

func TestFault_17_TrickleIsNoStall(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		for _, c := range frame("x") {
			time.Sleep(9 * time.Second)
			b.far.Write([]byte{c})
		}
		synctest.Wait()
		if got := b.r.got(); !slices.Equal(got, []string{"x"}) {
			t.Errorf("got %q, want the frame", got)
		}
		if b.Err() != nil {
			t.Errorf("Err = %v, want it open", b.Err())
		}
	})
}

func TestFault_17_StrangerThatSendsPartOfAPreface(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		l := link.New(near, link.Options{})
		keeper := link.NewKeeper(link.Times{})
		defer keeper.Close()
		keeper.Add(l)
		far.Write(wire.AppendPreface(nil)[:5])
		if err := l.Run(&recorder{}); err != link.ErrStalled {
			t.Errorf("Run = %v, want ErrStalled", err)
		}
	})
}

// A look that is itself late, as behind a SIGSTOP, must not take its own sleep for the
// peers' silence. Here the first link's OnSuspect holds the keeper for a minute.
func TestFault_08_LateLookBlamesNobody(t *testing.T) {
	holds := func(s bool) {
		if s {
			time.Sleep(time.Minute)
		}
	}
	inBubble(t, link.Options{OnSuspect: holds}, func(t *testing.T, b *bubble) {
		time.Sleep(time.Second)
		near, far := memoryPair(t)
		second := link.New(near, link.Options{})
		b.keeper.Add(second)
		ended := start(t, second, &recorder{})
		far.Write(slices.Concat(wire.AppendPreface(nil), beat()[:5])) // would be stalled, too
		time.Sleep(64*time.Second - look)                             // just behind the late look
		if second.Err() != nil || second.Suspect() {
			t.Fatalf("behind the late look: %v, suspect: %v", second.Err(), second.Suspect())
		}
		woke := time.Now()
		err := <-ended
		if got := time.Since(woke); err != link.ErrStalled || got < 10*time.Second || got > 12*time.Second {
			t.Errorf("Run = %v %v after the late look, want ErrStalled after 10 s anew", err, got)
		}
	})
}

func TestLookALittleLateStillBlames(t *testing.T) {
	holds := func(s bool) {
		if s {
			time.Sleep(900 * time.Millisecond)
		}
	}
	inBubble(t, link.Options{OnSuspect: holds}, func(t *testing.T, b *bubble) {
		b.endsAt(t, link.ErrFrozen, 14500*time.Millisecond)
	})
}

func TestRemovedLinkIsLeftAlone(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		b.keeper.Remove(b.Link)
		time.Sleep(time.Minute)
		if b.Err() != nil || b.Suspect() {
			t.Errorf("removed, but %v, suspect: %v", b.Err(), b.Suspect())
		}
	})
}

func TestTimesCanBeChosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		l := link.New(near, link.Options{})
		keeper := link.NewKeeper(link.Times{Beat: 200 * time.Millisecond, Suspect: time.Second, Dead: 2 * time.Second})
		defer keeper.Close()
		keeper.Add(l)
		began := time.Now()
		ended := start(t, l, &recorder{})
		receive(t, far, beat())
		if got := time.Since(began); got > 300*time.Millisecond {
			t.Errorf("first beat after %v, want 200 ms", got)
		}
		if err := <-ended; err != link.ErrFrozen || time.Since(began) > 2100*time.Millisecond {
			t.Errorf("Run = %v after %v, want ErrFrozen after 2 s", err, time.Since(began))
		}
	})
}
