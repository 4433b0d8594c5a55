package link_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestFlushNeverWaitsForThePeer(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		drained := make(chan struct{})
		l := link.New(near, link.Options{Outbox: 64 << 20, OnDrain: func() { close(drained) }})
		start(t, l, &recorder{})
		want := bytes.Repeat([]byte("0123456789abcdef"), 2<<20) // 32 MiB: more than any socket takes
		for rest := want; len(rest) > 0; rest = rest[100_000%len(rest)+1:] {
			n := 100_000%len(rest) + 1
			if l.AppendBytes(rest[:n]) == link.Flush {
				l.FlushNow() // would hang here
			}
		}
		if !l.WantDrain() {
			t.Fatal("32 MiB were written to a peer that reads nothing")
		}
		receive(t, far, want)
		testnet.Receive(t, "OnDrain", drained)
		testnet.WaitFor(t, "the overflow writer to end", func() bool {
			return l.AppendBytes([]byte("x")) == link.Flush
		})
	})
}

// Each appender sends numbered frames; the far end must see each appender's in order, none
// missing and none torn.
func TestConcurrentAppendersLoseAndMixNothing(t *testing.T) {
	const appenders, each = 8, 3000
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{Outbox: 256 << 20})
		start(t, l, &recorder{})
		var wg sync.WaitGroup
		for a := range appenders {
			wg.Go(func() {
				for i := range each {
					if l.AppendFrame(numbered(a, i), filler(a, i)) == link.Flush {
						l.Flush()
					}
				}
			})
		}
		checkNumbered(t, far, appenders, each)
		wg.Wait()
	})
}

func numbered(appender, i int) *wire.Header {
	return &wire.Header{Kind: wire.KindResponse, ID: uint64(i), Target: uint32(appender)}
}

// filler is a body that is a few bytes long, or now and then many.
func filler(appender, i int) []byte {
	size := i % 100
	if i%500 == 499 {
		size = 70_000
	}
	return bytes.Repeat([]byte{byte(appender*31 + i)}, size)
}

func checkNumbered(t *testing.T, far net.Conn, appenders, each int) {
	t.Helper()
	next := make([]int, appenders)
	for range appenders * each {
		h, body := readFrame(t, far)
		a := int(h.Target)
		if int(h.ID) != next[a] || !bytes.Equal(body, filler(a, next[a])) {
			t.Fatalf("appender %d: frame %d with %d bytes, want frame %d", a, h.ID, len(body), next[a])
		}
		next[a]++
	}
}

func readFrame(t *testing.T, c net.Conn) (wire.Header, []byte) {
	t.Helper()
	head := make([]byte, wire.HeaderSize)
	if _, err := io.ReadFull(c, head); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, binary.LittleEndian.Uint32(head)+4-wire.HeaderSize)
	if _, err := io.ReadFull(c, body); err != nil {
		t.Fatal(err)
	}
	return wire.ParseHeader(head), body
}

func TestOnDrainRunsOncePerWant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		calls := 0
		l := link.New(near, link.Options{Outbox: 4 << 20, OnDrain: func() { calls++ }})
		ended := start(t, l, &recorder{})
		if l.WantDrain() {
			t.Error("WantDrain = true with nothing to write")
		}
		for round, size := range []int{1, 1 << 20, 1, 1 << 20} { // written at once, and by overflow
			l.AppendBytes(make([]byte, size))
			for range 3 {
				if !l.WantDrain() {
					t.Errorf("round %d: WantDrain = false with bytes in the outbox", round)
				}
			}
			l.FlushNow()
			if size > 1 && calls != round {
				t.Errorf("round %d: OnDrain ran before the outbox was empty", round)
			}
			receive(t, far, make([]byte, size))
			synctest.Wait()
			if calls != round+1 {
				t.Errorf("round %d: %d calls of OnDrain, want %d", round, calls, round+1)
			}
			if l.WantDrain() {
				t.Errorf("round %d: WantDrain = true at rest", round)
			}
		}
		l.Close(nil)
		<-ended
	})
}

// A page of a snapshot is sent whenever the outbox is empty.
func TestOnDrainMayAppendAndWantAgain(t *testing.T) {
	const pages = 300
	overEach(t, func(t *testing.T, near, far net.Conn) {
		page := bytes.Repeat([]byte("p"), 10_000)
		var l *link.Link
		var inside, sent atomic.Int32
		done := make(chan struct{})
		l = link.New(near, link.Options{OnDrain: func() {
			if inside.Add(1) != 1 {
				t.Error("OnDrain runs inside or beside itself")
			}
			defer inside.Add(-1)
			if sent.Add(1) == pages {
				close(done)
				return
			}
			if l.AppendBytes(page) == link.Flush {
				l.Flush()
			}
			if !l.WantDrain() {
				t.Error("WantDrain = false behind an append")
			}
		}})
		start(t, l, &recorder{})
		l.AppendBytes(page)
		l.WantDrain()
		l.FlushNow()
		receive(t, far, bytes.Repeat(page, pages))
		testnet.Receive(t, "the last page", done)
	})
}

func TestOnDrainThatAppendsNothingIsNotCalledForNothing(t *testing.T) {
	near, far := memoryPair(t)
	var l *link.Link
	calls := 0
	l = link.New(near, link.Options{OnDrain: func() {
		calls++
		if l.WantDrain() {
			t.Error("WantDrain = true in OnDrain with nothing appended")
		}
	}})
	l.AppendBytes([]byte("x"))
	l.WantDrain()
	l.FlushNow()
	receive(t, far, []byte("x"))
	if calls != 1 {
		t.Errorf("%d calls of OnDrain, want 1", calls)
	}
	l.Close(nil)
}

func TestWantDrainWithoutOnDrain(t *testing.T) {
	near, _ := memoryPair(t)
	l := link.New(near, link.Options{})
	l.AppendBytes([]byte("x"))
	if l.WantDrain() {
		t.Error("WantDrain = true, but nobody will be called")
	}
	l.FlushNow()
	l.Close(nil)
}

func TestFailedWriteEndsTheLink(t *testing.T) {
	overEach(t, func(t *testing.T, near, far net.Conn) {
		l := link.New(near, link.Options{})
		far.Close()
		testnet.WaitFor(t, "a write to fail", func() bool { // the first one may succeed
			l.AppendBytes([]byte("x"))
			l.FlushNow()
			return l.Err() != nil
		})
		if err := l.Run(&recorder{}); err == nil || errors.Is(err, link.ErrClosed) {
			t.Errorf("Run = %v, want the write's error", err)
		}
	})
}

// Frames appended while somebody writes must be written without another flush.
func TestNoWakeupIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		l := link.New(near, link.Options{Outbox: 64 << 20})
		ended := start(t, l, &recorder{})
		const appenders, each = 4, 2000
		for a := range appenders {
			go func() {
				for i := range each {
					if l.AppendFrame(numbered(a, i), filler(a, i)) == link.Flush {
						l.Flush()
					}
				}
			}()
		}
		checkNumbered(t, far, appenders, each) // a lost wakeup is a deadlock of the bubble
		synctest.Wait()
		if got := l.Queue(); got != 0 {
			t.Errorf("Queue = %d at rest, want 0", got)
		}
		l.Close(nil)
		<-ended
	})
}
