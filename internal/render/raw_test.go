package render_test

import (
	"testing"

	"github.com/netsvc/netsvc/internal/render"
)

func TestRaw(t *testing.T) {
	pipe, terminal := render.Look{}, render.Look{Terminal: true}
	for _, tc := range []struct {
		name string
		look render.Look
		doc  string
		want string
	}{
		{"a text", pipe, `"a\tb\"c"`, "a\tb\"c\n"},
		{"an empty text", pipe, `""`, "\n"},
		{"a text in a pipe is verbatim", pipe, `"\u001b[2J\r\n"`, "\x1b[2J\r\n\n"},
		{"on a terminal it is safe and keeps its lines", terminal, `"a\u001b[2J\nb\tc\r"`, "a\\x1b[2J\nb\tc\\r\n"},
		{"nothing", pipe, `null`, ""},
		{"a number", pipe, `123456789012345678901234567890`, "123456789012345678901234567890\n"},
		{"a truth", terminal, `true`, "true\n"},
		{"a list", pipe, `["a",null]`, "[\"a\",null]\n"},
		{"a map on a terminal", terminal, "{\"a\":\"\u202e\"}", "{\"a\":\"\\u202e\"}\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := string(tc.look.AppendRaw(nil, []byte(tc.doc))); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
