package command_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// place is an exchange with a service, and a connection by which commands use it, all in
// memory: what a prompt has instead of a process for each command.
type place struct {
	ex   *exchange.Exchange
	conn *service.Conn // of the commands
	host *service.Conn
	math *service.Service
}

func newPlace(t *testing.T) *place {
	t.Helper()
	testnet.LeakCheck(t)
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	p := &place{ex: ex, math: service.New("math", nil)}
	p.math.Export("multiply", func(x, y int64) int64 { return x * y }, &service.MethodOptions{Params: []string{"x", "y"}})
	p.math.Export("names", func() []string { return []string{"a\u202e", "b"} }, nil)
	p.math.Export("upper", strings.ToUpper, nil)
	p.host, p.conn = p.connect(t), p.connect(t)
	if err := p.host.Announce(t.Context(), p.math); err != nil {
		t.Fatal(err)
	}
	return p
}

// announce makes one more service, whose methods are known when it returns.
func (p *place) announce(t *testing.T, name string, export func(s *service.Service)) {
	t.Helper()
	s := service.New(name, nil)
	export(s)
	if err := p.host.Announce(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func (p *place) connect(t *testing.T) *service.Conn {
	t.Helper()
	conn, err := service.Connect(t.Context(), "127.0.0.1:1", &service.Options{Dial: p.ex.Dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// run runs a command and returns what it wrote.
func (p *place) run(t *testing.T, look render.Look, flags given, words ...string) (string, error) {
	t.Helper()
	c, err := command.Commands().Find(words[0])
	if err != nil {
		t.Fatal(err)
	}
	settings, err := c.Resolve(flags, func(string) string { return "" }, config.Folder{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	env := &command.Env{
		Args: words[1:], Flags: flags, Settings: settings, In: strings.NewReader("from stdin"), Out: &out, Err: io.Discard,
		OutLook: look, Log: slog.New(slog.DiscardHandler),
		Connect: func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
	}
	err = c.Execute(t.Context(), env)
	return out.String(), err
}

func TestCommandsOnOneConnection(t *testing.T) {
	p := newPlace(t)
	pipe, terminal := render.Look{}, render.Look{Terminal: true}
	address := p.math.Address().String()
	for _, tc := range []struct {
		name  string
		look  render.Look
		flags given
		words string
		want  string
	}{
		{"call", pipe, nil, "call math.multiply 3 -4", "-12\n"},
		{"call with names", pipe, nil, "call math.multiply y:=4 x=3", "12\n"},
		{"call with stdin", pipe, nil, "call math.upper -", "\"FROM STDIN\"\n"},
		{"a value in a pipe is verbatim", pipe, nil, "call math.names", "[\"a\u202e\",\"b\"]\n"},
		{"a value on a terminal is indented and safe", terminal, nil, "call math.names", "[\n  \"a\\u202e\",\n  \"b\"\n]\n"},
		{"line by line it is not indented", terminal, given{"output": "jsonl"}, "call math.names", "[\"a\\u202e\",\"b\"]\n"},
		{"ls of nothing", pipe, nil, "ls nobody*", "[]\n"},
		{"ls of nothing line by line", pipe, given{"output": "jsonl"}, "ls nobody*", ""},
		{"ls of nothing on a terminal", terminal, nil, "ls nobody*", "NAME  INSTANCES  STATE  GROUPS  METHODS\n"},
		{"each instance in a pipe", pipe, given{"all": true}, "call math.multiply 3 4",
			fmt.Sprintf("{\"instance\":%q,\"value\":12,\"origin\":\"%016x\"}\n", address, p.math.Address().Origin)},
		{"each instance on a terminal", terminal, given{"all": true}, "call math.names", "INSTANCE  VALUE\n" + address + "    [\"a\\u202e\",\"b\"]\n"},
		{"a call without an answer", pipe, given{"no-reply": true}, "call math.multiply 3 4", ""},
		{"one method on a terminal", terminal, nil, "describe math.multiply", "multiply(x int, y int) -> int\n"},
		{"wait for what is there", pipe, nil, "wait math", ""},
		{"wait for what is gone", pipe, given{"for": "withdrawn"}, "wait nobody", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := p.run(t, tc.look, tc.flags, strings.Fields(tc.words)...)
			if err != nil || got != tc.want {
				t.Errorf("%s = %q, %v; want %q", tc.words, got, err, tc.want)
			}
		})
	}
}

func TestCommandsFail(t *testing.T) {
	p := newPlace(t)
	for _, tc := range []struct {
		words string
		flags given
		exit  int
		line  string
	}{
		{"call math.multipy 3 4", nil, command.ExitNotFound, "netsvc: math.multipy: no such method (did you mean multiply?)"},
		{"call math.multipy x=3", nil, command.ExitNotFound, "netsvc: math.multipy: no such method (did you mean multiply?)"},
		{"call mth.multiply 3 4", nil, command.ExitNotFound, "netsvc: mth.multiply: no such service (did you mean math?)"},
		{"call math@999.multiply 3 4", nil, command.ExitNotFound, "netsvc: math@999.multiply: no such instance"},
		{"call math.multiply 3 x", nil, command.ExitArguments, `netsvc: math.multiply: argument y: expected int, got text "x" (multiply(x int, y int) -> int)`},
		{"call math.multiply 3 4", given{"timeout": time.Duration(0)}, command.ExitTimeout, ""},
		{"call math", nil, command.ExitUsage, `netsvc: call wants SERVICE.METHOD, not "math" (such as math.multiply)`},
		{"describe mth", nil, command.ExitNotFound, "netsvc: mth: no such service (did you mean math?)"},
		{"describe math.multipy", nil, command.ExitNotFound, "netsvc: math.multipy: no such method (did you mean multiply?)"},
		{"ping mth", nil, command.ExitNotFound, "netsvc: mth: no such service (did you mean math?)"},
		{"ping math@999", nil, command.ExitNotFound, "netsvc: math@999: no such instance"},
		{"stats mth", nil, command.ExitNotFound, "netsvc: mth: no such service (did you mean math?)"},
		{"stats math@999", nil, command.ExitNotFound, "netsvc: math@999: no such instance"},
		{"stats @3", nil, command.ExitUsage, `netsvc: stats wants SERVICE, not "@3" (such as math, 'ma*' or math@3)`},
		{"events", given{"group": "a b"}, command.ExitUsage, ""},
		{"events", given{"service": "__mine"}, command.ExitUsage, ""},
		{"wait nobody math", given{"timeout": 10 * time.Millisecond}, command.ExitTimeout, "netsvc: nobody: not available after 10ms"},
		{"wait math", given{"timeout": 10 * time.Millisecond, "for": "withdrawn"}, command.ExitTimeout, "netsvc: math: not withdrawn after 10ms"},
	} {
		t.Run(tc.words, func(t *testing.T) {
			got, err := p.run(t, render.Look{}, tc.flags, strings.Fields(tc.words)...)
			e := command.Explain(t.Context(), err)
			if e == nil || got != "" {
				t.Fatalf("wrote %q, err = %v; want only an error", got, err)
			}
			if line := e.Line(render.Look{}); e.Exit != tc.exit || tc.line != "" && line != tc.line {
				t.Errorf("exit %d, %s\nwant %d, %s", e.Exit, line, tc.exit, tc.line)
			}
		})
	}
}

// TestAnswersOfAGroupOnATerminal have their rows as they come, failures too, and nothing in
// them reaches the terminal as it is.
func TestAnswersOfAGroupOnATerminal(t *testing.T) {
	p := newPlace(t)
	odd := service.New("odd-one", &service.ServiceOptions{Groups: []string{"lab"}})
	odd.Export("names", func() error { return errors.New("no\x1b[2J names") }, nil)
	if err := errors.Join(p.host.Announce(t.Context(), odd), p.math.Join("lab")); err != nil {
		t.Fatal(err)
	}
	testnet.WaitFor(t, "both in the group", func() bool {
		d, err := p.conn.Directory(service.WatchOptions{Group: "lab"})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		return d.Synced(t.Context()) == nil && len(d.Group("lab")) == 2
	})
	got, err := p.run(t, render.Look{Terminal: true}, given{"group": "lab"}, "call", "names")
	e := command.Explain(t.Context(), err)
	if e == nil || e.Exit != command.ExitPartial || e.Line(render.Look{}) != "netsvc: names: 1 of 2 members of lab failed" {
		t.Errorf("names of the group = %v, want partial", err)
	}
	lines := strings.Split(got, "\n")
	slices.Sort(lines[1:3])
	want := []string{
		"INSTANCE   VALUE",
		p.math.Address().String() + "     [\"a\\u202e\",\"b\"]",
		odd.Address().String() + "  application: no\\x1b[2J names",
		"",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got  %q\nwant %q", lines, want)
	}
}

// TestAnswersAreWrittenAsTheyCome: one that takes its time does not hold up the line of another.
func TestAnswersAreWrittenAsTheyCome(t *testing.T) {
	p := newPlace(t)
	release := make(chan struct{})
	slow := service.New("math", nil)
	slow.Export("names", func() []string { <-release; return nil }, nil)
	if err := p.host.Announce(t.Context(), slow); err != nil {
		t.Fatal(err)
	}
	c, err := command.Commands().Find("call")
	if err != nil {
		t.Fatal(err)
	}
	out, in := io.Pipe()
	env := &command.Env{
		Args: []string{"math.names"}, Flags: given{"all": true}, Out: in, Err: io.Discard,
		Settings: command.Settings{Timeout: time.Minute, Format: command.FormatAuto},
		Connect:  func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
	}
	ended := make(chan error, 1)
	go func() {
		err := c.Run(t.Context(), env)
		in.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	for i, s := range []*service.Service{p.math, slow} {
		want := `{"instance":"` + s.Address().String() + `",`
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) {
			t.Errorf("line %d is %s, want it to begin with %s", i+1, lines.Text(), want)
		}
		if i == 0 {
			close(release)
		}
	}
	if lines.Scan() {
		t.Errorf("a third line: %s", lines.Text())
	}
	if err := testnet.Receive(t, "the end of the command", ended); err != nil {
		t.Error(err)
	}
}

func TestWaitEndsWhenTheServiceGoes(t *testing.T) {
	p := newPlace(t)
	if _, err := p.run(t, render.Look{}, nil, "wait", "math"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := p.run(t, render.Look{}, given{"for": "withdrawn"}, "wait", "math")
		ended <- err
	}()
	if err := p.host.Withdraw(t.Context(), p.math); err != nil {
		t.Fatal(err)
	}
	if err := testnet.Receive(t, "the end of wait", ended); err != nil {
		t.Errorf("wait = %v, want no error", err)
	}
}

// full is an output that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("no space left")

func TestResultThatCannotBeWritten(t *testing.T) {
	c, err := command.Commands().Find("version")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context(), &command.Env{Out: full{}}); !errors.Is(err, errFull) {
		t.Errorf("Run = %v, want the error of the output", err)
	}
}
