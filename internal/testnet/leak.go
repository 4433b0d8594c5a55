package testnet

import (
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// LeakCheck fails t if, when t and all its cleanups are done, goroutines run that did
// not run at the time of this call, or more descriptors are open than then. Call it
// first: cleanups run last to first, so what later lines clean up is gone by then.
//
// Both get a moment to disappear, because a goroutine that reads a closed socket needs one
// to notice. A process has one set of goroutines and descriptors, so a test that
// calls LeakCheck must not be parallel with others. Descriptors are counted on Linux
// only, and pipes never: copying between two sockets uses pipes of the runtime's own,
// which the garbage collector closes some time later.
func LeakCheck(t testing.TB) {
	t.Helper()
	wakePoller(t)
	known := goleak.IgnoreCurrent()
	before := descriptors()
	t.Cleanup(func() {
		t.Helper()
		if err := goleak.Find(known); err != nil {
			t.Errorf("goroutines left behind: %v", err)
		}
		checkDescriptors(t, before)
	})
}

// wakePoller makes the runtime open its own epoll descriptors now. It does so once in
// the life of a process, at the first pipe or socket, and keeps them.
func wakePoller(t testing.TB) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatalf("open a pipe: %v", err)
	}
	r.Close()
	w.Close()
}

// checkDescriptors waits for the number of open descriptors to return to that of before.
func checkDescriptors(t testing.TB, before map[string]string) {
	t.Helper()
	ask := time.NewTicker(pollEvery)
	defer ask.Stop()
	limit := time.NewTimer(leakPatience)
	defer limit.Stop()
	for now := descriptors(); len(now) > len(before); now = descriptors() {
		select {
		case <-ask.C:
		case <-limit.C:
			t.Errorf("open descriptors: got %d, want %d; new: %s", len(now), len(before), newIn(now, before))
			return
		}
	}
}

// leakPatience is how long a descriptor may outlive the test that opened it. It is
// paid only by a test that fails.
const leakPatience = 2 * time.Second

// descriptors maps each open descriptor to what it refers to, such as "socket:[4711]",
// pipes left out. It is empty where /proc is not.
func descriptors() map[string]string {
	const dir = "/proc/self/fd"
	open := make(map[string]string)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return open
	}
	for _, entry := range entries {
		// The descriptor that ReadDir itself used is closed by now and has no target.
		target, err := os.Readlink(dir + "/" + entry.Name())
		if err == nil && !strings.HasPrefix(target, "pipe:") {
			open[entry.Name()] = target
		}
	}
	return open
}

// newIn lists what is in now and was not, or was something else, in before.
func newIn(now, before map[string]string) string {
	var added []string
	for number, target := range now {
		if before[number] != target {
			added = append(added, number+" "+target)
		}
	}
	return strings.Join(added, ", ")
}
