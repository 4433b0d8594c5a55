//go:build linux

package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// crowd connects n clients and waits until all are there.
func crowd(t testing.TB, addr string, n int) []*service.Conn {
	t.Helper()
	clients := make([]*service.Conn, n)
	for i := range clients {
		c, err := service.Connect(t.Context(), addr, &service.Options{Background: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		clients[i] = c
	}
	return clients
}

// disperse closes all clients at the same time.
func disperse(clients []*service.Conn) {
	var wg sync.WaitGroup
	for _, c := range clients {
		wg.Go(func() { c.Close() })
	}
	wg.Wait()
}

func TestFault_26_ReconnectStorm(t *testing.T) {
	testnet.LeakCheck(t)
	size := crowdSize(t)
	ex := startExchange(t)
	link := testnet.NewProxy(t, ex.addr)
	clients := crowd(t, link.Addr(), size)
	defer disperse(clients)
	testnet.WaitFor(t, "everybody to be there", func() bool { return connected(clients, 0) == size })
	from, used := clock(), cpuTime(t, ex.pid())
	link.Reset()
	testnet.WaitFor(t, "everybody to be back", func() bool { return connected(clients, 1) == size })
	ex.note("%d clients back after %v, %v of CPU time of the exchange", size, short(clock()-from), cpuTime(t, ex.pid())-used)
}

// crowdSize is 2,000, or 500 under the race detector, with CHAOS_FULL 5,000, or what the limit of descriptors allows: three
// are needed for each client, one of its own and two of the proxy.
func crowdSize(t testing.TB) int {
	t.Helper()
	size := crowdCount
	if os.Getenv("CHAOS_FULL") != "" {
		size = 5_000
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return int(min(uint64(size), limit.Cur/4))
}

// connected counts the clients that have a link after losing at least so many.
func connected(clients []*service.Conn, lost uint64) int {
	n := 0
	for _, c := range clients {
		if c.Connected() && c.Stats().Lost >= lost {
			n++
		}
	}
	return n
}

func TestFault_29_DescriptorsAreExhausted(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	ex.limitDescriptors(t, 256)
	clients := crowd(t, ex.addr, 400)
	testnet.WaitFor(t, "the exchange to run out of descriptors", func() bool { return strings.Contains(ex.output.String(), "accept failed") })
	used := cpuTime(t, ex.pid())
	rest(t.Context(), idleTime)
	busy := cpuTime(t, ex.pid()) - used
	ex.note("%v of CPU time in %v without descriptors", busy, idleTime)
	if busy > idleTime/4 {
		t.Errorf("used %v of %v while it could not accept: a busy loop", busy, idleTime)
	}
	if said := strings.Count(ex.output.String(), "accept failed"); said != 1 {
		t.Errorf("the log has %d records of it, want one a minute", said)
	}
	disperse(clients)
	connect(t, ex.addr)
}

// idleTime is how long an exchange that cannot accept is looked at.
const idleTime = 2 * time.Second

// limitDescriptors lowers what a process may have open.
func (p *process) limitDescriptors(t testing.TB, n uint64) {
	t.Helper()
	if err := unix.Prlimit(p.pid(), unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: n}, nil); err != nil {
		t.Fatal(err)
	}
}

// cpuTime is what a process has used, by proc(5): fields 14 and 15 in ticks of 10 ms.
func cpuTime(t testing.TB, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, fields, _ := strings.Cut(string(stat), ") ")
	var user, system int64
	if _, err := fmt.Sscan(strings.Join(strings.Fields(fields)[11:13], " "), &user, &system); err != nil {
		t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// loadOpen is how many calls a load keeps open.
const loadOpen = 32

// load keeps calls of echo.sleep open and remembers how those ended that failed.
func load(ctx context.Context, conn *service.Conn, open int) (wait func() (calls int, failures []*service.Failure)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	calls := 0
	var failures []*service.Failure
	echo := conn.Endpoint("echo")
	for range open {
		wg.Go(func() { // ends with ctx
			for ctx.Err() == nil {
				_, err := echo.Call(context.Background(), "sleep", 0.02)
				mu.Lock()
				calls++
				var f *service.Failure
				if errors.As(err, &f) {
					failures = append(failures, f)
				}
				mu.Unlock()
				if err != nil {
					rest(ctx, time.Millisecond)
				}
			}
		})
	}
	return func() (int, []*service.Failure) {
		wg.Wait()
		return calls, failures
	}
}

func TestFault_61_ReplicaDrainsUnderLoad(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	leaving := startHost(t, ex.addr)
	ctx, stop := context.WithCancel(t.Context())
	wait := load(ctx, connect(t, ex.addr), loadOpen)
	rest(ctx, 300*time.Millisecond)
	leaving.end(t, syscall.SIGTERM)
	rest(ctx, 200*time.Millisecond)
	stop()
	if calls, failures := wait(); calls == 0 || len(failures) > 0 {
		t.Errorf("of %d calls failed: %v", calls, failures)
	}
}

func TestFault_61_ExchangeDrainsUnderLoad(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	ctx, stop := context.WithCancel(t.Context())
	conn := connect(t, ex.addr)
	wait := load(ctx, conn, loadOpen)
	rest(ctx, 300*time.Millisecond)
	ex.end(t, syscall.SIGTERM)
	stop()
	calls, failures := wait()
	ends := map[string]int{"a result": calls - len(failures)}
	for _, f := range failures {
		end := f.Code.String() + ", " + f.Delivered.String()
		ends[end]++
		if end != "draining, no" && end != "unreachable, no" {
			t.Errorf("a call ended with %v", f)
		}
	}
	if ends["a result"] == 0 || ends["draining, no"] == 0 {
		t.Errorf("calls ended with %s", list(ends))
	}
	t.Logf("%d calls: %s", calls, list(ends))
}

func TestFault_61_SecondSignalEndsAtOnce(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t, "--grace", "10m")
	host := startHost(t, ex.addr)
	pending := sleeping(t, connect(t, ex.addr))
	ex.signal(syscall.SIGTERM)
	testnet.WaitFor(t, "the exchange to drain", func() bool { return strings.Contains(ex.output.String(), "draining") })
	ex.signal(syscall.SIGTERM)
	testnet.Receive(t, "the end of the exchange", ex.ended)
	if got := ex.cmd.ProcessState.ExitCode(); got != 143 {
		t.Errorf("exit code %d, want 143", got)
	}
	wantFailure(t, pending, service.ErrUnreachable, service.Maybe)
	host.signal(syscall.SIGTERM) // its handler ends with the link
	testnet.Receive(t, "the end of the host", host.ended)
	if got := host.cmd.ProcessState.ExitCode(); got != 0 {
		t.Errorf("exit code of the host %d, want 0", got)
	}
}

// pipe is one whose ends the test closes, or else its end does.
func pipe(t testing.TB) (reader, writer *os.File) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		reader.Close()
		writer.Close()
	})
	return reader, writer
}
