package command_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
)

// newEcho is a place with a service that returns what it gets.
func newEcho(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	echo := service.New("echo", nil)
	echo.Export("same", func(v any) any { return v }, nil)
	echo.Export("each", func(list []any) iter.Seq[any] { return slices.Values(list) }, nil)
	if err := p.host.Announce(t.Context(), echo); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFormats(t *testing.T) {
	p := newEcho(t)
	pipe, terminal := render.Look{}, render.Look{Terminal: true}
	yaml, raw, name, table := given{"output": "yaml"}, given{"output": "raw"}, given{"output": "name"}, given{"output": "table"}
	for _, tc := range []struct {
		name  string
		look  render.Look
		flags given
		words string
		want  string
	}{
		{"yaml of a map", pipe, yaml, `call echo.same {"a":[1,2],"b":"yes"}`, "a:\n  - 1\n  - 2\nb: \"yes\"\n"},
		{"yaml of large numbers", pipe, yaml, "call echo.same [123456789012345678901234567890,1e300]", "- 123456789012345678901234567890\n- 1e+300\n"},
		{"yaml on a terminal", terminal, yaml, "call math.names", "- \"a\\u202e\"\n- b\n"},
		{"yaml of a stream", pipe, given{"output": "yaml", "stream": true}, `call echo.each [1,{"a":2},[]]`, "1\n---\na: 2\n---\n[]\n"},
		{"yaml of a list of shapes", pipe, yaml, "ls nobody*", "[]\n"},
		{"raw text", pipe, raw, "call echo.same str:a\x1b[2Jb", "a\x1b[2Jb\n"},
		{"raw text on a terminal", terminal, raw, "call echo.same str:a\x1b[2Jb", "a\\x1b[2Jb\n"},
		{"raw nothing", pipe, raw, "call echo.same null", ""},
		{"raw bytes", pipe, raw, "call echo.same hex:00ff0a", "\x00\xff\n"},
		{"raw list", pipe, raw, "call echo.same [1,2]", "[1,2]\n"},
		{"raw date", pipe, raw, "call echo.same date:2026-11-22", "2026-11-22\n"},
		{"raw stream", pipe, given{"output": "raw", "stream": true}, `call echo.each ["a",null,1]`, "a\n1\n"},
		{"names", pipe, name, "ls *", "echo\nmath\n"},
		{"no names", pipe, name, "ls nobody*", ""},
		{"a table as wide as the terminal", render.Look{Terminal: true, Width: 12}, table, `call echo.same [{"a":"12345678","b":"12345678"}]`,
			"A         B\n12345678  1…\n"},
		{"a value is never cut", render.Look{Terminal: true, Width: 12}, nil, `call echo.same ["123456789012345678"]`, "[\n  \"123456789012345678\"\n]\n"},
		{"a stream in a table has lines", pipe, given{"output": "table", "stream": true}, `call echo.each [1,"a"]`, "1\n\"a\"\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := p.run(t, tc.look, tc.flags, strings.Split(tc.words, " ")...)
			if err != nil || got != tc.want {
				t.Errorf("%s = %q, %v; want %q", tc.words, got, err, tc.want)
			}
		})
	}
}

func TestFilter(t *testing.T) {
	p := newEcho(t)
	pipe, terminal := render.Look{}, render.Look{Terminal: true}
	for _, tc := range []struct {
		name  string
		look  render.Look
		flags given
		words string
		want  string
	}{
		{"a member", pipe, given{"jq": ".mean"}, `call echo.same {"mean":2}`, "2\n"},
		{"several outputs", pipe, given{"jq": ".[]"}, `call echo.same [1,"a",{"b":2}]`, "1\n\"a\"\n{\"b\":2}\n"},
		{"indented on a terminal", terminal, given{"jq": "."}, `call echo.same ["\u202e"]`, "[\n  \"\\u202e\"\n]\n"},
		{"bare texts", pipe, given{"jq": ".[]", "output": "raw"}, `call echo.same ["a\tb",null,1]`, "a\tb\n1\n"},
		{"safe bare texts", terminal, given{"jq": ".[]", "output": "raw"}, `call echo.same ["\u001b[2J"]`, "\\x1b[2J\n"},
		{"bytes are their JSON", terminal, given{"jq": ".", "output": "raw"}, "call echo.same hex:00ff", "AP8=\n"},
		{"yaml", pipe, given{"jq": ".[]", "output": "yaml"}, `call echo.same [1,{"a":[]}]`, "1\n---\na: []\n"},
		{"a table for each output", pipe, given{"jq": ".[]", "output": "table"}, `call echo.same [{"a":1},[{"b":2}]]`, "NAME  VALUE\na     1\nB\n2\n"},
		{"large numbers", pipe, given{"jq": ".[]"}, "call echo.same [123456789012345678901234567890,9007199254740993,1e300,-0]",
			"123456789012345678901234567890\n9007199254740993\n1e+300\n-0\n"},
		{"each line of a stream", pipe, given{"jq": ".+1", "stream": true}, "call echo.each [1,2]", "2\n3\n"},
		{"the document of a list", pipe, given{"jq": "length"}, "ls *", "2\n"},
		{"also line by line", pipe, given{"jq": ".[].name", "output": "jsonl"}, "ls *", "\"echo\"\n\"math\"\n"},
		{"names without quotes", pipe, given{"jq": ".[].name", "output": "raw"}, "ls *", "echo\nmath\n"},
		{"a description on a terminal", terminal, given{"jq": ".methods[].name", "output": "raw"}, "describe echo", "each\nsame\n"},
		{"each answer of all", pipe, given{"jq": ".value", "all": true}, "call math.multiply 3 4", "12\n"},
		{"each answer of all, as JSON", pipe, given{"jq": ".value", "all": true, "output": "json"}, "call math.multiply 3 4", "12\n"},
		{"each answer of all, on a terminal", terminal, given{"jq": ".value", "all": true}, "call math.multiply 3 4", "12\n"},
		{"nothing at all", pipe, given{"jq": "empty"}, "call echo.same 1", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := p.run(t, tc.look, tc.flags, strings.Split(tc.words, " ")...)
			if err != nil || got != tc.want {
				t.Errorf("%s = %q, %v; want %q", tc.words, got, err, tc.want)
			}
		})
	}
}

func TestOutputFails(t *testing.T) {
	p := newEcho(t)
	pipe, terminal := render.Look{}, render.Look{Terminal: true}
	for _, tc := range []struct {
		name    string
		look    render.Look
		flags   given
		words   string
		written string
		exit    int
		line    string
	}{
		{"bytes on a terminal", terminal, given{"output": "raw"}, "call echo.same hex:00ff", "",
			command.ExitUsage, "netsvc: the result is 2 bytes, and no text for a terminal (redirect it: > FILE)"},
		{"an expression that is none", pipe, given{"jq": ".a | | .b"}, "call nobody.there", "",
			command.ExitUsage, `netsvc: --jq: unexpected token "|" at character 6`},
		{"a function that is not there", pipe, given{"jq": "nonsense"}, "call nobody.there", "",
			command.ExitUsage, "netsvc: --jq: function not defined: nonsense/0"},
		{"an expression that does not fit", pipe, given{"jq": ".[0], .a"}, "call echo.same [7]", "7\n",
			command.ExitUsage, "netsvc: --jq: expected an object but got: array ([7])"},
		{"an expression without end", pipe, given{"jq": "def f: f; f", "timeout": 200 * time.Millisecond}, "call echo.same 1", "",
			command.ExitTimeout, "netsvc: echo.same: --jq: the deadline passed"},
		{"an expression without end, of a line of top", pipe, given{"jq": "def f: f; f", "timeout": 200 * time.Millisecond}, "top", "",
			command.ExitTimeout, "netsvc: --jq: the deadline passed"},
		{"stdin with --no-input", pipe, given{"no-input": true}, "call echo.same -", "",
			command.ExitUsage, "netsvc: --no-input: this would read stdin"},
		{"lines of stdin with --no-input", pipe, given{"no-input": true}, "pub lines:x", "",
			command.ExitUsage, "netsvc: --no-input: this would read stdin"},
		{"a file that is not there", pipe, nil, "call echo.same @no-such-file", "",
			command.ExitUsage, `netsvc: cannot read the file "no-such-file": no such file or directory`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := p.run(t, tc.look, tc.flags, strings.Split(tc.words, " ")...)
			e := command.Explain(t.Context(), err)
			if e == nil || e.Exit != tc.exit || e.Line(render.Look{}) != tc.line || got != tc.written {
				t.Errorf("wrote %q, err %v; want %q and exit %d, %s", got, err, tc.written, tc.exit, tc.line)
			}
		})
	}
}

// patientReader takes its time for each write.
type patientReader struct{ bytes.Buffer }

func (r *patientReader) Write(text []byte) (int, error) {
	time.Sleep(time.Minute)
	return r.Buffer.Write(text)
}

// TestExpressionOfASlowReader: --timeout bounds the expression, and not who reads what it makes.
func TestExpressionOfASlowReader(t *testing.T) {
	c, err := command.Commands().Find("version")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var out patientReader
		env := &command.Env{Out: &out, Settings: command.Settings{JQ: ".protocol, 2, 3", Timeout: time.Second}}
		if err := c.Execute(t.Context(), env); err != nil || out.String() != "1\n2\n3\n" {
			t.Errorf("wrote %q, err %v; want three lines", out.String(), err)
		}
	})
}

// TestNamesOfAFilteredList: what an expression makes of it has none.
func TestNamesOfAFilteredList(t *testing.T) {
	_, err := lsOf(t).Resolve(given{"jq": ".", "output": "name"}, environment(nil), config.Folder{})
	e := command.Explain(t.Context(), err)
	if want := "netsvc: -o name and --jq do not go together (such as -q '.[].name' -r)"; e == nil || e.Line(render.Look{}) != want {
		t.Errorf("err = %v, want %s", err, want)
	}
	prefers := func(name string) string { return map[string]string{"NETSVC_OUTPUT": "name"}[name] }
	if s, err := lsOf(t).Resolve(given{"jq": "."}, prefers, config.Folder{}); err != nil || s.Format != command.FormatAuto {
		t.Errorf("by the environment: %q, %v; want auto", s.Format, err)
	}
}

// newLamp is a place where two reports are retained.
func newLamp(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	publisher := service.New("lamp", nil)
	if err := p.host.Announce(t.Context(), publisher); err != nil {
		t.Fatal(err)
	}
	for i, subject := range []string{"a", "b"} {
		opts := service.PublishOptions{Lifetime: service.WhileAnnounced, Confirm: true}
		if err := publisher.PublishWith(t.Context(), subject, i, opts); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// TestReportsAreLines also on a terminal, where other JSON is spread over many.
func TestReportsAreLines(t *testing.T) {
	p := newLamp(t)
	for _, flags := range []given{{"output": "json"}, {"output": "jsonl"}, {"jq": "."}, {"jq": ".", "output": "json"}} {
		flags["retained-only"] = true
		got, err := p.run(t, render.Look{Terminal: true}, flags, "sub", "lamp")
		lines := strings.SplitAfter(got, "\n")
		if err != nil || len(lines) != 3 || !json.Valid([]byte(lines[0])) || !json.Valid([]byte(lines[1])) {
			t.Errorf("with %v: %q, %v; want two lines of JSON", flags, got, err)
		}
	}
}

// TestReportsInYAML are documents of their own.
func TestReportsInYAML(t *testing.T) {
	p := newLamp(t)
	got, err := p.run(t, render.Look{}, given{"output": "yaml", "retained-only": true, "jq": "{subject, value}"}, "sub", "lamp")
	if want := "subject: a\nvalue: 0\n---\nsubject: b\nvalue: 1\n"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	got, err = p.run(t, render.Look{Terminal: true}, given{"retained-only": true, "jq": ".subject", "output": "raw"}, "sub", "lamp")
	if want := fmt.Sprintln("a") + fmt.Sprintln("b"); err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}
