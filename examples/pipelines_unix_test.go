//go:build unix

package examples_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
)

// pipelines puts netsvc into the path of the scripts, and tells them the exchange.
func pipelines(t *testing.T, exchange string) {
	t.Helper()
	t.Setenv("PATH", build(t, "../cmd/netsvc")+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("NETSVC_EXCHANGE", exchange)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir()) // what a developer keeps there is no part of the test
}

// pipeline is a script. Reading it lets the test cache know of it.
func pipeline(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	path := filepath.Join("pipelines", name)
	if _, err := os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return exec.Command(path, args...)
}

// watch starts a script all of whose processes t kills at the latest, not only its shell.
func watch(t *testing.T, name string, args ...string) *program {
	t.Helper()
	cmd := pipeline(t, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p := launch(t, name, cmd)
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil { // its number is still its own
			syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		}
	})
	return p
}

// publishBuild runs a build by way of the script. It returns what the build printed, what was said
// on stderr, and the exit code.
func publishBuild(t *testing.T, command ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := pipeline(t, "publish-build.sh", command...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

func TestPipelinesOfBuilds(t *testing.T) {
	testnet.LeakCheck(t)
	ex, address := listen(t, "tcp", "127.0.0.1:0")
	pipelines(t, address)
	watcher := watch(t, "watch-builds.sh", "--max", "2")
	testnet.WaitFor(t, "the watcher's subscription", func() bool { return len(ex.Subscriptions()) == 1 })
	for _, build := range []struct {
		command []string
		code    int
		printed string
		watched string
	}{
		{[]string{"echo", "compiled", `"all"`}, 0, "compiled \"all\"\n", `ok: echo compiled "all"`},
		{[]string{"sh", "-c", "exit 3"}, 3, "", "FAILED (3): sh -c exit 3"},
	} {
		stdout, stderr, code := publishBuild(t, build.command...)
		if stdout != build.printed || stderr != "" || code != build.code {
			t.Errorf("build %q: printed %q, said %q, exit code %d; want %q, nothing, %d",
				build.command, stdout, stderr, code, build.printed, build.code)
		}
		if line := watcher.line(t); line != build.watched {
			t.Errorf("build %q: the watcher printed %q, want %q", build.command, line, build.watched)
		}
	}
	watcher.ends(t)
}

// A result that nobody can be told of is the build's exit code all the same.
func TestPipelineOfABuildWithoutAnExchange(t *testing.T) {
	ex, address := listen(t, "tcp", "127.0.0.1:0")
	ex.Close()
	pipelines(t, address)
	_, stderr, code := publishBuild(t, "sh", "-c", "exit 3")
	if want := "netsvc: no exchange at " + address; code != 3 || !strings.HasPrefix(stderr, want) {
		t.Errorf("exit code %d, stderr %q; want 3 and %q", code, stderr, want)
	}
}
