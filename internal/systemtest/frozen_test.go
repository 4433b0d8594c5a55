package systemtest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// asExchange in the environment makes this program an exchange in a process of its own.
const asExchange = "NETSVC_SYSTEMTEST_EXCHANGE"

func TestMain(m *testing.M) {
	if os.Getenv(asExchange) != "" {
		if err := beExchange(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A tenth of the times of the contract, since a frozen process can only be had in real time.
const (
	tenthBeat    = 200 * time.Millisecond
	tenthSuspect = 450 * time.Millisecond
	tenthDead    = 1450 * time.Millisecond
)

// beExchange serves until in ends.
func beExchange(in io.Reader, out io.Writer) error {
	ex, err := exchange.New(&exchange.Options{Beat: tenthBeat, Suspect: tenthSuspect, Dead: tenthDead})
	if err != nil {
		return err
	}
	defer ex.Close()
	addr, err := ex.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, addr)
	_, err = io.Copy(io.Discard, in)
	return err
}

// exchangeProcess starts an exchange and returns its process and address.
func exchangeProcess(t *testing.T) (*os.Process, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), asExchange+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd.Process, strings.TrimSpace(addr)
}

// TestFault_08_FrozenExchangeBlamesNobody stops the process of an exchange for longer than
// dead. Who has given it up by then ends its calls and comes back; who has not is still
// there, for the exchange knows that it slept itself.
func TestFault_08_FrozenExchangeBlamesNobody(t *testing.T) {
	testnet.LeakCheck(t)
	process, addr := exchangeProcess(t)
	connect := func(o service.Options) *service.Conn {
		o.RetryMin, o.RetryMax = time.Millisecond, 20*time.Millisecond
		conn, err := service.Connect(patient(t), addr, &o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	svc, g := newGated("gated", nil)
	math := newMath()
	n := &network{t: t, kind: "tcp", addr: addr}
	loyal := connect(service.Options{Suspect: time.Hour, Dead: 2 * time.Hour}) // never gives up
	n.announceBy(loyal, svc, math)
	address := math.Address()
	client := connect(service.Options{})
	ended := start(t.Context(), client.Endpoint("gated"), "wait", "x")
	testnet.Receive(t, "the handler", g.entered)

	if err := process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	o := testnet.Receive(t, "the outcome", ended)
	want{service.ErrUnreachable, 61, service.Maybe, service.Address{}}.check(t, o.err)
	// The silence is counted from the last byte before the stop, and the call from a moment later.
	if o.after < tenthDead*3/4 {
		t.Errorf("the exchange was given up after %v, want about %v", o.after, tenthDead)
	}
	want{service.ErrUnreachable, 61, service.No, service.Address{}}.check(t, failing(client.Endpoint("math"), "multiply", 1, 1))
	if err := process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := client.Ready(patient(t)); err != nil {
		t.Fatal(err)
	}
	testnet.Receive(t, "the end of the handler's context", g.ended)
	if v := call(t, client.Endpoint("math"), "multiply", 2, 3); v != int64(6) {
		t.Errorf("multiply = %v, want 6", v)
	}
	if math.Address() != address || loyal.Stats().Lost != 0 {
		t.Errorf("math moved from %v to %v, want it to stay: the exchange blamed it for its own sleep", address, math.Address())
	}
	stats := call(t, client.Endpoint("_exchange"), "stats").(map[string]any)
	if stats["sessions"] != int64(2) || stats["open_calls"] != int64(1) { // the call of stats is open
		t.Errorf("the exchange has %v sessions and %v open calls, want 2 and 1", stats["sessions"], stats["open_calls"])
	}
}
