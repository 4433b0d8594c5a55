package command_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
)

// surroundings are all that settings come from.
type surroundings struct {
	flags    given
	env      map[string]string
	contexts string // contexts.toml
	config   string // config.toml
}

func (s *surroundings) resolve(t *testing.T, c *command.Command) (command.Settings, config.Folder, error) {
	t.Helper()
	home := t.TempDir()
	folder := config.Find("", home)
	if err := errors.Join(os.Mkdir(folder.Path(), 0o700), os.WriteFile(folder.Contexts(), []byte(s.contexts), 0o600),
		os.WriteFile(folder.Config(), []byte(s.config), 0o600)); err != nil {
		t.Fatal(err)
	}
	settings, err := c.Resolve(s.flags, environment(s.env), folder)
	return settings, folder, err
}

// example is what each of the sources says about one setting.
type example struct {
	name     string
	variable string
	values   []string // by flag, environment, context, file, default
	flag     any      // the flag's value when it is no text
}

// TestPrecedence asks for each setting with each subset of the sources, once with the context
// chosen by --context and once with a current one.
func TestPrecedence(t *testing.T) {
	for _, e := range []example{
		{"exchange", "NETSVC_EXCHANGE", []string{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4", "127.0.0.1:11111"}, nil},
		{"gateway", "", []string{"http://a", "", "http://c/x", "https://d", ""}, nil},
		{"timeout", "NETSVC_TIMEOUT", []string{"1s", "2s", "3s", "4s", "30s"}, time.Second},
		{"connect-timeout", "", []string{"1s", "", "3s", "4s", "2s"}, time.Second},
		{"output", "NETSVC_OUTPUT", []string{"json", "jsonl", "table", "name", "auto"}, nil},
		{"color", "", []string{"never", "", "always", "never", "auto"}, nil},
		{"theme", "NETSVC_THEME", []string{"mono", "dark", "light", "dark", "auto"}, nil},
		{"clipboard", "NETSVC_CLIPBOARD", []string{"", "off", "native", "osc52", "auto"}, nil},
		{"log", "NETSVC_LOG", []string{"", "error", "debug", "warn", "info"}, nil},
	} {
		for set := range 16 {
			for _, byFlag := range []bool{false, true} {
				e.try(t, set, byFlag)
			}
		}
	}
}

// try lets those sources speak whose bit is in set.
func (e *example) try(t *testing.T, set int, byFlag bool) {
	t.Helper()
	speaks := func(source int) bool { return set&(1<<source) != 0 && e.values[source] != "" }
	around := surroundings{flags: given{}, env: map[string]string{}, contexts: "[context.lab]\ngateway = 'http://unused'\n"}
	if e.name == "gateway" {
		around.contexts = "[context.lab]\n"
	}
	if speaks(0) {
		around.flags[e.name] = e.values[0]
		if e.flag != nil {
			around.flags[e.name] = e.flag
		}
	}
	if speaks(1) {
		around.env[e.variable] = e.values[1]
	}
	if speaks(2) {
		around.contexts += fmt.Sprintf("%s = %q\n", e.name, e.values[2])
	}
	if speaks(3) {
		around.config = fmt.Sprintf("%s = %q\n", e.name, e.values[3])
	}
	order := []int{0, 1, 2, 3}
	if byFlag {
		around.flags["context"] = "lab"
		order = []int{0, 2, 1, 3}
	} else {
		around.contexts = "current = 'lab'\n" + around.contexts
	}
	got, folder, err := around.resolve(t, lsOf(t))
	origins := []string{"flag --" + e.name, "environment " + e.variable, "context lab", "file " + folder.Config(), "default"}
	strongest := 4
	if i := slices.IndexFunc(order, speaks); i >= 0 {
		strongest = order[i]
	}
	want := command.Setting{Name: e.name, Value: e.values[strongest], Origin: command.Origin(origins[strongest])}
	if setting := got.Of(e.name); err != nil || setting != want {
		t.Errorf("sources %04b, context by flag %v: got %+v, %v; want %+v", set, byFlag, setting, err, want)
	}
}

func TestWhichContext(t *testing.T) {
	const both = "[context.lab]\nexchange = '1'\n[context.prod]\nexchange = '2'\n"
	for _, tc := range []struct {
		name   string
		around surroundings
		want   string // name, origin and exchange
	}{
		{"nothing at all", surroundings{}, "local|default|127.0.0.1:11111|default"},
		{"an exchange in the file", surroundings{config: "exchange = '9'"}, "|default|127.0.0.1:9|file FOLDER/config.toml"},
		{"contexts, none of them chosen", surroundings{contexts: both}, "local|default|127.0.0.1:11111|default"},
		{"the file", surroundings{contexts: both, config: "context = 'lab'\nexchange = '9'"}, "lab|file FOLDER/config.toml|127.0.0.1:1|context lab"},
		{"the current one over the file", surroundings{contexts: "current = 'prod'\n" + both, config: "context = 'lab'"},
			"prod|file FOLDER/contexts.toml|127.0.0.1:2|context prod"},
		{"the environment over the current one", surroundings{contexts: "current = 'prod'\n" + both, env: map[string]string{"NETSVC_CONTEXT": "lab"}},
			"lab|environment NETSVC_CONTEXT|127.0.0.1:1|context lab"},
		{"the flag over the environment",
			surroundings{contexts: both, env: map[string]string{"NETSVC_CONTEXT": "lab"}, flags: given{"context": "prod"}},
			"prod|flag --context|127.0.0.1:2|context prod"},
		{"local by flag is this machine, whatever else is said",
			surroundings{flags: given{"context": "local"}, env: map[string]string{"NETSVC_EXCHANGE": "5"}, config: "exchange = '9'"},
			"local|flag --context|127.0.0.1:11111|context local"},
		{"a local of one's own", surroundings{contexts: "[context.local]\nexchange = '7'"}, "local|default|127.0.0.1:7|context local"},
		{"an address by flag in a context by flag", surroundings{contexts: both, flags: given{"context": "prod", "exchange": "8"}},
			"prod|flag --context|127.0.0.1:8|flag --exchange"},
		{"a context that names no exchange", surroundings{contexts: "current = 'slow'\n[context.slow]\ntimeout = '1m'\n", config: "exchange = '9'"},
			"slow|file FOLDER/contexts.toml|127.0.0.1:9|file FOLDER/config.toml"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, folder, err := tc.around.resolve(t, lsOf(t))
			context, exchange := s.Of("context"), s.Of("exchange")
			got := strings.Join([]string{context.Value, string(context.Origin), exchange.Value, string(exchange.Origin)}, "|")
			got = strings.ReplaceAll(got, folder.Path(), "FOLDER")
			if err != nil || got != tc.want || s.Context != context.Value || s.Exchange != exchange.Value {
				t.Errorf("got  %s, %v\nwant %s", got, err, tc.want)
			}
		})
	}
}

// TestProblemsOfSurroundings: a command that is not lenient fails by the first of them; a lenient
// one sees them all, and only what a flag says stops it.
func TestProblemsOfSurroundings(t *testing.T) {
	for _, tc := range []struct {
		name   string
		around surroundings
		want   []string // the problems, or, of a flag, the error
		exit   int
	}{
		{"values", surroundings{
			env:      map[string]string{"NETSVC_TIMEOUT": "soon"},
			contexts: "current = 'lab'\n[context.lab]\nexchange = 'nowhere'\n",
			config:   "timeout = '5'\noutput = 'jsn'\ngateway = 'ftp://x'\n",
		}, []string{
			`FOLDER/contexts.toml:3: context.lab.exchange: no address: "nowhere"; it wants PORT, HOST:PORT or unix:/PATH (such as 11111, 192.0.2.7:11111 or unix:/run/netsvc.sock)`,
			`FOLDER/config.toml:3: gateway wants a URL such as http://127.0.0.1:8000/xmlrpc/service`,
			`NETSVC_TIMEOUT wants a duration such as 10s, not "soon"`,
			`FOLDER/config.toml:1: timeout wants a duration such as 10s, not "5"`,
			`FOLDER/config.toml:2: output wants one of auto, json, jsonl, yaml, table, name, raw, not "jsn" (did you mean json?)`,
		}, command.ExitUsage},
		{"files", surroundings{contexts: "[[", config: "timout = '5s'", env: map[string]string{"NETSVC_CONTEXT": "lab"}}, []string{
			"FOLDER/contexts.toml:1: no TOML: ", `FOLDER/config.toml:1: unknown key timout (did you mean timeout?)`,
		}, command.ExitUsage},
		{"a secret in a URL", surroundings{config: "gateway = 'http://user:hunter2@host/'"},
			[]string{"FOLDER/config.toml:1: gateway wants a URL without user and password"}, command.ExitUsage},
		{"the context of the environment", surroundings{contexts: "[context.lab]", env: map[string]string{"NETSVC_CONTEXT": "lob"}},
			[]string{"NETSVC_CONTEXT: no such context: lob (did you mean lab?)"}, command.ExitNotFound},
		{"the current context", surroundings{contexts: "current = 'gone'"},
			[]string{"FOLDER/contexts.toml: current: no such context: gone (netsvc context ls lists them)"}, command.ExitNotFound},
		{"the context of the file", surroundings{config: "context = 'gone'"},
			[]string{"FOLDER/config.toml: context: no such context: gone (netsvc context ls lists them)"}, command.ExitNotFound},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, folder, err := tc.around.resolve(t, lsOf(t))
			first := command.Explain(t.Context(), err)
			if first == nil || first.Exit != tc.exit || !startsAs(first, folder, tc.want[0]) {
				t.Errorf("err = %v, want exit %d with %s", err, tc.exit, tc.want[0])
			}
			s, folder, err := tc.around.resolve(t, &command.Command{Name: "doctor", Lenient: true})
			if err != nil || len(s.Problems) != len(tc.want) {
				t.Fatalf("a lenient command: %v, %v; want %d problems", s.Problems, err, len(tc.want))
			}
			for i, e := range s.Problems {
				if !startsAs(e, folder, tc.want[i]) {
					t.Errorf("problem %d = %s, want %s", i, e.Line(render.Look{}), tc.want[i])
				}
			}
		})
	}
}

func startsAs(e *command.Error, folder config.Folder, want string) bool {
	return strings.HasPrefix(e.Line(render.Look{}), "netsvc: "+strings.ReplaceAll(want, "FOLDER", filepath.Clean(folder.Path())))
}

func TestFlagsAreNeverForgiven(t *testing.T) {
	for _, tc := range []struct {
		name  string
		flags given
		exit  int
		want  string
	}{
		{"exchange", given{"exchange": "nowhere"}, command.ExitUsage, `no address: "nowhere"; it wants PORT, HOST:PORT or unix:/PATH`},
		{"time", given{"timeout": -time.Second}, command.ExitUsage, `--timeout wants a duration such as 10s, not "-1s"`},
		{"no exchange", given{"exchange": ""}, command.ExitUsage, `no address: ""; it wants PORT, HOST:PORT or unix:/PATH`},
		{"gateway", given{"gateway": "8000"}, command.ExitUsage, "--gateway wants a URL such as http://127.0.0.1:8000/xmlrpc/service"},
		{"context", given{"context": "lab"}, command.ExitNotFound, "no such context: lab"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			around := surroundings{flags: tc.flags}
			_, _, err := around.resolve(t, &command.Command{Name: "doctor", Lenient: true})
			if e := command.Explain(t.Context(), err); e == nil || e.Exit != tc.exit || e.Message != tc.want {
				t.Errorf("err = %v, want exit %d with %s", err, tc.exit, tc.want)
			}
		})
	}
}

// TestColorVariables: they are stronger than what files prefer, and weaker than the flag.
func TestColorVariables(t *testing.T) {
	for name, text := range map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "dumb"} {
		around := surroundings{env: map[string]string{name: text}, config: "color = 'always'"}
		if s, _, err := around.resolve(t, lsOf(t)); err != nil || s.Color != "auto" || s.Of("color").Origin != command.Origin("environment "+name) {
			t.Errorf("got %q by %s, %v; want auto by %s", s.Color, s.Of("color").Origin, err, name)
		}
		around.flags = given{"color": "always"}
		if s, _, err := around.resolve(t, lsOf(t)); err != nil || s.Color != "always" {
			t.Errorf("by flag: %q, %v; want always", s.Color, err)
		}
	}
	around := surroundings{env: map[string]string{"TERM": "xterm"}, config: "color = 'always'"}
	if s, _, err := around.resolve(t, lsOf(t)); err != nil || s.Color != "always" {
		t.Errorf("on any other terminal: %q, %v; want always", s.Color, err)
	}
}

func TestLogByFlag(t *testing.T) {
	for _, tc := range []struct{ flag, want string }{{"verbose", "debug"}, {"quiet", "warn"}} {
		around := surroundings{flags: given{tc.flag: true}, env: map[string]string{"NETSVC_LOG": "error"}}
		s, _, err := around.resolve(t, lsOf(t))
		want := command.Setting{Name: "log", Value: tc.want, Origin: command.Origin("flag --" + tc.flag)}
		if got := s.Of("log"); err != nil || got != want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
}
