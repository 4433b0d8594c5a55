package main

import (
	"regexp"
	"testing"
)

// TestProgressOnATerminal is one line that is written over and gone in the end.
func TestProgressOnATerminal(t *testing.T) {
	address := world(t)
	const failure = `netsvc: evil.slow: [^\r\n]*deadline[^\r\n]*\r\n$`
	for _, tc := range []struct {
		name  string
		words []string
		want  string
	}{
		{"a call", nil, `^\rwaiting for evil.slow \.\.\.(\rwaiting for evil.slow \.\.\. 1s)?\r +\r` + failure},
		{"a quiet one", []string{"--quiet"}, "^" + failure},
	} {
		t.Run(tc.name, func(t *testing.T) {
			words := append([]string{"call", "evil.slow", "-t", "1300ms", "-x", address}, tc.words...)
			s := onTerminal(t, []string{"NO_COLOR=1"}, words...)
			if text := s.end(t).text; !regexp.MustCompile(tc.want).MatchString(text) {
				t.Errorf("got %q, want a match of %s", text, tc.want)
			}
		})
	}
}
