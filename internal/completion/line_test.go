package completion_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/netsvc/netsvc/internal/completion"
)

// at cuts a line at the cursor, which | stands for.
func at(t *testing.T, typed string) completion.Line {
	t.Helper()
	before, behind, ok := strings.Cut(typed, "|")
	if !ok {
		t.Fatalf("no cursor in %q", typed)
	}
	return completion.Split(before+behind, len(before))
}

func TestSplit(t *testing.T) {
	for _, tc := range []struct {
		name, typed string
		before      []string
		word, raw   string
		after       []string
	}{
		{"nothing", "|", nil, "", "", nil},
		{"the first word", "net|", nil, "net", "net", nil},
		{"behind a blank", "netsvc |", []string{"netsvc"}, "", "", nil},
		{"many blanks", " netsvc \t call  ma|", []string{"netsvc", "call"}, "ma", "ma", nil},
		{"in the middle of a word", "netsvc ca|ll math", []string{"netsvc"}, "ca", "ca", []string{"math"}},
		{"between words", "netsvc |call math", []string{"netsvc"}, "", "", []string{"math"}},
		{"between blanks", "netsvc | math", []string{"netsvc"}, "", "", []string{"math"}},
		{"at the beginning", "|netsvc call", nil, "", "", []string{"call"}},
		{"an open quote", "netsvc 'a b|", []string{"netsvc"}, "a b", "'a b", nil},
		{"an open double quote", `netsvc x="a b|`, []string{"netsvc"}, "x=a b", `x="a b`, nil},
		{"a cursor inside quotes", `netsvc 'a b| c' d`, []string{"netsvc"}, "a b", "'a b", []string{"d"}},
		{"closed quotes", `netsvc 'a b'"c d"|`, []string{"netsvc"}, "a bc d", `'a b'"c d"`, nil},
		{"whole words in quotes", `netsvc 'a b' "c'd" e\ f |`, []string{"netsvc", "a b", "c'd", "e f"}, "", "", nil},
		{"an empty word", `netsvc '' |`, []string{"netsvc", ""}, "", "", nil},
		{"just a quote", `netsvc '|`, []string{"netsvc"}, "", "'", nil},
		{"a backslash", `netsvc a\ b|`, []string{"netsvc"}, "a b", `a\ b`, nil},
		{"a backslash at the cursor", `netsvc a\|`, []string{"netsvc"}, "a", `a\`, nil},
		{"a backslash in double quotes", `netsvc "a\n\"\\|`, []string{"netsvc"}, `a\n"\`, `"a\n\"\\`, nil},
		{"a backslash in single quotes", `netsvc 'a\' b|`, []string{"netsvc", `a\`}, "b", "b", nil},
		{"a line that goes on", "netsvc \\\n ca\\\nll|", []string{"netsvc", ""}, "call", "ca\\\nll", nil},
		{"characters of many bytes", "netsvc é ü|", []string{"netsvc", "é"}, "ü", "ü", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := at(t, tc.typed)
			if !slices.Equal(got.Before, tc.before) || !slices.Equal(got.After, tc.after) {
				t.Errorf("before %q, after %q, want %q, %q", got.Before, got.After, tc.before, tc.after)
			}
			if got.Word != tc.word || got.Raw != tc.raw {
				t.Errorf("word %q, raw %q, want %q, %q", got.Word, got.Raw, tc.word, tc.raw)
			}
		})
	}
}

func TestSplitMovesTheCursorIntoTheLine(t *testing.T) {
	for _, tc := range []struct {
		name, line string
		point      int
		want       string
	}{
		{"before it", "netsvc call", -5, ""},
		{"behind it", "netsvc call", 99, "call"},
		{"inside a character", "netsvc aé", len("netsvc aé") - 1, "a"},
	} {
		if got := completion.Split(tc.line, tc.point); got.Word != tc.want {
			t.Errorf("%s: word %q, want %q", tc.name, got.Word, tc.want)
		}
	}
}

// lastBlank finds where the word at the cursor begins in another way: from the first byte on, by
// leaps over quoted parts.
func lastBlank(line string) int {
	begin := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '\'':
			n := strings.IndexByte(line[i+1:], '\'')
			if n < 0 {
				return begin
			}
			i += 1 + n
		case '"':
			for i++; i < len(line) && line[i] != '"'; i++ {
				if line[i] == '\\' {
					i++
				}
			}
		case ' ', '\t', '\n':
			begin = i + 1
		}
	}
	return begin
}

func FuzzSplit(f *testing.F) {
	for _, line := range []string{"netsvc call math.mu", `netsvc x="a b`, `a\ b 'c`, "é ü", `"\`, "'a' b\\\nc"} {
		f.Add(line, len(line))
		f.Add(line, len(line)/2)
	}
	f.Fuzz(func(t *testing.T, line string, point int) {
		got := completion.Split(line, point)
		end := got.Start + len(got.Raw)
		if got.Start < 0 || end > len(line) || line[got.Start:end] != got.Raw {
			t.Fatalf("Split(%q, %d): raw %q is not at %d", line, point, got.Raw, got.Start)
		}
		if want := lastBlank(line[:end]); want != got.Start {
			t.Errorf("Split(%q, %d) begins at %d, want %d", line, point, got.Start, want)
		}
		if utf8.ValidString(line) && !utf8.ValidString(got.Word) {
			t.Errorf("Split(%q, %d) tears a character: %q", line, point, got.Word)
		}
		if len(got.Word) > len(got.Raw) {
			t.Errorf("Split(%q, %d): %q is longer than what was typed, %q", line, point, got.Word, got.Raw)
		}
	})
}
