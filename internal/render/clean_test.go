package render_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/netsvc/netsvc/internal/render"
)

func TestClean(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"plain text", "naïve 東京 🙂", "naïve 東京 🙂"},
		{"an escape sequence", "a\x1b[31mred\x1b[0m", `a\x1b[31mred\x1b[0m`},
		{"a title sequence with a bell", "\x1b]0;owned\x07", `\x1b]0;owned\x07`},
		{"a C1 control", "a\u009b31m", `a\u009b31m`},
		{"carriage return and line feed", "ok\r\nroot#", `ok\r\nroot#`},
		{"tab, backspace and delete", "a\tb\b\x7f", `a\tb\x08\x7f`},
		{"bidi override and isolate", "\u202egnp.exe\u2066", `\u202egnp.exe\u2066`},
		{"zero width characters", "ma\u200bth\u200d\ufeff", `ma\u200bth\u200d\ufeff`},
		{"letters without a shape", "a\u3164\u115fb", `a\u3164\u115fb`},
		{"line separators", "a\u2028b\u2029c", `a\u2028b\u2029c`},
		{"characters for labels outside the BMP", "a\U000e0041", `a\U000e0041`},
		{"the style of an emoji", "❤\ufe0f", "❤\ufe0f"},
		{"bytes that are not UTF-8", "a\xffb", `a\xffb`},
		{"the replacement character itself", "a\ufffdb", "a\ufffdb"},
		{"a blank that does not break", "a\u00a0b", "a\u00a0b"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := render.Clean(tc.text); got != tc.want {
				t.Errorf("Clean(%q) = %q, want %q", tc.text, got, tc.want)
			}
		})
	}
}

func TestCleanLinesKeepsLines(t *testing.T) {
	got := render.CleanLines("one\n\ttwo\r\x1b\n")
	if want := "one\n\ttwo\\r\\x1b\n"; got != want {
		t.Errorf("CleanLines = %q, want %q", got, want)
	}
}

func TestOneLineChangesNothingElse(t *testing.T) {
	got := render.OneLine("a\r\nb\x1b\u202e")
	if want := "a\\r\\nb\x1b\u202e"; got != want {
		t.Errorf("OneLine = %q, want %q", got, want)
	}
}

// harmful reports what must never reach a terminal, by rules that are not those of Clean.
func harmful(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Bidi_Control, unicode.Join_Control)
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x1b[2J\x9b\u009b", "\u202e\u200b", "\xc3\x28", "\U0010ffff", "a\nb\r"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := render.Clean(text)
		if i := strings.IndexFunc(got, harmful); i >= 0 {
			t.Errorf("Clean(%q) = %q, harmful at byte %d", text, got, i)
		}
		if !utf8.ValidString(got) {
			t.Errorf("Clean(%q) = %q, not UTF-8", text, got)
		}
		if again := render.Clean(got); again != got {
			t.Errorf("cleaning twice changed %q to %q", got, again)
		}
	})
}

// FuzzJSONOnTerminal checks that JSON made safe is the same JSON, and safe.
func FuzzJSONOnTerminal(f *testing.F) {
	f.Add("plain", "\u202e", true)
	f.Add("a\x1b[31m\u009b", "\U000e0041 \\ \"", false)
	f.Add("", "\xff\u2028", true)
	f.Fuzz(func(t *testing.T, key, text string, indent bool) {
		doc, err := json.Marshal(map[string]any{key: []any{text, 1.5, nil, true, map[string]any{}}})
		if err != nil {
			t.Skip()
		}
		shown := render.Look{Terminal: true}.AppendJSON(nil, doc, indent)
		var was, is any
		if json.Unmarshal(doc, &was) != nil || json.Unmarshal(shown, &is) != nil {
			t.Fatalf("%s became %s, which is no JSON", doc, shown)
		}
		before, _ := json.Marshal(was)
		after, _ := json.Marshal(is)
		if string(before) != string(after) {
			t.Errorf("%s became %s", before, after)
		}
		if i := strings.IndexFunc(strings.ReplaceAll(string(shown), "\n", ""), harmful); i >= 0 {
			t.Errorf("%q is harmful at byte %d", shown, i)
		}
	})
}
