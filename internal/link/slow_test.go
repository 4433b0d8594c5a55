package link_test

import (
	"io"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/internal/testnet"
)

func TestFault_12_ReaderThatTakesNothing(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		b.peer.Go(b.beatEverySecond) // alive, but reads nothing
		time.Sleep(20 * time.Second)
		began := time.Now()
		b.AppendBytes(make([]byte, 1<<20)) // more than the pipe takes
		b.FlushNow()
		err := <-b.ended
		if got := time.Since(began); err != link.ErrSlow || got < 15*time.Second || got > 16*time.Second {
			t.Errorf("Run = %v after %v, want ErrSlow after 15 s", err, got)
		}
	})
}

func TestFault_11_SlowReaderLives(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		b.peer.Go(b.beatEverySecond)
		b.AppendBytes(make([]byte, 1<<20))
		b.FlushNow()
		for range 20 {
			time.Sleep(14 * time.Second)
			receive(t, b.far, make([]byte, 1))
		}
		if b.Err() != nil {
			t.Errorf("Err = %v of a reader that takes a byte in 14 s, want it open", b.Err())
		}
		if b.Queue() == 0 {
			t.Error("nothing waited, so nothing was tested")
		}
		io.ReadFull(b.far, make([]byte, 1<<20-20))
	})
}

// A slow reader must be found again and again: each time the outbox was emptied and filled.
func TestFault_12_ReaderThatStopsLater(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		b.peer.Go(b.beatEverySecond)
		for range 50 {
			b.AppendBytes(make([]byte, 512<<10))
			go b.FlushNow()
			receive(t, b.far, make([]byte, 512<<10))
		}
		began := time.Now()
		b.AppendBytes(make([]byte, 1<<20))
		b.FlushNow()
		err := <-b.ended
		if got := time.Since(began); err != link.ErrSlow || got < 14*time.Second || got > 16*time.Second {
			t.Errorf("Run = %v after %v, want ErrSlow after 15 s", err, got)
		}
	})
}

func TestSlowestPeerMayHaveNothingToTake(t *testing.T) {
	inBubble(t, link.Options{}, func(t *testing.T, b *bubble) {
		b.peer.Go(b.beatEverySecond)
		time.Sleep(10 * time.Minute)
		if b.Err() != nil {
			t.Errorf("Err = %v of a link with an empty outbox", b.Err())
		}
	})
}

// Kernels tell a blocked writer of room only when much of its buffer is free. A reader that
// takes less must still be seen to take something, or it is closed as slow.
func TestFault_11_LittleThatIsTakenIsSeen(t *testing.T) {
	for _, tr := range transports[1:3] {
		t.Run(tr.name, func(t *testing.T) {
			testnet.LeakCheck(t)
			near, far := tr.pair(t)
			l := link.New(near, link.Options{Outbox: 64 << 20})
			start(t, l, &recorder{})
			l.AppendBytes(make([]byte, 48<<20))
			l.FlushNow()
			blocked := untilBlocked(t, l)
			buf := make([]byte, 64<<10) // of the megabytes the kernel holds
			for range 4 {
				if _, err := far.Read(buf); err != nil {
					t.Fatal(err)
				}
			}
			testnet.WaitFor(t, "the kernel to take more", func() bool { return l.Queue() < blocked })
		})
	}
}

// untilBlocked waits until the kernel takes nothing more, and returns what is left.
func untilBlocked(t *testing.T, l *link.Link) int {
	t.Helper()
	left, same := l.Queue(), 0
	testnet.WaitFor(t, "the kernel to be full", func() bool {
		now := l.Queue()
		same++
		if now != left {
			left, same = now, 0
		}
		return same == 1000 // looks, each a millisecond or more
	})
	return left
}
