//go:build linux

package chaos_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"
)

// stock is what a process has open.
type stock struct{ goroutines, descriptors int }

// takeStock counts, after the runtime has opened what it opens once and keeps: its poller
// and the goroutine that waits for signals.
func takeStock() stock {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	signal.Stop(signals)
	return count()
}

func count() stock {
	return stock{goroutines: runtime.NumGoroutine(), descriptors: descriptorsOf(os.Getpid())}
}

// leakPatience is how long goroutines and descriptors may take to go.
const leakPatience = 5 * time.Second

// leaks says what is open beyond the stock, or "" as soon as nothing is.
func (s stock) leaks() string {
	limit := clock() + leakPatience
	for {
		now := count()
		if now.goroutines <= s.goroutines && now.descriptors <= s.descriptors {
			return ""
		}
		if clock() > limit {
			var stacks bytes.Buffer
			pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			return fmt.Sprintf("%+v, at first %+v\n%s", now, s, stacks.String())
		}
		rest(context.Background(), 10*time.Millisecond)
	}
}

// descriptorsOf counts the open descriptors of a process, without the runtime's pool of
// pipes for copying between sockets, which the garbage collector closes.
func descriptorsOf(pid int) int {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	open := 0
	for _, entry := range entries {
		target, err := os.Readlink(dir + "/" + entry.Name())
		if err == nil && !bytes.HasPrefix([]byte(target), []byte("pipe:")) {
			open++
		}
	}
	return open
}
