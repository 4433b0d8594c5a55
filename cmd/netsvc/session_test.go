package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/netsvc/netsvc/internal/testnet"
)

// startBound is ten times what a command may take to start, so that a busy machine fails no
// test; a terminal that is asked and does not answer costs seconds.
const startBound = 10 * 300 * time.Millisecond

// session is a netsvc on a pseudo-terminal that nobody answers. The terminal controls it: one
// that does not is never asked anything.
type session struct {
	terminal *os.File // our end of it
	leader   *exec.Cmd
	ended    chan ending

	mu    sync.Mutex
	shown bytes.Buffer
}

// ending is all that the terminal got, and the exit code of netsvc.
type ending struct {
	text string
	code int
}

// leading is the shell's part: it runs netsvc and stays, because the kernel drops what a terminal
// has not been read of yet when the process that leads its session ends.
const leading = `trap : INT TERM HUP; "$@"; printf '\n[ended %d]\n' $?; read -r _`

var trailer = regexp.MustCompile(`\r\n\[ended (\d+)\]\r\n$`)

// onTerminal starts netsvc on a pseudo-terminal that does not say how wide it is.
func onTerminal(t *testing.T, env []string, words ...string) *session {
	t.Helper()
	return onTerminalOf(t, 0, env, words...)
}

// onTerminalOf starts it on one that has so many columns.
func onTerminalOf(t *testing.T, columns uint16, env []string, words ...string) *session {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", leading, "sh", "netsvc"}, words...)...)
	cmd.Env = append([]string{
		"TERM=xterm-256color", "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GORACE=" + raceOptions,
	}, env...)
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: columns, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	s := &session{terminal: terminal, leader: cmd, ended: make(chan ending, 1)}
	var reading sync.WaitGroup
	reading.Go(s.read) // ends with the session
	t.Cleanup(func() {
		s.signal(syscall.SIGKILL)
		cmd.Wait()
		reading.Wait()
		terminal.Close()
	})
	return s
}

// read ends when all processes of the session have: then the terminal answers EIO.
func (s *session) read() {
	chunk := make([]byte, 4096)
	for {
		n, err := s.terminal.Read(chunk)
		s.mu.Lock()
		s.shown.Write(chunk[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
		text := s.text()
		if m := trailer.FindStringSubmatch(text); m != nil {
			code, _ := strconv.Atoi(m[1])
			s.ended <- ending{strings.TrimSuffix(text, m[0]), code}
		}
	}
}

// text is what the terminal has got so far.
func (s *session) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

// signal sends a signal to netsvc; the shell takes it and stays, if it can.
func (s *session) signal(number syscall.Signal) { syscall.Kill(-s.leader.Process.Pid, number) }

// press types text.
func (s *session) press(keys string) { io.WriteString(s.terminal, keys) }

// resize gives the terminal another size, and netsvc a signal.
func (s *session) resize(cols, rows uint16) {
	pty.Setsize(s.terminal, &pty.Winsize{Cols: cols, Rows: rows})
}

// waitFor waits until the terminal has got a text behind the first bytes of it, and returns how
// many bytes it has got by then.
func (s *session) waitFor(t *testing.T, behind int, want string) int {
	t.Helper()
	testnet.WaitFor(t, want, func() bool {
		return len(s.ended) > 0 || strings.Contains(s.text()[behind:], want)
	})
	text := s.text()
	if !strings.Contains(text[behind:], want) {
		t.Fatalf("netsvc ended without %q: %q", want, text)
	}
	return len(text)
}

// end waits for the end of netsvc.
func (s *session) end(t *testing.T) ending {
	t.Helper()
	return testnet.Receive(t, "the end of netsvc", s.ended)
}

// show runs netsvc on a terminal to its end and returns what the terminal got.
func show(t *testing.T, env []string, words ...string) string {
	t.Helper()
	began := time.Now()
	e := onTerminal(t, env, words...).end(t)
	if took := time.Since(began); took > startBound {
		t.Errorf("netsvc %s took %v, want less than %v", strings.Join(words, " "), took, startBound)
	}
	return progress.ReplaceAllString(e.text, "")
}

// progress matches what a busy machine makes a command say of its waiting.
var progress = regexp.MustCompile(`(\rwaiting for [^\r\n]*)+\r +\r`)

// showUntil interrupts netsvc once it has shown something, or ends it by keys, and returns all that it
// showed.
func showUntil(t *testing.T, begun, keys string, words ...string) string {
	t.Helper()
	s := onTerminal(t, []string{"NO_COLOR=1"}, words...)
	s.waitFor(t, 0, begun)
	if keys == "" {
		s.signal(syscall.SIGINT)
	}
	s.press(keys)
	return s.end(t).text
}
