package render_test

import (
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/render"
)

func TestProgressText(t *testing.T) {
	terminal := render.Look{Terminal: true}
	for _, tc := range []struct {
		name   string
		look   render.Look
		what   string
		waited time.Duration
		note   string
		want   string
	}{
		{"in the first second", terminal, "math.slow", 900 * time.Millisecond, "", "waiting for math.slow ..."},
		{"later", terminal, "math.slow", 3900 * time.Millisecond, "", "waiting for math.slow ... 3s"},
		{"much later", terminal, "math.slow", 65 * time.Second, "12 done", "waiting for math.slow ... 1m5s, 12 done"},
		{"what harms a terminal", terminal, "a\x1b[2J\r\n", 0, "\u202e", `waiting for a\x1b[2J\r\n ..., \u202e`},
		{"a narrow terminal", render.Look{Terminal: true, Width: 20}, "math.slow", 3 * time.Second, "", "waiting for math.s…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.look.ProgressText(tc.what, tc.waited, tc.note); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestLinesOverLines(t *testing.T) {
	for _, tc := range []struct {
		name   string
		text   string
		before int
		want   string
		width  int
	}{
		{"the first", "abc", 0, "\rabc", 3},
		{"a longer one", "東京", 3, "\r東京", 4},
		{"a shorter one", "ab", 4, "\rab  ", 2},
		{"none at all", "", 4, "\r    \r", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, width := render.AppendOver(nil, tc.text, tc.before); string(got) != tc.want || width != tc.width {
				t.Errorf("got %q and width %d, want %q and %d", got, width, tc.want, tc.width)
			}
		})
	}
}
