//go:build linux

package chaos_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
)

// server is a netsvc command that listens, and may be restarted on its port.
type server struct {
	*process
	command string
	addr    string
	args    []string
}

// startExchange runs netsvc exchange on a port of the system's choice until it listens.
func startExchange(t testing.TB, args ...string) *server {
	t.Helper()
	return startServer(t, "exchange", args...)
}

// startGateway runs netsvc gateway in front of an exchange until it listens.
func startGateway(t testing.TB, exchange string, args ...string) *server {
	t.Helper()
	return startServer(t, "gateway", append([]string{"--exchange", exchange}, args...)...)
}

func startServer(t testing.TB, command string, args ...string) *server {
	t.Helper()
	s := &server{command: command, addr: "127.0.0.1:0", args: args}
	s.restart(t)
	return s
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
	s.process = start(t, exec.Command(netsvc, args...))
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
