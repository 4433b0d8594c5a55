//go:build linux

package chaos_test

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

func TestFault_01_ServiceIsKilledInACall(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	host := startHost(t, ex.addr)
	conn := connect(t, ex.addr)
	watch, err := conn.Watch(service.WatchOptions{Glob: "echo"})
	if err != nil {
		t.Fatal(err)
	}
	pending := sleeping(t, conn)
	from := clock()
	host.kill()
	wantFailure(t, pending, service.ErrLost, service.Maybe)
	ex.wantPrompt(t, clock()-from)
	var ends []service.EventKind
	for e := range watch.Events(t.Context()) {
		if e.Kind == service.Left || e.Kind == service.Withdrawn {
			ends = append(ends, e.Kind)
		}
		if e.Kind == service.Withdrawn {
			break
		}
	}
	watch.Close()
	for e := range watch.Events(t.Context()) {
		ends = append(ends, e.Kind)
	}
	if got := fmt.Sprint(ends); got != "[left withdrawn]" {
		t.Errorf("the watcher was told %s, want [left withdrawn]", got)
	}
}

func TestFault_06_ExchangeIsKilled(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	conn := connect(t, ex.addr)
	pending := sleeping(t, conn)
	from := clock()
	ex.kill()
	wantFailure(t, pending, service.ErrUnreachable, service.Maybe)
	ex.wantPrompt(t, clock()-from)
	wantFailure(t, conn.Endpoint("echo").Go(t.Context(), "echo", 1), service.ErrUnreachable, service.No)
	ex.restart(t)
	wantCall(t, conn)
}

func TestFault_07_ExchangeIsRestarted(t *testing.T) {
	testnet.LeakCheck(t)
	const services = 1_000
	ex := startExchange(t)
	host := connect(t, ex.addr)
	for i := range services {
		s := service.New(fmt.Sprintf("s%d", i), &service.ServiceOptions{Groups: []string{"all"}})
		s.Export("hello", func() string { return "hello" }, nil)
		if err := host.Announce(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	conn := connect(t, ex.addr)
	members, err := conn.Directory(service.WatchOptions{Glob: "s*"})
	if err != nil {
		t.Fatal(err)
	}
	testnet.WaitFor(t, "all services to be seen", func() bool { return len(members.Group("all")) == services })
	held := conn.At(members.Lookup("s7")[0].Address)
	ex.kill()
	testnet.WaitFor(t, "the directory to be empty", func() bool { return len(members.All()) == 0 })
	ex.restart(t)
	from := clock()
	testnet.WaitFor(t, "all services to be back", func() bool { return len(members.Group("all")) == services })
	ex.note("%d services back after %v", services, short(clock()-from))
	if got := len(question[[]exchange.ServiceInfo](t, conn, "services", "s*", "all")); got != services || len(members.Group("all")) != services {
		t.Errorf("%d services, %d in the directory, want %d: no duplicates, no ghosts", got, len(members.Group("all")), services)
	}
	if got, err := service.Call[string](t.Context(), conn.Endpoint("s7"), "hello"); got != "hello" || err != nil {
		t.Errorf("a call by name = %q, %v", got, err)
	}
	wantFailure(t, held.Go(t.Context(), "hello"), service.ErrNoService, service.No)
}

func TestFault_08_ExchangeSleepsLongerThanTheDead(t *testing.T) {
	atEachScale(t, func(t *testing.T, s scale) {
		ex := startExchange(t, s.args...)
		startHost(t, ex.addr)
		conn := connect(t, ex.addr)
		// One that does not give the exchange up is still there when it wakes.
		patience := &service.Options{Beat: s.dead / 7, Suspect: 10 * time.Minute, Dead: 20 * time.Minute}
		patient, err := service.Connect(t.Context(), ex.addr, patience)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { patient.Close() })
		before := patient.Address()
		pending := sleeping(t, conn)
		from := clock()
		ex.signal(syscall.SIGSTOP)
		defer ex.signal(syscall.SIGCONT)
		wantFailure(t, pending, service.ErrUnreachable, service.Maybe)
		s.wantSilence(t, clock()-from)
		rest(t.Context(), 3*s.dead)
		ex.signal(syscall.SIGCONT)
		wantCall(t, conn)
		testnet.WaitFor(t, "the dead sessions to be purged", func() bool { return len(sessions(t, conn)) == 3 })
		if got := totals(t, conn).FrozenSessions; got != 0 || patient.Address() != before {
			t.Errorf("%d sessions blamed for the exchange's own sleep; the patient one is %v, was %v", got, patient.Address(), before)
		}
	})
}

func TestFault_08_ExchangeSleepsNotSoLong(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t, "--beat", "200ms", "--suspect", "450ms", "--dead", "5s")
	startHost(t, ex.addr)
	conn := connect(t, ex.addr)
	before := conn.Address()
	ex.signal(syscall.SIGSTOP)
	rest(t.Context(), 1500*time.Millisecond)
	ex.signal(syscall.SIGCONT)
	if _, err := conn.Endpoint("echo").Call(t.Context(), "echo", 1); err != nil {
		t.Errorf("a call right after the sleep = %v, want a result", err)
	}
	if got := totals(t, conn); got.FrozenSessions != 0 || conn.Address() != before {
		t.Errorf("frozen sessions %d, session %v was %v, want no change", got.FrozenSessions, conn.Address(), before)
	}
}

func TestFault_31_LogCannotBeWritten(t *testing.T) {
	tests := []struct {
		name string
		log  func(t *testing.T) (log *os.File, spoil func())
	}{
		{"pipe without a reader", func(t *testing.T) (*os.File, func()) {
			reader, writer := pipe(t)
			return writer, func() { reader.Close() }
		}},
		{"full disk", func(t *testing.T) (*os.File, func()) {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { full.Close() })
			return full, func() {}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			testnet.LeakCheck(t)
			log, spoil := tt.log(t)
			ex := serverBy(t, "exchange", func(cmd *exec.Cmd) {
				cmd.Stderr = log
				cmd.Env = append(os.Environ(), "NETSVC_LOG=debug")
			})
			ex.watched(t)
			conn := connect(t, ex.addr)
			spoil() // from here on no record of the log can be written
			for range 20 {
				guest := connect(t, ex.addr)
				guest.Close()
			}
			if got := totals(t, conn).Connections; got < 21 {
				t.Errorf("%d connections admitted, want 21 at least", got)
			}
		})
	}
}
