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

// performance goal: a published report reaches those who keep up without a heap allocation.
func TestPublishAllocatesNothing(t *testing.T) {
	f := newFanout(t, 10)
	for range 1_000 {
		f.publish()
	}
	if n := testing.AllocsPerRun(2_000, f.publish); n != 0 {
		t.Errorf("a report to 10 subscribers allocates %v times in the exchange, want 0", n)
	}
	unmatched := newFanout(t, 0)
	unmatched.publish()
	if n := testing.AllocsPerRun(2_000, unmatched.publish); n != 0 {
		t.Errorf("a report to nobody allocates %v times in the exchange, want 0", n)
	}
}
