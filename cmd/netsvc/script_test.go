package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/netsvc/netsvc/internal/testnet"
)

var update = flag.Bool("update", false, "write the expected outputs in the scripts anew")

// TestMain lets scripts run netsvc in processes of this test's binary.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"netsvc": main, "status": status})
}

// TestScripts runs testdata/script/*.txtar. They start exchanges on ports of the system's
// choice, and wait for facts instead of sleeping:
//
//	exec status N CMD...   runs CMD and fails unless its exit code is N; passes signals on
//	waitfile FILE [REGEXP] waits until there is FILE, and something in it that matches
//	until REGEXP CMD...    runs CMD again and again until its output matches
//	firstline VAR FILE     sets a variable to the first line of a file
//	signal NAME WORD       sends a signal to the background process that has WORD among its words
//	multiply URL X Y       calls multiply there by XML-RPC and prints the product
//	await URL STATUS       waits until a GET there is answered so
//	silent VAR             listens, says nothing, and sets a variable to the address
//	foreign VAR            serves HTTP as foreign_test.go says, and sets a variable to the URL
//	complete LINE          asks for the completion of a line, in which | is the cursor
//	accepted VAR N         waits until N processes have connected there
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("MASK", mask)
			env.Setenv("GORACE", raceOptions)
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfile": waitFile, "until": until, "firstline": firstLine, "signal": sendSignal, "multiply": multiply,
			"silent": silent, "accepted": accepted, "complete": complete, "foreign": foreign, "await": await,
		},
	})
}

// raceOptions keep the race detector from sleeping a second at the end of each process.
const raceOptions = "atexit_sleep_ms=0"

// apart is the environment of a process that must not see what a developer keeps for netsvc.
func apart(t *testing.T, facts ...string) []string {
	t.Helper()
	env := slices.DeleteFunc(os.Environ(), func(fact string) bool { return strings.HasPrefix(fact, "NETSVC_") })
	env = append(env, "XDG_CONFIG_HOME="+t.TempDir(), "GORACE="+raceOptions)
	return append(env, facts...)
}

// mask is a sed script that hides what differs from run to run.
const mask = `s/@[0-9]+"/@N"/g; s/"origin":"[0-9a-f]{16}"/"origin":"ORIGIN"/g; s/"pid":[0-9]+/"pid":N/g; ` +
	`s/"(host|user)":"[^"]*"/"\1":"TEXT"/g; s/"since":"[0-9-]{10}T[0-9:]{8}(\.[0-9]+)?Z"/"since":"TIME"/g`

// status runs the command in os.Args[2:] and wants the exit code os.Args[1] of it.
func status() {
	want, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	go func() {
		for s := range signals {
			cmd.Process.Signal(s)
		}
	}()
	got := exitCode(cmd.Wait())
	if got != want {
		fmt.Fprintf(os.Stderr, "status: exit code %d, want %d\n", got, want)
		os.Exit(1)
	}
}

// exitCode is that of a process as a shell tells it.
func exitCode(err error) int {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0
	}
	if s, ok := exit.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return 128 + int(s.Signal())
	}
	return exit.ExitCode()
}

// waitUntil asks until a fact is so.
func waitUntil(ts *testscript.TestScript, what string, fact func() bool) {
	ask := time.NewTicker(5 * time.Millisecond)
	defer ask.Stop()
	limit := time.NewTimer(testnet.Patience)
	defer limit.Stop()
	for !fact() {
		select {
		case <-ask.C:
		case <-limit.C:
			ts.Fatalf("waited %v for %s", testnet.Patience, what)
		}
	}
}

func waitFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: waitfile FILE [REGEXP]")
	}
	pattern := regexp.MustCompile("")
	if len(args) == 2 {
		pattern = regexp.MustCompile("(?m)" + args[1])
	}
	waitUntil(ts, strings.Join(args, " "), func() bool {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && pattern.Match(text)
	})
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP CMD...")
	}
	pattern := regexp.MustCompile("(?m)" + args[0])
	waitUntil(ts, strings.Join(args, " "), func() bool {
		cmd := exec.Command(args[1], args[2:]...)
		cmd.Dir = ts.MkAbs(".")
		for _, name := range []string{"PATH", "HOME", "TMPDIR", "GORACE", "NETSVC_EXCHANGE"} {
			cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
		}
		out, _ := cmd.Output()
		return pattern.Match(out)
	})
}

func firstLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: firstline VAR FILE")
	}
	line, _, _ := strings.Cut(ts.ReadFile(args[1]), "\n")
	ts.Setenv(args[0], line)
}

func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	numbers := map[string]syscall.Signal{
		"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL,
		"STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT,
	}
	if neg || len(args) != 2 || numbers[args[0]] == 0 {
		ts.Fatalf("usage: signal INT|TERM|KILL|STOP|CONT WORD")
	}
	i := slices.IndexFunc(ts.BackgroundCmds(), func(c *exec.Cmd) bool { return slices.Contains(c.Args, args[1]) })
	if i < 0 {
		ts.Fatalf("no background process has the word %q", args[1])
	}
	ts.Check(ts.BackgroundCmds()[i].Process.Signal(numbers[args[0]]))
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await URL STATUS")
	}
	waitUntil(ts, strings.Join(args, " "), func() bool {
		response, err := http.Get(args[0])
		if err != nil {
			return false
		}
		response.Body.Close()
		return strconv.Itoa(response.StatusCode) == args[1]
	})
}

func multiply(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: multiply URL X Y")
	}
	x, errX := strconv.Atoi(args[1])
	y, errY := strconv.Atoi(args[2])
	ts.Check(errors.Join(errX, errY))
	ctx, cancel := context.WithTimeout(context.Background(), testnet.Patience)
	defer cancel()
	product, err := callGateway(ctx, args[0], x, y)
	if neg {
		if err == nil {
			ts.Fatalf("got %v, want an error", product)
		}
		fmt.Fprintln(ts.Stderr(), err)
		return
	}
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), product)
}

// silence is a listener that answers nobody.
type silence struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

// accept ends when the listener is closed.
func (s *silence) accept() {
	for {
		conn, err := s.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns = append(s.conns, conn)
		s.mu.Unlock()
	}
}

func (s *silence) close() {
	s.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		conn.Close()
	}
}

func (s *silence) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func silent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: silent VAR")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	s := &silence{Listener: l}
	go s.accept()
	ts.Defer(s.close)
	ts.Setenv(args[0], l.Addr().String())
	silences.Store(l.Addr().String(), s)
}

// silences are the listeners of all scripts, by address.
var silences sync.Map

func accepted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: accepted VAR N")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	s, ok := silences.Load(ts.Getenv(args[0]))
	if !ok {
		ts.Fatalf("no silent listener at %s", args[0])
	}
	waitUntil(ts, "connections", func() bool { return s.(*silence).count() >= want })
}
