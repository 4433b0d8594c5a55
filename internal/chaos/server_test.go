//go:build linux

package chaos_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
)

// server is a netsvc command that listens, and may be restarted on its port.
type server struct {
	*process
	command string
	addr    string
	args    []string
	adapt   func(*exec.Cmd)
	hurt    bool     // by a signal of the test
	notes   []string // for the table of cases
}

// startExchange runs netsvc exchange, on a port of the system's choice, until it listens,
// with a bystander. When all else of the test is over it must be as it was.
func startExchange(t testing.TB, args ...string) *server {
	t.Helper()
	s := startServer(t, "exchange", args...)
	s.watched(t)
	return s
}

// startGateway runs netsvc gateway in front of an exchange until it listens.
func startGateway(t testing.TB, exchange string, args ...string) *server {
	t.Helper()
	return startServer(t, "gateway", append([]string{"--exchange", exchange}, args...)...)
}

func startServer(t testing.TB, command string, args ...string) *server {
	t.Helper()
	return serverBy(t, command, func(*exec.Cmd) {}, args...)
}

// serverBy is startServer for one whose process is to be adapted before it starts.
func serverBy(t testing.TB, command string, adapt func(*exec.Cmd), args ...string) *server {
	t.Helper()
	s := &server{command: command, addr: "127.0.0.1:0", args: args, adapt: adapt}
	s.restart(t)
	t.Cleanup(func() {
		if s.alive() && !t.Failed() {
			s.wantIdle(t, 0)
		}
		s.bury(t)
	})
	return s
}

// signal, kill and end are those of the process, which is hurt by them.

func (s *server) signal(sig syscall.Signal) {
	s.hurt = true
	s.process.signal(sig)
}

func (s *server) kill() {
	s.hurt = true
	s.process.kill()
}

func (s *server) end(t testing.TB, sig syscall.Signal) {
	t.Helper()
	s.hurt = true
	s.process.end(t, sig)
}

// restart begins the next life, on the same port. Somebody who dialled the port while
// nobody listened may hold it for a moment, so one that cannot listen is tried again.
func (s *server) restart(t testing.TB) {
	t.Helper()
	testnet.WaitFor(t, s.command+" to listen on "+s.addr, func() bool { return s.try(t) })
}

func (s *server) try(t testing.TB) bool {
	t.Helper()
	file := filepath.Join(t.TempDir(), "addr")
	args := append([]string{s.command, "--listen", s.addr, "--address-file", file}, s.args...)
	if s.process != nil {
		s.bury(t)
	}
	cmd := exec.Command(netsvc, args...)
	s.adapt(cmd)
	s.process = launch(t, cmd)
	listening := false
	testnet.WaitFor(t, s.command+" to listen or to end", func() bool {
		text, err := os.ReadFile(file)
		listening = err == nil && len(text) > 0
		if listening {
			s.addr = strings.TrimSpace(strings.Split(string(text), "\n")[0])
		}
		return listening || !s.alive()
	})
	return listening
}

// fixedDescriptors is the most that a server without connections has open: its three
// streams, the poller's two or three, listeners, and what the runtime reads once.
const fixedDescriptors = 12

// fixedGoroutines is the most that a server without connections has: main and its command,
// signals, clock, keeper, listeners, its own session, the workers of its own service, and the two
// of a last connection whose client has read its answer and gone before they knew. Each test does
// what could leave one behind more often than there is room for here.
const fixedGoroutines = 22

// wantIdle waits until a server has no descriptors but so many and its fixed ones, ends it
// and counts its goroutines, if it can tell them.
func (s *server) wantIdle(t testing.TB, links int) {
	t.Helper()
	testnet.WaitFor(t, "the descriptors of the "+s.command+" to be closed", func() bool {
		return descriptorsOf(s.pid()) <= fixedDescriptors+links
	})
	if s.cmd.Stderr != s.output {
		s.process.end(t, syscall.SIGTERM)
		return
	}
	left, stacks := s.goroutines(t)
	if left == 0 || left > fixedGoroutines {
		t.Errorf("the %s has %d goroutines with %d links, want 1 to %d:\n%s", s.command, left, links, fixedGoroutines, stacks)
	}
}
