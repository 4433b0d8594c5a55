package command_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
)

func TestShellWords(t *testing.T) {
	for _, tc := range []struct {
		words []string
		want  string
	}{
		{[]string{"netsvc", "call", "math.multiply", "3", "-4"}, "netsvc call math.multiply 3 -4"},
		{[]string{"x=3", "y:=4", "=ls"}, "x=3 y:=4 '=ls'"},
		{[]string{"[1,2]", "", "it's", "~", "a b"}, `'[1,2]' '' 'it'\''s' '~' 'a b'`},
		{[]string{"math@3.multiply", "dur:1h", "@file", "50%"}, "math@3.multiply dur:1h @file 50%"},
	} {
		if got := command.ShellWords(tc.words...); got != tc.want {
			t.Errorf("%q: %s, want %s", tc.words, got, tc.want)
		}
	}
}

// A shell reads back what was written.
func TestShellWordsInAShell(t *testing.T) {
	words := []string{"$(echo a)", "`b`", "a\nb", `\`, `"`, "'", "*", "?x", "#", "!1", "é", "a=b", "{1,2}", "-", "<>|&;"}
	line := "printf '%s\\0' " + command.ShellWords(words...)
	out, err := exec.CommandContext(t.Context(), "sh", "-c", line).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), strings.Join(words, "\x00")+"\x00"; got != want {
		t.Errorf("a shell reads %q, want %q", got, want)
	}
}
