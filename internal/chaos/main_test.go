//go:build linux

package chaos_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The environment by which this test's binary is told to be one of its other processes.
const (
	roleVariable   = "NETSVC_CHAOS_ROLE"
	configVariable = "NETSVC_CHAOS_CONFIG"
)

// roles are the other processes.
var roles = map[string]func(config) error{
	"replica": runReplica, "caller": runCaller, "web": runWeb, bystander: runBystander,
	"publisher": runPublisher, "reader": runReader,
}

// config is what such a process is told.
type config struct {
	Name     string // of this life of the process, in the history
	Exchange string // where to connect
	History  string // the file to append to
	Seed     uint64
	Pace     int // of a publisher: reports a second; 0 for as many as it can
	Size     int // of a publisher: bytes of a report
}

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(runRole(role))
	}
	os.Exit(runTests(m))
}

func runRole(role string) int {
	var c config
	err := json.Unmarshal([]byte(os.Getenv(configVariable)), &c)
	if err == nil {
		err = roles[role](c)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", c.Name, err)
		return 1
	}
	return 0
}

// leaveSettings keeps what a developer has set for netsvc from all processes that are started.
func leaveSettings(dir string) error {
	return errors.Join(os.Setenv("XDG_CONFIG_HOME", dir), os.Unsetenv("NETSVC_CONFIG"), os.Unsetenv("NETSVC_CONTEXT"))
}

// netsvc is the program under test, built for this run.
var netsvc string

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "netsvc-chaos-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := leaveSettings(filepath.Join(dir, "settings")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	netsvc = filepath.Join(dir, "netsvc")
	build := exec.Command("go", append(append([]string{"build"}, buildFlags...), "-o", netsvc, "../../cmd/netsvc")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build netsvc: %v\n%s", err, out)
		return 1
	}
	code := m.Run()
	if testing.Verbose() {
		cases.print()
	}
	return code
}
