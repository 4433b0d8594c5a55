package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// startBound is ten times what a command may take to start, so that a busy machine fails no
// test; a terminal that is asked and does not answer costs seconds.
const startBound = 10 * 300 * time.Millisecond

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

// session is a netsvc on a pseudo-terminal that nobody answers.
type session struct {
	cmd *exec.Cmd
	out chan string // all that the terminal got, once netsvc has ended

	mu    sync.Mutex
	shown bytes.Buffer
}

// onTerminal starts netsvc on a pseudo-terminal. It is not the terminal that controls it: the
// kernel drops what such a terminal has not been read of yet when its process ends.
func onTerminal(t *testing.T, env []string, words ...string) *session {
	t.Helper()
	return onTerminalOf(t, 0, env, words...)
}

// onTerminalOf starts it on one that has so many columns, or does not say.
func onTerminalOf(t *testing.T, columns uint16, env []string, words ...string) *session {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	terminal, far, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	if err := pty.Setsize(far, &pty.Winsize{Cols: columns, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = append([]string{"netsvc"}, words...)
	cmd.Env = append([]string{"TERM=xterm-256color", "HOME=" + t.TempDir(), "GORACE=" + raceOptions}, env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = far, far, far
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	far.Close()
	t.Cleanup(func() { cmd.Process.Kill() })
	s := &session{cmd: cmd, out: make(chan string, 1)}
	go s.read(terminal)
	return s
}

// read ends when netsvc has: then the terminal answers EIO.
func (s *session) read(terminal io.Reader) {
	chunk := make([]byte, 4096)
	for {
		n, err := terminal.Read(chunk)
		s.mu.Lock()
		s.shown.Write(chunk[:n])
		s.mu.Unlock()
		if err != nil {
			s.out <- s.text()
			return
		}
	}
}

// text is what the terminal has got so far.
func (s *session) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

// show runs netsvc on a terminal to its end and returns what the terminal got.
func show(t *testing.T, env []string, words ...string) string {
	t.Helper()
	began := time.Now()
	s := onTerminal(t, env, words...)
	text := testnet.Receive(t, "the end of netsvc "+strings.Join(words, " "), s.out)
	s.cmd.Wait()
	if took := time.Since(began); took > startBound {
		t.Errorf("netsvc %s took %v, want less than %v", strings.Join(words, " "), took, startBound)
	}
	return progress.ReplaceAllString(text, "")
}

// progress matches what a busy machine makes a command say of its waiting.
var progress = regexp.MustCompile(`(\rwaiting for [^\r\n]*)+\r +\r`)

// query matches what asks a terminal for an answer: colours, attributes, status, capabilities.
var query = regexp.MustCompile(`\x1b\](4|1[0-9]);[^\x07\x1b]*\?|\x1b\[[?>=0-9;]*[cn]|\x1b\[\?[0-9;]*\$p|\x1bP`)

// colour matches the only escape sequences there may be.
var colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// commandLines are all commands that end by themselves, good and bad.
func commandLines(address string) [][]string {
	return [][]string{
		{"version"}, {"--version"}, {"--help"}, {"call", "--help"}, {}, {"nonsense"},
		{"ls", "-x", address}, {"ls", "--instances", "-x", address}, {"ls", "-o", "json", "-x", address},
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
			testnet.WaitFor(t, tc.ready, func() bool { return strings.Contains(s.text(), tc.ready) })
			s.cmd.Process.Signal(os.Interrupt)
			text := testnet.Receive(t, "the end", s.out)
			if err := s.cmd.Wait(); err != nil {
				t.Errorf("ended with %v, want exit 0", err)
			}
			if strings.Contains(text, "\x1b") || !ended.MatchString(text) {
				t.Errorf("showed %q, want lines for people without escape bytes, one of them \"ended\"", text)
			}
		})
	}
}
