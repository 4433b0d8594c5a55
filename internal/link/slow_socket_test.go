package link_test

import (
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/internal/testnet"
)

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
