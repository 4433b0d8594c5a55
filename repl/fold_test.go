package repl_test

import (
	"testing"

	"github.com/netsvc/netsvc/repl"
)

func TestFold(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"one line stays", "ls  # all", "ls  # all"},
		{"a list", "math.sum [1,\n  2,\n  3]", "math.sum [1,   2,   3]"},
		{"an operator at the end", "ls |>\n.[0]", "ls |> .[0]"},
		{"a comment goes", "call math.sum [1, # one\n2]", "call math.sum [1,  2]"},
		{"no comment", "a#b [\n]", "a#b [ ]"},
		{"a string in double quotes", "mail.send \"a\nb\"", `mail.send "a\nb"`},
		{"an escaped quote", "x \"a\\\"\n\" [\n]", `x "a\"\n" [ ]`},
		{"JSON in single quotes", "x '{\n\"a\": 1\n}'", `x '{ "a": 1 }'`},
		{"text in single quotes", "x 'a\nb'", `x 'a'"\n"'b'`},
		{"lines that end as on other systems", "x 'a\r\nb' [\r\n]", `x 'a'"\n"'b' [  ]`},
		{"a quote of the other kind", "x \"it's\n\" y'\"\n'", `x "it's\n" y'"'"\n"''`},
	} {
		if got := repl.Fold(tc.text); got != tc.want {
			t.Errorf("%s: %q became %q, want %q", tc.name, tc.text, got, tc.want)
		}
	}
}
