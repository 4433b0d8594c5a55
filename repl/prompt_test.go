package repl_test

import (
	"testing"
	"unicode"

	"github.com/netsvc/netsvc/repl"
)

func TestPromptText(t *testing.T) {
	for _, tc := range []struct {
		name         string
		context, use string
		connected    bool
		columns      int
		ascii        bool
		want         string
	}{
		{"a context", "local", "", true, 80, false, "netsvc(local)> "},
		{"a service in use", "local", "math", true, 80, false, "netsvc(local:math)> "},
		{"the exchange is away", "local", "", false, 80, false, "netsvc(local ✗)> "},
		{"the exchange is away, with a service", "local", "math", false, 80, false, "netsvc(local:math ✗)> "},
		{"a terminal with ASCII", "local", "", false, 80, true, "netsvc(local x)> "},
		{"a terminal of unknown width", "local", "", true, 0, false, "netsvc(local)> "},
		{"40 columns", "local", "", true, 40, false, "netsvc(local)> "},
		{"39 columns", "local", "", true, 39, false, "> "},
		{"a name as long as the terminal", "a-name-that-takes-more-than-half-of-it", "", true, 60, false, "> "},
		{"a name that is no text", "a\x1b[2J\u202e\ue000", "", true, 80, false, `netsvc(a\x1b[2J\u202e\ue000)> `},
	} {
		got := repl.PromptText(tc.context, tc.use, tc.connected, tc.columns, tc.ascii)
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		for _, r := range got {
			if unicode.Is(unicode.C, r) {
				t.Errorf("%s: %q in a prompt", tc.name, r)
			}
		}
	}
}

func TestContinuedText(t *testing.T) {
	for columns, want := range map[int]string{0: "   ...> ", 80: "   ...> ", 40: "   ...> ", 39: "..> "} {
		if got := repl.ContinuedText(columns); got != want {
			t.Errorf("%d columns: %q, want %q", columns, got, want)
		}
	}
}
