package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/bench/spread"
)

func TestGoalMet(t *testing.T) {
	tests := []struct {
		name  string
		goal  goal
		ratio float64
		met   bool
		text  string
	}{
		{"below an upper bound", goal{atMost: 0.95}, 0.9, true, "<= 0.95"},
		{"on an upper bound", goal{atMost: 0.95}, 0.95, true, "<= 0.95"},
		{"over an upper bound", goal{atMost: 0.95}, 0.96, false, "<= 0.95"},
		{"over a lower bound", goal{atLeast: 3}, 3.1, true, ">= 3.0"},
		{"on a lower bound", goal{atLeast: 3}, 3, true, ">= 3.0"},
		{"below a lower bound", goal{atLeast: 3}, 2.9, false, ">= 3.0"},
		{"below a stretch only", goal{atLeast: 4.5, stretch: 6}, 5, true, ">= 4.5 (stretch 6.0)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.goal.met(tt.ratio); got != tt.met {
				t.Errorf("met(%v) = %v, want %v", tt.ratio, got, tt.met)
			}
			if got := tt.goal.wanted(); got != tt.text {
				t.Errorf("wanted() = %q, want %q", got, tt.text)
			}
		})
	}
}

// TestRatiosAreTakenWithinRounds: the ratio of the medians would be 4.
func TestRatiosAreTakenWithinRounds(t *testing.T) {
	ours := []sample{{Calls: 10}, {Calls: 40}, {Calls: 900}}
	others := []sample{{Calls: 10}, {Calls: 20}, {Calls: 300}}
	if got, want := calls.over(ours, others), (spread.Spread{Median: 2, Least: 1, Most: 3}); got != want {
		t.Errorf("over = %v, want %v", got, want)
	}
}

func TestJudgeCountsMissedGoals(t *testing.T) {
	w := &workload{Name: "some work", wanted: []goal{
		{number: "2", metric: calls, over: natsSide, atLeast: 3},
		{number: "6", metric: middleCPU, over: natsSide, atMost: 0.2},
	}}
	sides := []*contestant{
		{side: netsvcSide, samples: []sample{{Calls: 300, MiddleCPU: 3}}},
		{side: natsSide, samples: []sample{{Calls: 100, MiddleCPU: 10}}},
	}
	var out bytes.Buffer
	table := &table{out: &out}
	table.judge(w, sides)
	want := strings.Join([]string{
		"| 2 | some work: calls | NATS 100 /s | 300 /s | 3.00 (3.00 to 3.00) | >= 3.0 | met |",
		"| 6 | some work: middle's CPU per call | NATS 10.0 us | 3.00 us | 0.30 (0.30 to 0.30) | <= 0.20 | NOT MET |",
		"",
	}, "\n")
	if out.String() != want {
		t.Errorf("judge printed\n%swant\n%s", out.String(), want)
	}
	if table.goals != 2 || table.missed != 1 {
		t.Errorf("%d goals, %d missed, want 2 and 1", table.goals, table.missed)
	}
}
