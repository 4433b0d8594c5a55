package command_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// masks hide what differs from run to run, and nothing else.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`"origin":"[0-9a-f]{16}"`), `"origin":"ORIGIN"`},
	{regexp.MustCompile(`"(pid|rev)":[0-9]+`), `"$1":NUMBER`},
	{regexp.MustCompile(`"(host|user|program)":"[^"]*"`), `"$1":"TEXT"`},
	{regexp.MustCompile(`"(since|time)":"[0-9-]{10}T[0-9:]{8}(\.[0-9]+)?Z"`), `"$1":"TIME"`},
	{regexp.MustCompile(`"uptime":"[0-9.]+m?s"`), `"uptime":"DURATION"`},
	{regexp.MustCompile(`"rtt_ms":(null|[0-9.]+)`), `"rtt_ms":NUMBER-OR-NULL`},
	{regexp.MustCompile(`"(ms|calls|connections|watches|queue_bytes)":[0-9.]+`), `"$1":NUMBER`},
}

func masked(text string) string {
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.with)
	}
	return text
}

// newLab is a place with all that shapes tell of: groups, subjects, retained values, failures.
func newLab(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	p.math.Export("fail", func() error { return service.Fail(7, "out of paper") }, nil)
	if err := p.math.Join("lab"); err != nil {
		t.Fatal(err)
	}
	clock := service.New("clock", &service.ServiceOptions{Groups: []string{"lab"}, Subjects: []string{"tick"}, Version: "1.2"})
	clock.Export("fail", func() string { return "fine" }, nil)
	if err := p.host.Announce(t.Context(), clock); err != nil {
		t.Fatal(err)
	}
	if err := clock.PublishWith(t.Context(), "tick", 4, service.PublishOptions{Lifetime: service.WhileAnnounced, Confirm: true}); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestShapes pins every member of every shape of the contract that looking and watching print,
// in its order.
func TestShapes(t *testing.T) {
	p := newLab(t)
	if _, err := p.run(t, render.Look{}, nil, "call", "math.fail"); err == nil {
		t.Fatal("math.fail does not fail")
	}
	var all strings.Builder
	for _, tc := range []struct {
		flags given
		words string
	}{
		{nil, "ls"},
		{given{"output": "jsonl"}, "ls"},
		{given{"output": "name"}, "ls"},
		{given{"group": "lab"}, "ls m*"},
		{nil, "describe clock"},
		{nil, "describe math.multiply"},
		{nil, "groups"},
		{given{"output": "jsonl"}, "groups"},
		{given{"output": "name"}, "groups"},
		{nil, "sessions"},
		{given{"output": "name"}, "sessions"},
		{nil, "ping"},
		{nil, "ping math"},
		{nil, "stats"},
		{nil, "stats math"},
		{given{"retained-only": true}, "sub clock"},
		{given{"group": "lab"}, "call fail"},
		{given{"max": 5}, "events"},
		{given{"max": 3, "service": "cl*", "group": "lab"}, "events"},
		{given{"max": 2, "service": "_*"}, "events"},
	} {
		out, err := p.run(t, render.Look{}, tc.flags, strings.Fields(tc.words)...)
		if err != nil && tc.words != "call fail" {
			t.Errorf("%s: %v", tc.words, err)
		}
		lines := strings.SplitAfter(out, "\n")
		if tc.words == "call fail" { // in the order in which they answered
			slices.Sort(lines)
		}
		fmt.Fprintf(&all, "$ netsvc %s%s\n%s", tc.words, tc.flags.asTyped(), masked(strings.Join(lines, "")))
	}
	golden(t, "shapes.txt", all.String())
}

// TestShapesOfEvents: each kind of event has all its members.
func TestShapesOfEvents(t *testing.T) {
	p := newLab(t)
	lines := p.follow(t, given{"service": "math", "max": 10}, "events")
	var all strings.Builder
	next := func(word string) {
		t.Helper()
		line := testnet.Receive(t, "an event", lines)
		all.WriteString(masked(line) + "\n")
		if !strings.Contains(line, `"event":"`+word+`"`) {
			t.Errorf("got %s, want one that is %s", line, word)
		}
	}
	next("available")
	next("joined")
	next("synced")
	if err := p.math.Join("more"); err != nil {
		t.Fatal(err)
	}
	next("joined")
	if err := p.math.Leave("more"); err != nil {
		t.Fatal(err)
	}
	next("left")
	if err := p.math.SetVersion("2"); err != nil {
		t.Fatal(err)
	}
	next("changed")
	p.ex.Close()
	next("left")
	next("withdrawn")
	golden(t, "events.txt", all.String())
}

// asTyped are flags as they are typed.
func (g given) asTyped() string {
	var text string
	for _, name := range slices.Sorted(maps.Keys(g)) {
		text += " --" + name
		if v := fmt.Sprint(g[name]); v != "true" {
			text += " " + v
		}
	}
	return text
}

// follow runs a command until the test ends, and returns its lines as they come.
func (p *place) follow(t *testing.T, flags given, words ...string) <-chan string {
	t.Helper()
	c, err := command.Commands().Find(words[0])
	if err != nil {
		t.Fatal(err)
	}
	out, in := io.Pipe()
	env := &command.Env{
		Args: words[1:], Flags: flags, Settings: command.Settings{Timeout: time.Minute, Format: command.FormatJSONL}, Out: in, Err: io.Discard,
		Connect: func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	lines := make(chan string, 100) // more than any test reads
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
		close(lines)
	}()
	go func() {
		ended <- c.Execute(ctx, env)
		in.Close()
	}()
	t.Cleanup(func() {
		end()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%s = %v", words[0], err)
		}
		for range lines {
			continue
		}
	})
	return lines
}
