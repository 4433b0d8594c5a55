//go:build linux

package chaos_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// report prints how the calls of each way ended, and wants the test to have tested something.
func report(t *testing.T, h *history, dealt map[string]int) {
	t.Helper()
	ends, all := map[string]map[string]int{}, map[string]int{}
	for _, s := range h.calls {
		call, end, ok := s.told()
		if ends[call.Way] == nil {
			ends[call.Way] = map[string]int{}
		}
		how := howItEnded(end, ok)
		ends[call.Way][how]++
		all[how]++
	}
	t.Logf("%d calls", len(h.calls))
	for _, way := range ways {
		t.Logf("%-8s %s", way, list(ends[way]))
		if ends[way]["a result"] == 0 {
			t.Errorf("no call of the way %s had a result: the test has not tested much", way)
		}
	}
	t.Logf("blows: %s", list(dealt))
	for _, want := range []string{"lost, maybe", "unreachable, no", "unreachable, maybe", "timeout, maybe", "canceled, maybe", "application, yes"} {
		if all[want] == 0 {
			t.Errorf("no call ended with %s: the test has not tested much", want)
		}
	}
	wantVariety(t, h)
}

func howItEnded(end record, ok bool) string {
	switch {
	case !ok:
		return "(the caller was killed)"
	case end.Code == "":
		return "a result"
	}
	return strings.TrimSuffix(end.Code+", "+end.Delivered, ", ")
}

// wantVariety counts what does not show in an outcome, and wants it to have happened.
func wantVariety(t *testing.T, h *history) {
	t.Helper()
	counts := map[string]int{"passed on to another process": 0, "one-way and executed": 0, "streams left early": 0, "streams cut off": 0}
	for _, s := range h.calls {
		call, end, _ := s.told()
		if len(s.relayed) == 1 && len(s.begun) == 1 && s.relayed[0].Process != s.begun[0].Process {
			counts["passed on to another process"]++
		}
		if call.Way == wayOneWay && len(s.begun) == 1 {
			counts["one-way and executed"]++
		}
		if call.Stop > 0 && end.Results == call.Stop {
			counts["streams left early"]++
		}
		if end.Code != "" && end.Results > 0 {
			counts["streams cut off"]++
		}
	}
	t.Logf("%s", list(counts))
	for what, n := range counts {
		if n == 0 {
			t.Errorf("no request was seen that was %s", what)
		}
	}
}

func list(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(parts, "; ")
}
