package main

import (
	"context"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// hostile is what a service may send to harm a terminal.
const hostile = "\x1b]0;owned\x07\x1b[2J\u009b31m\r\u202egnp\u200b"

// world is an exchange with services, in this process.
func world(t *testing.T) (address string) {
	t.Helper()
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	addr, err := ex.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := service.Connect(context.Background(), addr.String(), &service.Options{Program: "evil" + hostile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := service.New("evil", &service.ServiceOptions{Description: hostile, Version: hostile})
	s.Export("say", func() string { return hostile }, &service.MethodOptions{Doc: hostile})
	s.Export("slow", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, nil)
	s.Export("bytes", func() []byte { return []byte{0, 0x1b, 0xff} }, nil)
	s.Export("fail", func() error { return service.Fail(7, hostile) }, nil)
	if err := conn.Announce(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return addr.String()
}

// query matches what asks a terminal for an answer: colours, attributes, status, capabilities.
var query = regexp.MustCompile(`\x1b\](4|1[0-9]);[^\x07\x1b]*\?|\x1b\[[?>=0-9;]*[cn]|\x1b\[\?[0-9;]*\$p|\x1bP`)

// colour matches the only escape sequences there may be.
var colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// commandLines are all commands that end by themselves, good and bad.
func commandLines(address string) [][]string {
	return [][]string{
		{"version"}, {"--version"}, {"--help"}, {"call", "--help"}, {}, {"nonsense"},
		{"ls", "-x", address}, {"ls", "--instances", "-x", address}, {"ls", "-o", "json", "-x", address},
		{"sessions", "-x", address}, {"groups", "-x", address}, {"ping", "evil", "-x", address},
		{"stats", "-x", address}, {"stats", "evil", "-x", address}, {"events", "--max", "1", "-x", address},
		{"describe", "evil", "-x", address}, {"describe", "evil.say", "-x", address},
		{"call", "evil.say", "-x", address}, {"call", "evil.say", "-o", "jsonl", "-x", address},
		{"call", "evil.fail", "-x", address}, {"call", "evil.fail", "-o", "json", "-x", address},
		{"call", "evil.say", "-o", "yaml", "-x", address}, {"call", "evil.say", "-r", "-x", address},
		{"call", "evil.say", "-o", "table", "-x", address}, {"call", "evil.say", "-q", ".", "-x", address},
		{"call", "evil.say", "-q", ".", "-r", "-x", address}, {"call", "evil.say", "-q", ".a", "-x", address},
		{"ls", "-o", "name", "-x", address}, {"ls", "-o", "yaml", "-x", address}, {"ls", "-r", "-x", address},
		{"call", "evil.say", "-q", hostile, "-x", address}, {"call", "evil.bytes", "-r", "-x", address},
		{"call", "evil.fail", "-v", "-x", address},
		{"call", "evil.say" + hostile, "-x", address}, {"call", "evil.say", hostile, "-x", address},
		{"wait", "evil", "-x", address}, {"wait", "nobody", "-t", "50ms", "-x", address},
		{"repl", "-c", "evil.say; evil.fail", "-x", address}, {"repl", "--no-input", "-x", address},
		{"demo", "--once"}, {"demo", "--once", "-v"}, {"ls", "-x", "127.0.0.1:1"},
		{"host", "nonsense"}, {"exchange", "--listen", ":0"}, {"gateway", "--listen", ":0"},
	}
}

func TestNothingHarmsOrAsksATerminal(t *testing.T) {
	for _, words := range commandLines(world(t)) {
		t.Run("netsvc "+strings.Join(words[:min(2, len(words))], " "), func(t *testing.T) {
			text := show(t, nil, words...)
			if text == "" && words[0] != "wait" {
				t.Errorf("nothing was shown")
			}
			if q := query.FindString(text); q != "" {
				t.Errorf("asks the terminal %q in %q", q, text)
			}
			rest := strings.ReplaceAll(colour.ReplaceAllString(text, ""), "\r\n", "\n")
			if i := strings.IndexFunc(rest, harmful); i >= 0 {
				t.Errorf("harmful at byte %d of %q", i, rest)
			}
			dull := show(t, []string{"NO_COLOR=1"}, words...)
			if strings.Contains(dull, "\x1b") {
				t.Errorf("an escape byte under NO_COLOR in %q", dull)
			}
			dumb := show(t, []string{"TERM=dumb"}, words...)
			if strings.Contains(dumb, "\x1b") {
				t.Errorf("an escape byte on a dumb terminal in %q", dumb)
			}
		})
	}
}

// leaves are all commands of a table that can be run, those of commands included.
func leaves(table command.Table) command.Table {
	var list command.Table
	for _, c := range table {
		if c.Run != nil {
			list = append(list, c)
		}
		list = append(list, leaves(c.Sub)...)
	}
	return list
}

// endlessLine is how a command that does not end by itself is run.
type endlessLine struct {
	words []string
	begun string // what it shows when it has begun
	end   string // keys that end it; empty for SIGINT
}

// untilToldTo are the command lines of those that do not end by themselves, by their names.
func untilToldTo(address string) map[string]endlessLine {
	return map[string]endlessLine{
		"exchange": {[]string{"--listen", "127.0.0.1:0"}, "listening", ""},
		"host":     {[]string{"math", "-x", address}, "announced", ""},
		"gateway":  {[]string{"--listen", "127.0.0.1:0", "-x", address}, "listening", ""},
		"demo":     {nil, "Ctrl-C ends it", ""},
		"sub":      {[]string{"evil", "-x", "127.0.0.1:1", "--connect-timeout", "100ms"}, "trying on", ""},
		"logs":     {[]string{"evil", "-x", "127.0.0.1:1", "--connect-timeout", "100ms"}, "trying on", ""},
		"events":   {[]string{"-x", "127.0.0.1:1", "--connect-timeout", "100ms"}, "trying on", ""},
		"top":      {[]string{"-x", address}, "evil@", ""},
		"repl":     {[]string{"-x", address}, ready, "\x04"},
	}
}

// screens are the commands that may write escape sequences whatever the environment says.
var screens = map[string]bool{"top": true, "tui": true, "repl": true}

// TestNoCommandAsksATerminal runs each command of the table, with as little as makes it begin.
// Where it does not know how to, it says so by waiting in vain for its end.
func TestNoCommandAsksATerminal(t *testing.T) {
	address := world(t)
	endless := untilToldTo(address)
	for _, c := range leaves((&program{}).commands()) {
		t.Run(c.Name, func(t *testing.T) {
			words := strings.Fields(c.Name)
			var text string
			if line, ok := endless[c.Name]; ok {
				text = showUntil(t, line.begun, line.end, append(words, line.words...)...)
			} else {
				text = show(t, []string{"NO_COLOR=1"}, append(words, "-x", address, "-t", "100ms", "--no-input")...)
			}
			if q := query.FindString(text); q != "" && c.Name != "tui" {
				t.Errorf("asks the terminal %q in %q", q, text)
			}
			if strings.Contains(text, "\x1b") && !screens[c.Name] {
				t.Errorf("an escape byte under NO_COLOR in %q", text)
			}
		})
	}
}

// harmful reports what a terminal must never get from a netsvc that shows no screen.
func harmful(r rune) bool {
	return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u200b'
}

func TestTerminalGetsTablesAndIndentedValues(t *testing.T) {
	address := world(t)
	for _, tc := range []struct {
		name  string
		words []string
		want  string
	}{
		{"ls is a table", []string{"ls", "-x", address}, `(?m)^NAME  INSTANCES  STATE  GROUPS  METHODS\s+^evil  1          ready          bytes fail say slow`},
		{"instances are rows", []string{"ls", "--instances", "-x", address}, `(?m)^evil@\d+ +ready +0 .*evil\\x1b\]0;owned`},
		{"sessions are a table", []string{"sessions", "-x", address}, `(?m)^@\d+ +ready .* evil@\d+ .*evil\\x1b\]0;owned`},
		{"counters are a table", []string{"stats", "evil", "-x", address}, `(?m)^evil@\d+ +ready +0 +0 +256 `},
		{"a ping is a line", []string{"ping", "evil", "-x", address}, `^evil@\d+  \d+(\.\d+)? ms\r\n$`},
		{"events have the classic words", []string{"events", "--max", "1", "-x", address}, `^[0-9:.]{12}  SERVICE-AVAILABLE  evil@\d+\r\n$`},
		{"describe is text", []string{"describe", "evil.say", "-x", address}, `(?m)^say\(\) -> text`},
		{"json is indented", []string{"ls", "-o", "json", "-x", address}, `(?m)^\[\s+^  \{\s+^    "name": "evil",`},
		{"jsonl is not", []string{"ls", "-o", "jsonl", "-x", address}, `(?m)^\{"name":"evil",`},
		{"a value keeps its JSON", []string{"call", "evil.say", "-x", address}, `\\u001b\]0;owned\\u0007.*\\u009b31m\\r\\u202egnp\\u200b`},
		{"an error is one line", []string{"call", "evil.fail", "-x", address}, `^netsvc: evil.fail: \\x1b\]0;owned\\x07.*\\u202egnp\\u200b\r\n$`},
		{"a log line is for people", []string{"demo", "--once", "-v"}, `(?m)^\d\d:\d\d:\d\d .*draining grace=5s`},
		{"the version is a sentence", []string{"version"}, `^netsvc .+, protocol 1, go1\S* \w+/\w+\r\n$`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := show(t, []string{"NO_COLOR=1"}, tc.words...)
			if !regexp.MustCompile(tc.want).MatchString(got) {
				t.Errorf("got %q, want a match of %s", got, tc.want)
			}
		})
	}
}

// TestDaemonsOnATerminal interrupts each of them.
func TestDaemonsOnATerminal(t *testing.T) {
	address := world(t)
	ended := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d ended\r$`)
	for _, tc := range []struct {
		words []string
		ready string
	}{
		{[]string{"exchange", "--listen", "127.0.0.1:0"}, "listening"},
		{[]string{"host", "math", "-x", address}, "announced"},
		{[]string{"host", "math", "-x", "127.0.0.1:1"}, "no link to the exchange"},
		{[]string{"gateway", "--listen", "127.0.0.1:0", "-x", address}, "listening"},
		{[]string{"demo"}, "Ctrl-C ends it"},
	} {
		t.Run(strings.Join(tc.words, " "), func(t *testing.T) {
			s := onTerminal(t, []string{"NO_COLOR=1"}, tc.words...)
			s.waitFor(t, 0, tc.ready)
			s.signal(syscall.SIGINT)
			got := s.end(t)
			if got.code != 0 {
				t.Errorf("exit code %d, want 0", got.code)
			}
			if strings.Contains(got.text, "\x1b") || !ended.MatchString(got.text) {
				t.Errorf("showed %q, want lines for people without escape bytes, one of them \"ended\"", got.text)
			}
		})
	}
}
