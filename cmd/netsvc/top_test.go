package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

const (
	enterScreen = "\x1b[?1049h"
	leaveScreen = "\x1b[?1049l"
	hideCursor  = "\x1b[?25l"
	showCursor  = "\x1b[?25h"
)

// settings are how the terminal of a session treats what is typed.
func (s *session) settings(t *testing.T) unix.Termios {
	t.Helper()
	return settingsOf(t, s.terminal)
}

func settingsOf(t *testing.T, terminal *os.File) unix.Termios {
	t.Helper()
	settings, err := unix.IoctlGetTermios(int(terminal.Fd()), getAttributes)
	if err != nil {
		t.Fatal(err)
	}
	return *settings
}

// checkRestored wants the terminal of an ended session as it was.
func (s *session) checkRestored(t *testing.T, before unix.Termios, text string) {
	t.Helper()
	if after := s.settings(t); after != before {
		t.Errorf("the terminal is left with settings %+v, want %+v", after, before)
	}
	for _, pair := range [][2]string{{enterScreen, leaveScreen}, {hideCursor, showCursor}} {
		if on, off := strings.LastIndex(text, pair[0]), strings.LastIndex(text, pair[1]); on < 0 || off < on {
			t.Errorf("%q stands at %d and %q at %d, want it to be taken back", pair[0], on, pair[1], off)
		}
	}
}

// onTop starts netsvc top and waits until it shows the services of world.
func onTop(t *testing.T, address string, env ...string) (s *session, before unix.Termios) {
	t.Helper()
	terminal, far, err := pty.Open() // one that nobody has changed yet
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	defer far.Close()
	before = settingsOf(t, terminal)
	s = onTerminalOf(t, 80, env, "top", "-x", address)
	s.waitFor(t, 0, "evil@")
	return s, before
}

// TestTopGivesTheTerminalBack however it ends.
func TestTopGivesTheTerminalBack(t *testing.T) {
	address := world(t)
	for _, tc := range []struct {
		name string
		end  func(s *session)
		code int
		said string // behind the screen
	}{
		{"q", func(s *session) { s.press("q") }, 0, ""},
		{"Ctrl-C", func(s *session) { s.press("\x03") }, 130, "netsvc: interrupted\r\n"},
		{"SIGINT", func(s *session) { s.signal(syscall.SIGINT) }, 130, "netsvc: interrupted\r\n"},
		{"SIGTERM", func(s *session) { s.signal(syscall.SIGTERM) }, 143, "netsvc: terminated\r\n"},
		{"two signals at once", func(s *session) { s.signal(syscall.SIGTERM); s.signal(syscall.SIGTERM) }, 143, "netsvc: terminated\r\n"},
		{"SIGHUP", func(s *session) { s.signal(syscall.SIGHUP) }, 129, "netsvc: the terminal was closed\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, before := onTop(t, address)
			tc.end(s)
			got := s.end(t)
			s.checkRestored(t, before, got.text)
			_, said, _ := strings.Cut(got.text, leaveScreen)
			said = strings.TrimPrefix(said, showCursor)
			if got.code != tc.code || said != tc.said {
				t.Errorf("exit code %d and %q, want %d and %q", got.code, said, tc.code, tc.said)
			}
		})
	}
}

// TestTopHasKeysWithoutStdin, from the terminal that controls it.
func TestTopHasKeysWithoutStdin(t *testing.T) {
	s := onTerminalOf(t, 80, nil, "top", "--no-input", "-x", world(t))
	before := s.settings(t)
	s.waitFor(t, 0, "evil@")
	s.press("q")
	got := s.end(t)
	s.checkRestored(t, before, got.text)
	if got.code != 0 {
		t.Errorf("exit code %d, want 0", got.code)
	}
}

// TestTopAsksNoTerminal, whatever keys are pressed.
func TestTopAsksNoTerminal(t *testing.T) {
	s, _ := onTop(t, world(t))
	s.press("i?x/evil\rsrp+-")
	s.waitFor(t, 0, "paused")
	s.press("q")
	if q := query.FindString(s.end(t).text); q != "" {
		t.Errorf("asks the terminal %q", q)
	}
}

// TestTopFollowsTheSizeOfTheTerminal, which a terminal without much room limits.
func TestTopFollowsTheSizeOfTheTerminal(t *testing.T) {
	s, _ := onTop(t, world(t))
	seen := len(s.text())
	s.resize(30, 5)
	seen = s.waitFor(t, seen, "need 40x10, have 30x5")
	s.resize(120, 40)
	s.waitFor(t, seen, "FAILURES") // a column of wide screens alone
	s.press("q")
	if got := s.end(t); got.code != 0 {
		t.Errorf("exit code %d, want 0", got.code)
	}
}

// TestTopOnADumbTerminal prints tables without any escape sequence.
func TestTopOnADumbTerminal(t *testing.T) {
	table := regexp.MustCompile(`(?s)sessions 2 .*calls/s - .*ADDRESS.*evil@\d+ +ready.*\r\n\r\n.*calls/s \d`)
	for _, term := range []string{"TERM=dumb", "TERM="} {
		s := onTerminal(t, []string{term, "NO_COLOR=1"}, "top", "-x", world(t))
		testnet.WaitFor(t, "two tables", func() bool { return table.MatchString(s.text()) })
		s.signal(syscall.SIGINT)
		if got := s.end(t); strings.Contains(got.text, "\x1b") || got.code != 130 {
			t.Errorf("%s: exit code %d, showed %q; want 130 and no escape byte", term, got.code, got.text)
		}
	}
}

// TestTopOutlivesTheExchange: it says that the exchange is away, and has its rows when it is back.
// With -v the log would say so, too.
func TestTopOutlivesTheExchange(t *testing.T) {
	addressFile := filepath.Join(t.TempDir(), "address")
	first, address := exchangeProcess(t, "127.0.0.1:0", addressFile)
	s := onTerminalOf(t, 80, nil, "top", "-v", "-x", address)
	seen := s.waitFor(t, 0, "no services")
	first.Process.Kill()
	first.Wait()
	seen = s.waitFor(t, seen, "exchange away, trying")
	exchangeProcess(t, address, addressFile)
	conn, err := service.Connect(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Announce(context.Background(), service.New("late", nil)); err != nil {
		t.Fatal(err)
	}
	s.waitFor(t, seen, "late@")
	s.press("q")
	got := s.end(t)
	if got.code != 0 {
		t.Errorf("exit code %d, want 0", got.code)
	}
	if strings.Contains(got.text, "the link to the exchange") {
		t.Errorf("the log was written over the screen: %q", got.text)
	}
}

// exchangeProcess runs an exchange in a process of its own until the end of the test.
func exchangeProcess(t *testing.T, listen, addressFile string) (cmd *exec.Cmd, address string) {
	t.Helper()
	cmd = exec.Command("netsvc", "exchange", "--listen", listen, "--address-file", addressFile)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	testnet.WaitFor(t, "the exchange to listen", func() bool {
		address = firstLineOf(addressFile)
		return address != ""
	})
	return cmd, address
}

// firstLineOf is "" while there is no such file.
func firstLineOf(path string) string {
	text, _ := os.ReadFile(path)
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
