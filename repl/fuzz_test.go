package repl

import (
	"errors"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
)

// Any text has items or an error that says what is wrong, and what was typed of each item is an item.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"math.add 1 2; $x = ls |> .[0] | sort", "$(a.b $(c.d 1) x=$y[0].z)", `"a\(1)" 'b' [1,"]"] {`, "watch -n 2s repeat 3 time ls > f &",
		"!ls; #", "a |> b | c (;) ; d", "$_ = _2.x", "a >> 'b c' &", "((", "|>", "$(", "'", "\"\\", "!", "a\r\nb", "$x=1", "x=\"a\" y='b'c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		items, err := parse(text)
		var open *unfinished
		var usage *command.Error
		if err != nil && !errors.As(err, &open) && !errors.As(err, &usage) {
			t.Fatalf("%q: error %v of no known kind", text, err)
		}
		if Incomplete(text) != (open != nil) {
			t.Errorf("%q: Incomplete = %v, error %v", text, open == nil, err)
		}
		for _, it := range items {
			if !strings.Contains(text, it.text) {
				t.Errorf("%q: item %q is no part of it", text, it.text)
			}
			again, err := parse(";" + it.text) // at the start of a line # is a comment
			if err != nil || len(again) != 1 {
				t.Errorf("%q: item %q is %d items, %v", text, it.text, len(again), err)
			}
		}
	})
}
