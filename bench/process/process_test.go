package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var roles = map[string]Role{
	"parrot": func(args []string) error {
		return Answer("ready "+args[0], func(q string) (string, error) { return q + ", " + args[0], nil })
	},
	"mute":   func([]string) error { return Answer("ready", nil) },
	"broken": func([]string) error { return errors.New("this child cannot start, as the test wants it") },
	"busy": func([]string) error {
		return Answer("ready", func(string) (string, error) {
			for from := time.Now(); time.Since(from) < 50*time.Millisecond; {
			}
			return "done", nil
		})
	},
	"frozen": func([]string) error {
		fmt.Println("ready")
		select {}
	},
}

func TestMain(m *testing.M) {
	if Run(roles) {
		return
	}
	os.Exit(m.Run())
}

// start starts a child that ends with the test.
func start(t *testing.T, role string, args ...string) (*Process, string) {
	t.Helper()
	p, line, err := Start(role, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p, line
}

func TestAChildAnswers(t *testing.T) {
	p, line := start(t, "parrot", "Polly")
	if line != "ready Polly" {
		t.Errorf("first line %q, want %q", line, "ready Polly")
	}
	for _, q := range []string{"one", "two"} {
		if got, err := p.Ask(q); err != nil || got != q+", Polly" {
			t.Errorf("Ask(%q) = %q, %v, want %q", q, got, err, q+", Polly")
		}
	}
	p.End()
	if got := p.cmd.ProcessState.ExitCode(); got != 0 {
		t.Errorf("ended with %d, want 0", got)
	}
}

func TestAChildThatCannotAnswerIsAnError(t *testing.T) {
	p, _ := start(t, "mute")
	if line, err := p.Ask("who?"); err == nil || !strings.Contains(err.Error(), "mute") {
		t.Errorf("Ask = %q, %v, want an error that names the mute", line, err)
	}
}

func TestAChildThatDoesNotStartIsAnError(t *testing.T) {
	if _, _, err := Start("broken"); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("Start = %v, want an error that names the broken", err)
	}
}

func TestKillEndsAFrozenChild(t *testing.T) {
	p, _ := start(t, "frozen")
	p.Kill()
	if p.cmd.ProcessState == nil {
		t.Error("the child was not waited for")
	}
}

func TestAProfiledChildLeavesItsProfile(t *testing.T) {
	t.Setenv(profileVariable, "") // so that it is put back
	folder := filepath.Join(t.TempDir(), "profiles")
	if err := Profile(folder); err != nil {
		t.Fatal(err)
	}
	p, _ := start(t, "busy")
	p.End()
	name := filepath.Join(folder, fmt.Sprintf("busy-%d.pprof", p.cmd.Process.Pid))
	if info, err := os.Stat(name); err != nil || info.Size() == 0 {
		t.Errorf("Stat(%s) = %v, %v, want a file with something in it", name, info, err)
	}
}

func TestUsageOfAChild(t *testing.T) {
	p, _ := start(t, "busy")
	before, err := p.CPU()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Ask("work"); err != nil {
		t.Fatal(err)
	}
	after, err := p.CPU()
	if err != nil {
		t.Fatal(err)
	}
	// Others may have had the processor in the meantime, so there is no upper bound to give
	// but that of a child with one busy goroutine.
	if used := after - before; used < time.Millisecond || used > 10*time.Second {
		t.Errorf("50 ms of work took %v of CPU time", used)
	}
	if n, err := p.Resident(); err != nil || n < 1<<20 {
		t.Errorf("Resident = %d, %v, want a megabyte or more", n, err)
	}
}
