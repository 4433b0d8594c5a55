package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// ready is the end of a prompt of a session with an exchange, away that of one without.
const (
	ready = ")> "
	away  = " ✗)> "
)

// inUTF8 lets a session show more than ASCII.
const inUTF8 = "LC_ALL=C.UTF-8"

// atPrompt starts a session on a terminal of 80 columns and waits for its prompt.
func atPrompt(t *testing.T, address string, env ...string) *session {
	t.Helper()
	s := onTerminalOf(t, 80, append([]string{inUTF8}, env...), "repl", "-x", address)
	s.after(t, 0, ready)
	return s
}

// enter types a line, and waits for what it makes the session show.
func (s *session) enter(t *testing.T, line, want string) {
	t.Helper()
	seen := len(s.text())
	s.press(line)
	seen = s.after(t, seen, line[len(line)-1:])
	s.press("\r")
	seen = s.after(t, seen, want)
	s.after(t, seen, ready)
}

// after waits for a text behind the first bytes of what the terminal got, and returns how many bytes
// lead up to its end.
func (s *session) after(t *testing.T, behind int, want string) int {
	t.Helper()
	s.waitFor(t, behind, want)
	return behind + strings.Index(s.text()[behind:], want) + len(want)
}

// leave ends a session by Ctrl-D.
func (s *session) leave(t *testing.T) ending {
	t.Helper()
	s.press("\x04")
	got := s.end(t)
	if got.code != 0 {
		t.Errorf("exit code %d, want 0; showed %q", got.code, got.text)
	}
	return got
}

// TestREPLAtATerminal is an afternoon at the prompt: services are completed, a call is interrupted,
// the exchange goes and comes back while somebody types, and the next session knows what was typed.
func TestREPLAtATerminal(t *testing.T) {
	addressFile := filepath.Join(t.TempDir(), "address")
	first, address := exchangeProcess(t, "127.0.0.1:0", addressFile)
	conn, asleep := announceSleeper(t, address)
	state := "XDG_STATE_HOME=" + t.TempDir()
	s := atPrompt(t, address, state)

	seen := len(s.text())
	s.press("sle\t")
	seen = s.after(t, seen, "sleeper.")
	s.press("sl\t")
	seen = s.after(t, seen, "sleeper.sleep ")
	s.press("\t")
	seen = s.after(t, seen, "sleep() -> nil")
	s.press("\r")
	testnet.Receive(t, "the call", asleep)
	s.press("\x03")
	testnet.Receive(t, "the end of the call", asleep)
	seen = s.after(t, seen, "interrupted")
	seen = s.after(t, seen, ready)

	s.press("sleeper.na")
	seen = s.after(t, seen, "na")
	first.Process.Kill()
	first.Wait()
	testnet.WaitFor(t, "the mark with the typed text", func() bool { return strings.Contains(s.text()[seen:], away+"sleeper.na") })
	seen = len(s.text())
	exchangeProcess(t, address, addressFile)
	testnet.WaitFor(t, "the mark to go", func() bool { return regexp.MustCompile(`[a-z0-9]\)> sleeper\.na`).MatchString(s.text()[seen:]) })
	testnet.WaitFor(t, "the service to be back", conn.Connected)
	s.press("p\r")
	seen = s.after(t, seen, `"well"`)
	s.after(t, seen, ready)
	s.leave(t)

	s = atPrompt(t, address, state)
	seen = len(s.text())
	s.press("\x1b[A")
	seen = s.after(t, seen, "sleeper.nap")
	s.press("\x1b[A")
	s.after(t, seen, "sleeper.sleep")
	s.press("\x03")
	s.leave(t)
}

// announceSleeper is a service with a method that only a caller can end, and tells when one begins
// and ends.
func announceSleeper(t *testing.T, address string) (conn *service.Conn, asleep <-chan struct{}) {
	t.Helper()
	conn, err := service.Connect(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	sleeper := service.New("sleeper", nil)
	told := make(chan struct{}, 2)
	sleeper.Export("sleep", func(ctx context.Context) error {
		told <- struct{}{}
		<-ctx.Done()
		told <- struct{}{}
		return ctx.Err()
	}, nil)
	sleeper.Export("nap", func() string { return "well" }, nil)
	if err := conn.Announce(t.Context(), sleeper); err != nil {
		t.Fatal(err)
	}
	return conn, told
}

// TestREPLCallsNobodyOnTAB, however much is completed.
func TestREPLCallsNobodyOnTAB(t *testing.T) {
	address, ex := tabWorld(t)
	s := atPrompt(t, address)
	for _, tc := range []struct{ keys, want string }{
		{"ma\t", "math."},
		{"math.mu\t", "math.multiply "},
		{"math.multiply \t", "multiply(x int, y int) -> int"},
		{"math.multiply y\t\t\t", "y:="},
		{"clock.face \t", "face(look"},
		{"clock.face ve\t", "'very $HOME; fine' "},
		{"mth\t", "math."},
		{"math.i\t", "math.divide  math.multiply"},
		{"sub clock:\t", "clock:tick "},
		{"$a = math.di\t", "math.divide "},
		{"ls --gr\t", "--group "},
	} {
		seen := len(s.text())
		s.press(tc.keys)
		s.after(t, seen, tc.want)
		s.press("\x15") // Ctrl-U: an empty line
	}
	if totals := ex.Stats(); totals.Calls != 0 {
		t.Errorf("%d calls, want none", totals.Calls)
	}
	s.leave(t)
}

// eitherSignal stands for the exit code of whichever came first.
const eitherSignal = -1

// TestREPLGivesTheTerminalBack however it ends.
func TestREPLGivesTheTerminalBack(t *testing.T) {
	address := world(t)
	terminal, far, err := pty.Open() // one that nobody has changed yet
	if err != nil {
		t.Fatal(err)
	}
	before := settingsOf(t, terminal)
	terminal.Close()
	far.Close()
	for _, tc := range []struct {
		name string
		end  func(s *session)
		code int
	}{
		{"Ctrl-D", func(s *session) { s.press("\x04") }, 0},
		{"quit", func(s *session) { s.press("quit\r") }, 0},
		{"SIGTERM at the prompt", func(s *session) { s.signal(syscall.SIGTERM) }, 143},
		{"two of them at once", func(s *session) { s.signal(syscall.SIGHUP); s.signal(syscall.SIGTERM) }, eitherSignal},
		{"SIGHUP at the prompt", func(s *session) { s.signal(syscall.SIGHUP) }, 129},
		{"SIGTERM in a list of TAB", func(s *session) { s.press("\t\t"); s.signal(syscall.SIGTERM) }, 143},
		{"SIGTERM while something is typed", func(s *session) { s.press("evil.sa"); s.signal(syscall.SIGTERM) }, 143},
		{"SIGTERM in a call", func(s *session) {
			s.press("evil.slow\r")
			s.after(t, 0, "waiting for evil.slow")
			s.signal(syscall.SIGTERM)
		}, 143},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := atPrompt(t, address)
			tc.end(s)
			got := s.end(t)
			if after := s.settings(t); after != before {
				t.Errorf("the terminal is left with settings %+v, want %+v", after, before)
			}
			if tc.code == eitherSignal && (got.code == 129 || got.code == 143) {
				return
			}
			if got.code != tc.code {
				t.Errorf("exit code %d, want %d", got.code, tc.code)
			}
		})
	}
}

// TestREPLEndsWithItsTerminal, which is closed under it.
func TestREPLEndsWithItsTerminal(t *testing.T) {
	cmd := exec.Command("netsvc", "repl", "-x", world(t))
	cmd.Env = append(apart(t), "TERM=xterm")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	shown := make([]byte, 4096)
	if _, err := terminal.Read(shown); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	terminal.Close()
	if code := exitCode(testnet.Receive(t, "the end of netsvc", ended)); code == 0 {
		t.Error("exit code 0, want one of a session that was cut off")
	}
}

// TestREPLStopsNoStatementByCtrlZ: in a session without job control nothing happens.
func TestREPLStopsNoStatementByCtrlZ(t *testing.T) {
	s := atPrompt(t, world(t))
	s.press("evil.slow\r")
	seen := s.after(t, 0, "waiting for evil.slow")
	s.press("\x1a")
	seen = s.after(t, seen, "^Z")
	s.press("\x03")
	seen = s.after(t, seen, "interrupted")
	s.after(t, seen, ready)
	s.press("\x1a") // at the prompt it is a key without a meaning
	s.enter(t, "evil.bytes", `"ABv/"`)
	s.leave(t)
}

// TestREPLInterrupts the line that is typed, and not the session.
func TestREPLInterrupts(t *testing.T) {
	s := atPrompt(t, world(t))
	s.press("nonsense\x03")
	seen := s.after(t, 0, "^C")
	s.after(t, seen, ready)
	s.press("\x03\x03")
	seen = s.after(t, seen, "quit or Ctrl-D")
	s.signal(syscall.SIGINT)
	seen = s.after(t, seen, ready)
	s.press("evil.say -\r") // reads what is typed
	seen = s.after(t, seen, "-\r\n")
	s.press("\x03")
	s.after(t, seen, ready)
	s.enter(t, "evil.bytes", `"ABv/"`)
	if text := s.leave(t).text; strings.Contains(text, "unknown command") {
		t.Errorf("a line that was given up was run: %q", text)
	}
}
