package main

import (
	"bytes"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/netsvc/netsvc/bench/process"
)

// TestMain lets the test binary play the roles.
func TestMain(m *testing.M) {
	if process.Run(roles) {
		return
	}
	os.Exit(m.Run())
}

// TestCompareRunsEverything runs both sides for a moment. That each report came is checked by
// the subscribers, which end the measurement otherwise.
func TestCompareRunsEverything(t *testing.T) {
	var out bytes.Buffer
	if err := compare(&out, extent{rounds: 2, length: 10 * time.Millisecond, payload: 16, crowds: []int{1, 3}}); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{`bare \| 1`, `bare \| 3`, `library \| 1`, `library \| 3`} {
		if !regexp.MustCompile(`(?m)^\| ` + row + ` \| [1-9].* us \|$`).MatchString(out.String()) {
			t.Errorf("no row %s in\n%s", row, out.String())
		}
	}
}

func TestAReportHasRoomForItsNumber(t *testing.T) {
	if err := compare(new(bytes.Buffer), extent{payload: 7}); err == nil {
		t.Error("reports of 7 bytes were not refused")
	}
}
