package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestREPLLendsTheTerminal to what it runs, as it was before the session.
func TestREPLLendsTheTerminal(t *testing.T) {
	s := atPrompt(t, world(t))
	s.enter(t, "!stty -a", " icanon")
	s.enter(t, "!stty -a | tr ' ' '\\n' | grep -c '^-echo$\\|^-icanon$\\|^-isig$\\|^-icrnl$'", "0\r\n")
	s.enter(t, "!test -t 0 && test -t 1 && test -t 2 && echo all of them", "all of them\r\n")
	s.press("!echo go on && read -r line && echo \"<$line>\"\r")
	seen := s.after(t, 0, "\r\ngo on\r\n")
	s.press("typed\r")
	seen = s.after(t, seen, "<typed>")
	s.after(t, seen, ready)
	s.leave(t)
}

// TestREPLLetsAPagerStay: Ctrl-C ends what fills a pipe, and what reads from it as that likes.
func TestREPLLetsAPagerStay(t *testing.T) {
	s := atPrompt(t, world(t))
	s.press(`evil.slow | sh -c 'trap "" INT; echo it has begun; cat; echo it ends by itself'` + "\r")
	seen := s.after(t, 0, "it has begun\r\n")
	s.press("\x03")
	seen = s.after(t, seen, "evil.slow: interrupted")
	seen = s.after(t, seen, "it ends by itself\r\n")
	seen = s.after(t, seen, ready)
	s.press("!sh -c 'echo it sleeps; while true; do sleep 100; done'\r")
	seen = s.after(t, seen, "it sleeps\r\n")
	s.press("\x03")
	s.after(t, seen, ready)
	s.leave(t)
}

// TestREPLTellsOfJobs above what is typed, and of what comes while a statement runs before the next
// prompt.
func TestREPLTellsOfJobs(t *testing.T) {
	address, ex := tabWorld(t)
	conn, err := service.Connect(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	bell := service.New("bell", nil)
	if err := conn.Announce(t.Context(), bell); err != nil {
		t.Fatal(err)
	}
	s := atPrompt(t, address)
	s.press("sub bell &\r")
	seen := s.after(t, 0, "[1] sub bell")
	testnet.WaitFor(t, "the subscription", func() bool { return ex.Stats().Subscriptions > 0 })
	s.press("math.mul")
	seen = s.after(t, seen, "math.mul")
	ring(t, bell, "one")
	seen = s.after(t, seen, `"one"`)
	seen = s.after(t, seen, ready+"math.mul")
	s.press("\x15!echo go on && read -r line && echo read\r")
	seen = s.after(t, seen, "\r\ngo on\r\n")
	ring(t, bell, "two")
	s.press("typed\r")
	seen = s.after(t, seen, "\r\nread\r\n")
	seen = s.after(t, seen, `"two"`)
	s.after(t, seen, ready)
	s.leave(t)
}

func ring(t *testing.T, bell *service.Service, how string) {
	t.Helper()
	if err := bell.Publish(t.Context(), "rings", how); err != nil {
		t.Fatal(err)
	}
}

// TestREPLPromptIsShortOnNarrowTerminals, and plain where liner would have no room at all.
func TestREPLPromptIsShortOnNarrowTerminals(t *testing.T) {
	address := world(t)
	for _, columns := range []uint16{39, 12, 5} {
		s := onTerminalOf(t, columns, nil, "repl", "-x", address)
		seen := s.after(t, 0, "> ")
		s.press("evil.bytes\r")
		seen = s.after(t, seen, `"ABv/"`)
		s.after(t, seen, "> ")
		if text := s.leave(t).text; strings.Contains(text, "netsvc(") {
			t.Errorf("%d columns: showed %q, want a short prompt", columns, text)
		}
	}
}

// TestREPLOnADumbTerminal writes no escape sequence.
func TestREPLOnADumbTerminal(t *testing.T) {
	address := world(t)
	for _, term := range []string{"TERM=dumb", "TERM="} {
		s := atPrompt(t, address, term, "NO_COLOR=1")
		s.enter(t, "evil.bytes", `"ABv/"`)
		s.press("nonsense\x03")
		s.enter(t, "evil.say", `\u001b`)
		if text := s.leave(t).text; strings.Contains(text, "\x1b") || strings.Contains(text, "unknown command") {
			t.Errorf("%s: showed %q, want no escape byte and nothing that was given up", term, text)
		}
	}
}

// TestREPLIntoAPipe asks on stderr and takes lines of any length.
func TestREPLIntoAPipe(t *testing.T) {
	results := filepath.Join(t.TempDir(), "results")
	s := onTerminal(t, nil, "repl", "-x", world(t))
	s.after(t, 0, ready)
	s.leave(t)
	cmd := exec.Command("sh", "-c", `exec netsvc repl -x "$0" >"$1"`, world(t), results)
	cmd.Env = append(apart(t), "TERM=xterm")
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	shown := make([]byte, 4096)
	n, err := terminal.Read(shown)
	for err == nil && !strings.Contains(string(shown[:n]), ready) {
		var more int
		more, err = terminal.Read(shown[n:])
		n += more
	}
	if err != nil {
		t.Fatal(err)
	}
	terminal.WriteString("evil.bytes\n\x04")
	if code := exitCode(cmd.Wait()); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if text, err := os.ReadFile(results); err != nil || string(text) != "\"ABv/\"\n" {
		t.Errorf("results %q, %v, want the value alone", text, err)
	}
}

// TestREPLWithoutAnExchange begins, says so once, and fails as each command does.
func TestREPLWithoutAnExchange(t *testing.T) {
	s := onTerminalOf(t, 80, []string{inUTF8}, "repl", "-x", "127.0.0.1:1", "--connect-timeout", "100ms")
	seen := s.after(t, 0, "no exchange yet")
	seen = s.after(t, seen, away)
	s.press("ls\r")
	seen = s.after(t, seen, "no exchange at 127.0.0.1:1")
	seen = s.after(t, seen, away)
	s.press("ls cl\t") // nothing is known, and nothing is waited for
	s.after(t, seen, "ls cl")
	s.press("\x03")
	if text := s.leave(t).text; strings.Count(text, "no exchange yet") != 1 {
		t.Errorf("showed %q, want to be told once", text)
	}
}
