//go:build linux

package chaos_test

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
)

// startHost runs the example service echo until the registry shows one more instance of it.
// If it lives until the test is over it must be as it was.
func startHost(t testing.TB, addr string, args ...string) *process {
	t.Helper()
	conn := connect(t, addr)
	before := len(instances(t, conn, "echo"))
	host := start(t, exec.Command(netsvc, append([]string{"host", "echo", "--exchange", addr}, args...)...))
	testnet.WaitFor(t, "echo to be announced", func() bool { return len(instances(t, conn, "echo")) > before })
	conn.Close()
	open := descriptorsOf(host.pid())
	t.Cleanup(func() {
		host.signal(syscall.SIGCONT) // it may be one that was stopped
		if host.alive() && !t.Failed() {
			host.wantAsBefore(t, open)
		}
	})
	return host
}

// hostGoroutines is the most that a host has: what a server has, and 64 workers that are kept
// warm.
const hostGoroutines = fixedGoroutines + 64

// wantAsBefore wants a host to have no more descriptors than so many, no handler that runs,
// and no more goroutines than it may keep.
func (p *process) wantAsBefore(t testing.TB, open int) {
	t.Helper()
	testnet.WaitFor(t, "the descriptors of the host to be closed", func() bool { return descriptorsOf(p.pid()) <= open })
	left, stacks := p.goroutines(t)
	if running := strings.Count(stacks, "netsvc/examples/services."); running > 0 || left == 0 || left > hostGoroutines {
		t.Errorf("the host has %d goroutines, want 1 to %d and none in a handler:\n%s", left, hostGoroutines, stacks)
	}
}
