package command_test

import (
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
)

// given are flags for tests.
type given map[string]any

func (g given) IsSet(name string) bool             { _, ok := g[name]; return ok }
func (g given) Bool(name string) bool              { v, _ := g[name].(bool); return v }
func (g given) String(name string) string          { v, _ := g[name].(string); return v }
func (g given) StringSlice(name string) []string   { v, _ := g[name].([]string); return v }
func (g given) Duration(name string) time.Duration { v, _ := g[name].(time.Duration); return v }
func (g given) Int(name string) int                { v, _ := g[name].(int); return v }

// environment is one for tests.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

// lsOf is a command with results, whose settings are tested.
func lsOf(t *testing.T) *command.Command {
	t.Helper()
	c, err := command.Commands().Find("ls")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestResolve(t *testing.T) {
	standard := command.Settings{
		Exchange: "127.0.0.1:11111", Timeout: 30 * time.Second, ConnectTimeout: 2 * time.Second,
		Format: command.FormatAuto, Color: "auto", LogLevel: slog.LevelInfo, Context: "local", Theme: "auto", Clipboard: "auto",
	}
	for _, tc := range []struct {
		name  string
		flags given
		env   map[string]string
		want  func(*command.Settings)
	}{
		{"nothing said", nil, nil, func(*command.Settings) {}},
		{"the environment", nil,
			map[string]string{"NETSVC_EXCHANGE": "unix:/x", "NETSVC_TIMEOUT": "1m", "NETSVC_OUTPUT": "json", "NETSVC_LOG": "debug"},
			func(s *command.Settings) {
				s.Exchange, s.ExplicitPlace, s.Timeout, s.Format, s.LogLevel = "unix:/x", true, time.Minute, "json", slog.LevelDebug
			}},
		{"flags are stronger",
			given{"exchange": "5", "timeout": time.Second, "output": "jsonl", "connect-timeout": time.Minute, "color": "never"},
			map[string]string{"NETSVC_EXCHANGE": "nonsense", "NETSVC_TIMEOUT": "x", "NETSVC_OUTPUT": "x"},
			func(s *command.Settings) {
				s.Exchange, s.ExplicitPlace, s.Timeout, s.Format = "127.0.0.1:5", true, time.Second, "jsonl"
				s.ConnectTimeout, s.Color = time.Minute, "never"
			}},
		{"-v logs everything", given{"verbose": true}, map[string]string{"NETSVC_LOG": "error"},
			func(s *command.Settings) { s.Verbose, s.LogLevel = true, slog.LevelDebug }},
		{"--quiet logs warnings", given{"quiet": true}, nil,
			func(s *command.Settings) { s.Quiet, s.LogLevel = true, slog.LevelWarn }},
		{"an empty variable says nothing", nil, map[string]string{"NETSVC_TIMEOUT": "", "NETSVC_OUTPUT": ""}, func(*command.Settings) {}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want := standard
			tc.want(&want)
			got, err := lsOf(t).Resolve(tc.flags, environment(tc.env), config.Folder{})
			got.All = nil
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	for _, tc := range []struct{ variable, text, want string }{
		{"NETSVC_EXCHANGE", "nowhere", `NETSVC_EXCHANGE: no address: "nowhere"; it wants PORT, HOST:PORT or unix:/PATH`},
		{"NETSVC_TIMEOUT", "5", `NETSVC_TIMEOUT wants a duration such as 10s, not "5"`},
		{"NETSVC_TIMEOUT", "-5s", `NETSVC_TIMEOUT wants a duration such as 10s, not "-5s"`},
		{"NETSVC_OUTPUT", "xml", `NETSVC_OUTPUT wants one of auto, json, jsonl, yaml, table, name, raw, not "xml"`},
		{"NETSVC_LOG", "loud", `NETSVC_LOG wants one of debug, info, warn, error, not "loud"`},
		{"NETSVC_THEME", "drak", `NETSVC_THEME wants one of auto, dark, light, mono, not "drak"`},
		{"NETSVC_CLIPBOARD", "on", `NETSVC_CLIPBOARD wants one of auto, native, osc52, off, not "on"`},
		{"NETSVC_CONTEXT", "lab", `NETSVC_CONTEXT: no such context: lab`},
	} {
		t.Run(tc.variable+"="+tc.text, func(t *testing.T) {
			_, err := lsOf(t).Resolve(given{}, environment(map[string]string{tc.variable: tc.text}), config.Folder{})
			if err == nil || err.Error() != tc.want {
				t.Errorf("err = %v, want %s", err, tc.want)
			}
		})
	}
}

// TestResolveOfAFormatThatTheCommandLacks: a flag asks for it in vain, the environment only
// prefers it.
func TestResolveOfAFormatThatTheCommandLacks(t *testing.T) {
	c := command.Command{Name: "wait"}
	_, err := c.Resolve(given{"output": "table"}, environment(nil), config.Folder{})
	e := command.Explain(t.Context(), err)
	want := "netsvc: wait has no output format table (it has auto, json, jsonl)"
	if e == nil || e.Exit != command.ExitUsage || e.Line(render.Look{}) != want {
		t.Errorf("err = %v, want %s", err, want)
	}
	prefers := environment(map[string]string{"NETSVC_OUTPUT": "table"})
	if s, err := c.Resolve(given{}, prefers, config.Folder{}); err != nil || s.Format != command.FormatAuto {
		t.Errorf("by the environment: %q, %v; want auto", s.Format, err)
	}
}
