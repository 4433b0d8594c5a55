package command_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
)

// Whoever runs a command gets to know each result once, whatever people or programs see of it.
func TestResults(t *testing.T) {
	p := newEcho(t)
	pipe, terminal := render.Look{}, render.Look{Terminal: true}
	for _, tc := range []struct {
		name    string
		look    render.Look
		flags   given
		words   string
		want    []string
		encoded bool
	}{
		{"a value", pipe, nil, "call math.multiply 3 4", []string{"12"}, true},
		{"a value on a terminal", terminal, nil, "call echo.same [1]", []string{"[1]"}, true},
		{"raw bytes", pipe, given{"output": "raw"}, "call echo.same hex:00ff", []string{`"AP8="`}, true},
		{"each of a stream", pipe, given{"stream": true}, `call echo.each [1,"a"]`, []string{"1", `"a"`}, true},
		{"what jq makes", pipe, given{"jq": ".[]"}, "call echo.same [1,2]", []string{"1", "2"}, false},
		{"answers of all on a terminal", terminal, given{"all": true, "jq": ".value"}, "call math.multiply 3 4", []string{"12"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			words := strings.Split(tc.words, " ")
			c, err := command.Commands().Find(words[0])
			if err != nil {
				t.Fatal(err)
			}
			settings, err := c.Resolve(tc.flags, func(string) string { return "" }, config.Folder{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			env := &command.Env{
				Args: words[1:], Flags: tc.flags, Settings: settings, Out: io.Discard, Err: io.Discard, OutLook: tc.look,
				Log:     slog.New(slog.DiscardHandler),
				Connect: func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
				OnResult: func(r command.Result) {
					got = append(got, string(r.JSON))
					if (r.Encoded != nil) != tc.encoded {
						t.Errorf("%s came over the network: %v", r.JSON, r.Encoded != nil)
					}
				},
			}
			if err := c.Execute(t.Context(), env); err != nil || !slices.Equal(got, tc.want) {
				t.Errorf("%s: %q, %v; want %q", tc.words, got, err, tc.want)
			}
		})
	}
}

func TestResultsOfAListForPeople(t *testing.T) {
	p := newEcho(t)
	for _, format := range []command.Format{command.FormatAuto, command.FormatName, command.FormatJSONL} {
		var got []string
		env := &command.Env{
			Args: []string{"m*"}, Flags: given{}, Settings: command.Settings{Format: format, Timeout: 10e9}, Out: io.Discard,
			OutLook: render.Look{Terminal: true}, Log: slog.New(slog.DiscardHandler),
			Connect:  func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
			OnResult: func(r command.Result) { got = append(got, string(r.JSON)) },
		}
		c, _ := command.Commands().Find("ls")
		err := c.Execute(t.Context(), env)
		if err != nil || len(got) != 1 || !strings.HasPrefix(got[0], `[{"name":"math"`) {
			t.Errorf("%s: %q, %v; want the list, once", format, got, err)
		}
	}
}
