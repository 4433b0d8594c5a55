package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestTablesFitTheTerminal by what the kernel says of it, else by COLUMNS.
func TestTablesFitTheTerminal(t *testing.T) {
	address := world(t)
	for _, tc := range []struct {
		name    string
		columns uint16
		env     []string
		mark    string // of what was cut
		widest  int    // zero: wider than all the others
	}{
		{"40 columns", 40, []string{"LANG=C.UTF-8"}, "…", 40},
		{"in a locale of ASCII", 40, []string{"LANG=C"}, "..", 40},
		{"LC_ALL is stronger", 40, []string{"LANG=C.UTF-8", "LC_ALL=POSIX"}, "..", 40},
		{"COLUMNS is not asked", 40, []string{"LANG=C", "COLUMNS=70"}, "..", 40},
		{"only COLUMNS", 0, []string{"LANG=C", "COLUMNS=70"}, "..", 70},
		{"nobody knows", 0, []string{"LANG=C", "COLUMNS=some"}, "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := onTerminalOf(t, tc.columns, append(tc.env, "NO_COLOR=1"), "ls", "--instances", "-x", address)
			text := s.end(t).text
			widest := 0
			for line := range strings.Lines(text) {
				widest = max(widest, utf8.RuneCountInString(strings.TrimRight(line, "\r\n")))
			}
			switch {
			case tc.widest == 0 && widest < 100:
				t.Errorf("%d columns of a table without bound: %q", widest, text)
			case tc.widest > 0 && (widest > tc.widest || widest < tc.widest-4):
				t.Errorf("%d columns, want %d: %q", widest, tc.widest, text)
			case !strings.Contains(text, tc.mark):
				t.Errorf("no %q where %q was cut", tc.mark, text)
			case tc.mark != "…" && strings.ContainsFunc(text, func(r rune) bool { return r > 0x7f }):
				t.Errorf("more than ASCII in %q", text)
			}
		})
	}
}

// TestValuesAreNotCut: what can be read back must be whole.
func TestValuesAreNotCut(t *testing.T) {
	address := world(t)
	for _, words := range [][]string{{"call", "evil.say"}, {"ls", "-o", "json"}, {"ls", "-o", "yaml"}, {"call", "evil.say", "-r"}} {
		t.Run(strings.Join(words, " "), func(t *testing.T) {
			s := onTerminalOf(t, 20, []string{"LANG=C", "NO_COLOR=1"}, append(words, "--quiet", "-x", address)...)
			if text := s.end(t).text; strings.Contains(text, "..") {
				t.Errorf("cut: %q", text)
			}
		})
	}
}

// TestBytesGoToNoTerminal, and exit code 2 says so.
func TestBytesGoToNoTerminal(t *testing.T) {
	s := onTerminal(t, nil, "call", "evil.bytes", "-r", "-x", world(t))
	got := s.end(t)
	if want := "netsvc: the result is 3 bytes, and no text for a terminal (redirect it: > FILE)\r\n"; got.text != want {
		t.Errorf("got %q, want %q", got.text, want)
	}
	if got.code != 2 {
		t.Errorf("exit code %d, want 2", got.code)
	}
}
