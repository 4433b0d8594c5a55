package render_test

import (
	"testing"

	"github.com/netsvc/netsvc/internal/render"
)

func TestAppendFindings(t *testing.T) {
	findings := []render.Finding{
		{Check: "config", State: render.FindingOK, Message: "no file"},
		{Check: "connection", State: render.FindingFail, Message: "refused\x1b[2J", Hint: "netsvc exchange\nstarts one"},
	}
	for _, tc := range []struct {
		name string
		look render.Look
		want string
	}{
		{"pipe", render.Look{}, "ok   config     no file\nfail connection refused\x1b[2J (netsvc exchange\\nstarts one)\n"},
		{"terminal", render.Look{Terminal: true, Color: true, Width: 20},
			"\x1b[32mok\x1b[0m   config     no file\n\x1b[31mfail\x1b[0m connection refused\\x1b[2J (netsvc exchange\\nstarts one)\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := string(render.AppendFindings(nil, tc.look, findings)); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}
