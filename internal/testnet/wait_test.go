package testnet_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
)

func TestWaitForReturnsAsSoonAsTheConditionHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		testnet.WaitFor(t, "a second to pass", func() bool { return time.Since(start) >= time.Second })
		if took := time.Since(start); took != time.Second {
			t.Errorf("WaitFor took %v, want 1s", took)
		}
	})
}

func TestWaitForGivesUpAfterPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		failures := new(recorder).run(func(t testing.TB) {
			testnet.WaitFor(t, "nothing", func() bool { return false })
		})
		wantOne(t, failures, "waited 20s for nothing")
		if took := time.Since(start); took != testnet.Patience {
			t.Errorf("WaitFor took %v, want %v", took, testnet.Patience)
		}
	})
}

func TestReceiveReturnsTheValueOrTheClose(t *testing.T) {
	values := make(chan int, 1)
	values <- 7
	if got := testnet.Receive(t, "the value", values); got != 7 {
		t.Errorf("Receive = %d, want 7", got)
	}
	close(values)
	if got := testnet.Receive(t, "the close", values); got != 0 {
		t.Errorf("Receive of a closed channel = %d, want 0", got)
	}
}

func TestReceiveGivesUpAfterPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := new(recorder).run(func(t testing.TB) {
			testnet.Receive(t, "a word", make(chan string))
		})
		wantOne(t, failures, "waited 20s for a word")
	})
}
