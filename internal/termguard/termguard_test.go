package termguard

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain tells, in the process that TestTheTerminalIsDumbUntilRestored starts, what the
// terminal is called before and after.
func TestMain(m *testing.M) {
	if os.Getenv("TERMGUARD_TELL") == "" {
		os.Exit(m.Run())
	}
	tell()
	Restore()
	Restore()
	tell()
}

func tell() {
	if term, named := os.LookupEnv(variable); named {
		os.Stdout.WriteString("[" + term + "]")
		return
	}
	os.Stdout.WriteString("none")
}

func TestTheTerminalIsDumbUntilRestored(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  []string
		want string
	}{
		{"a name", []string{"TERM=xterm-256color"}, "[dumb][xterm-256color]"},
		{"an empty name", []string{"TERM="}, "[dumb][]"},
		{"no name", nil, "[dumb]none"},
		{"dumb anyway", []string{"TERM=dumb"}, "[dumb][dumb]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append([]string{"TERMGUARD_TELL=1"}, tc.env...)
			out, err := cmd.Output()
			if got := strings.TrimSpace(string(out)); err != nil || got != tc.want {
				t.Errorf("tells %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}
