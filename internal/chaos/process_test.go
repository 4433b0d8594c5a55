//go:build linux

package chaos_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
)

// process is one life of a process of the test.
type process struct {
	cmd    *exec.Cmd
	output *tail
	ended  chan struct{} // closed when it has been waited for
	err    error         // how it ended, valid then
}

// tail keeps what a process has said.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.Write(p)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

// start begins a process that dies with the test.
func start(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := launch(t, cmd)
	t.Cleanup(func() { p.bury(t) })
	return p
}

// launch begins a process that somebody else buries.
func launch(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, output: new(tail), ended: make(chan struct{})}
	if cmd.Stderr == nil {
		cmd.Stderr = p.output
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	return p
}

// bury kills the process, and tells its last words if the test has failed.
func (p *process) bury(t testing.TB) {
	t.Helper()
	p.kill()
	if said := strings.TrimSpace(p.output.String()); t.Failed() && said != "" {
		t.Logf("%s said:\n%s", strings.Join(p.cmd.Args, " "), lastBytes(said, 3000))
	}
}

func lastBytes(s string, n int) string { return s[max(0, len(s)-n):] }

// startRole begins a process of this test's own binary.
func startRole(t testing.TB, role string, c config) *process {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, configVariable+"="+string(text), "GORACE=atexit_sleep_ms=0")
	return start(t, cmd)
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// signal sends s. A process that has ended already has nothing to hear.
func (p *process) signal(s syscall.Signal) { p.cmd.Process.Signal(s) }

// kill ends the process by SIGKILL and waits for its end.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// alive reports whether the process has not been waited for.
func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// end sends s and wants the process to end well.
func (p *process) end(t testing.TB, s syscall.Signal) {
	t.Helper()
	p.signal(s)
	testnet.Receive(t, "the end of "+p.cmd.Args[0], p.ended)
	if p.err != nil {
		t.Errorf("%s ended with %v:\n%s", p.cmd.Args[0], p.err, lastBytes(p.output.String(), 3000))
	}
}

// tenth are the times of an exchange in a test: a tenth of those of production.
var tenth = []string{"--beat", "200ms", "--suspect", "450ms", "--dead", "1450ms"}

// scale is how long the times of an exchange are.
type scale struct {
	name string
	args []string
	dead time.Duration
}

// atEachScale runs a case at a tenth of the times, and with CHAOS_FULL at those of production.
func atEachScale(t *testing.T, run func(t *testing.T, s scale)) {
	for _, s := range []scale{{"a tenth", tenth, deadTime}, {"production", nil, 10 * deadTime}} {
		t.Run(s.name, func(t *testing.T) {
			if s.args == nil && os.Getenv("CHAOS_FULL") == "" {
				t.Skip("takes long; CHAOS_FULL is not set")
			}
			testnet.LeakCheck(t)
			run(t, s)
		})
	}
}

// wantSilence wants what was given up to have been silent for about the time of the dead.
func (s scale) wantSilence(t testing.TB, silence time.Duration) {
	t.Helper()
	if silence < s.dead*3/4 {
		t.Errorf("given up after %v of silence, want about %v", silence, s.dead)
	}
}

// goroutines makes a Go process print its stacks and end, and counts them.
func (p *process) goroutines(t testing.TB) (int, string) {
	t.Helper()
	p.signal(syscall.SIGQUIT)
	testnet.Receive(t, "the stacks of the process", p.ended)
	var exit *exec.ExitError
	if !errors.As(p.err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("after SIGQUIT the process ended with %v, want exit code 2", p.err)
	}
	stacks := p.output.String()
	if from := strings.LastIndex(stacks, "SIGQUIT: quit"); from >= 0 {
		stacks = stacks[from:]
	}
	return strings.Count(stacks, "\ngoroutine ") - strings.Count(stacks, "\ngoroutine 0 "), stacks
}

func (p *process) String() string { return fmt.Sprintf("%s (%d)", p.cmd.Args[0], p.pid()) }
