package main

import (
	"fmt"
	"strings"
	"testing"
)

// Messages that come while a statement runs wait for the next prompt: the last ones, as many as there is
// room for.
func TestMessagesThatWait(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, tc := range []struct {
		name       string
		count      int
		text       string
		kept, lost int
	}{
		{"few", 3, "short", 3, 0},
		{"too many", maxHeld + 2, "short", maxHeld, 2},
		{"too long together", 40, long, maxHeldBytes/(1<<20) - 1, 40 - maxHeldBytes/(1<<20) + 1},
		{"one that is too long by itself", 2, strings.Repeat("x", maxHeldBytes+1), 1, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var shown strings.Builder
			d := &desk{talk: &shown}
			for i := range tc.count {
				d.Tell(fmt.Sprintf("[%d] %s", i, tc.text))
			}
			d.flush()
			told := fmt.Sprintf("%d earlier messages were dropped\n", tc.lost)
			if got := strings.HasPrefix(shown.String(), told); got != (tc.lost > 0) {
				t.Errorf("it begins with %.60q; want %d dropped", shown.String(), tc.lost)
			}
			if got := strings.Count(shown.String(), tc.text); got != tc.kept {
				t.Errorf("%d messages are shown, want %d", got, tc.kept)
			}
			if last := fmt.Sprintf("[%d] %s\n", tc.count-1, tc.text); !strings.HasSuffix(shown.String(), last) {
				t.Error("the last message is missing")
			}
		})
	}
}
