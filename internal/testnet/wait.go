package testnet

import (
	"testing"
	"time"
)

// Patience bounds every wait of this package. It is far above what any healthy run
// needs, so that a slow machine fails no test, and is paid in full only by a test
// that fails. In a synctest bubble it is virtual.
const Patience = 20 * time.Second

// pollEvery is the pause between two looks at a condition.
const pollEvery = time.Millisecond

// WaitFor returns when cond reports true and fails t at once if it has not within
// Patience; what completes "waited 20s for ...". It asks on a ticker, in the calling
// goroutine, so cond may use t. Where the fact can be had from a channel, Receive is
// better: it wakes exactly then.
func WaitFor(t testing.TB, what string, cond func() bool) {
	t.Helper()
	ask := time.NewTicker(pollEvery)
	defer ask.Stop()
	limit := time.NewTimer(Patience)
	defer limit.Stop()
	for !cond() {
		select {
		case <-ask.C:
		case <-limit.C:
			t.Fatalf("waited %v for %s", Patience, what)
		}
	}
}

// Receive returns the next value of values and fails t at once if none comes within
// Patience; what completes "waited 20s for ...". From a closed channel it returns
// the zero value at once, so it also waits for a Done channel.
func Receive[T any](t testing.TB, what string, values <-chan T) T {
	t.Helper()
	limit := time.NewTimer(Patience)
	defer limit.Stop()
	select {
	case value := <-values:
		return value
	case <-limit.C:
		t.Fatalf("waited %v for %s", Patience, what)
		panic("not reached: Fatalf ends the goroutine")
	}
}
