package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/bench/process"
)

// TestMain lets the test binary play the roles of the comparison.
func TestMain(m *testing.M) {
	if process.Run(roles) {
		return
	}
	os.Exit(m.Run())
}

// TestCompareRunsEverything runs all workloads for a moment. That each result was right is
// checked by the callers, which fail otherwise.
func TestCompareRunsEverything(t *testing.T) {
	var out bytes.Buffer
	x := extent{rounds: 1, length: 10 * time.Millisecond, warmUp: time.Millisecond, idle: 8, watch: 10 * time.Millisecond}
	if err := compare(&out, x, ""); err != nil {
		t.Fatal(err)
	}
	all := append(workloads(), *newcomers())
	for _, w := range all {
		for _, side := range w.sides {
			if row := "\n| " + w.Name + " | " + side + " | "; !strings.Contains(out.String(), row) {
				t.Errorf("no row %q in\n%s", row, out.String())
			}
		}
	}
	for _, number := range []string{"1", "2", "3", "4", "5", "6", "8", "9", "12"} {
		if !regexp.MustCompile(`(?m)^\| ` + number + ` \| .* \| (NOT MET|met) \|$`).MatchString(out.String()) {
			t.Errorf("no row for goal %s in\n%s", number, out.String())
		}
	}
}

func TestOnlyLeavesOutTheRest(t *testing.T) {
	var out bytes.Buffer
	x := extent{rounds: 1, length: 10 * time.Millisecond, warmUp: time.Millisecond}
	if err := compare(&out, x, "x 1 KiB$"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n| 64 in flight x 1 KiB"); got != 2 {
		t.Errorf("%d rows of figures for the one workload, want 2, in\n%s", got, out.String())
	}
	if strings.Contains(out.String(), "1024") || strings.Contains(out.String(), "idle") {
		t.Errorf("others have run:\n%s", out.String())
	}
}
