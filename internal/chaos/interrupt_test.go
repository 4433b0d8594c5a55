//go:build linux

package chaos_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
)

// interrupts is how often a command is interrupted in a call.
const interrupts = 20

// interruptGoal is how soon the handler's context is to end.
const interruptGoal = 50 * time.Millisecond

func TestInterruptReachesTheHandler(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	history := filepath.Join(t.TempDir(), "replica.history")
	startRole(t, "replica", config{Name: "replica", Exchange: ex.addr, History: history})
	conn := connect(t, ex.addr)
	testnet.WaitFor(t, "the service", func() bool { return len(instances(t, conn, workName)) == 1 })
	var longest time.Duration
	for i := range interrupts {
		p := start(t, exec.Command(netsvc, "call", workName+".work", fmt.Sprint(i), "60000", "--exchange", ex.addr))
		when(t, history, begun, fmt.Sprint(i))
		from := clock()
		p.signal(syscall.SIGINT)
		longest = max(longest, when(t, history, finished, fmt.Sprint(i))-from)
		testnet.Receive(t, "the end of the command", p.ended)
	}
	ex.note("of %d interrupted commands the slowest one ended its handler's context after %v", interrupts, short(longest))
	if longest > 10*interruptGoal {
		t.Errorf("a handler's context ended %v after the interrupt, want about %v", longest, interruptGoal)
	}
}

// when waits until a history tells of something, and returns the time of it.
func when(t testing.TB, history, kind, id string) time.Duration {
	t.Helper()
	var at time.Duration
	testnet.WaitFor(t, kind+" "+id, func() bool {
		records, err := readFile(history)
		if err != nil {
			return false
		}
		for _, r := range records {
			if r.Kind == kind && r.ID == id {
				at = r.At
			}
		}
		return at > 0
	})
	return at
}
