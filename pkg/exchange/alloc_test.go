//go:build !race

package exchange

import "testing"

// performance goal: the exchange moves a call without a heap allocation.
func TestForwardAllocatesNothing(t *testing.T) {
	f := newForwarding(t, 16)
	for range 1_000 { // pools and tables warm up
		f.call()
	}
	if n := testing.AllocsPerRun(2_000, f.call); n != 0 {
		t.Errorf("a call allocates %v times in the exchange, want 0", n)
	}
}
