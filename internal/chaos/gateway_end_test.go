//go:build linux

package chaos_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// visitor makes a client with connections of its own.
func visitor(t testing.TB) *http.Client {
	t.Helper()
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// halfAPost sends a request up to the middle of its body.
func halfAPost(t testing.TB, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST /RPC2 HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000\r\n\r\n<methodCall>", addr)
	return conn
}

// TestFault_61_GatewayAnswersBeforeItEnds: at the end of the grace time nobody is cut off
// without an answer. A call that may have run is a fault, one that was not made is 503; an idle
// connection is just closed.
func TestFault_61_GatewayAnswersBeforeItEnds(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	g := startGateway(t, ex.addr, "--grace", "1s")
	probe := connect(t, ex.addr)
	idle, busy := visitor(t), visitor(t)
	if a := post(t.Context(), idle, g.addr, "echo.echo", 1); a.err != nil {
		t.Fatalf("the first call: %v", a)
	}
	half := halfAPost(t, g.addr)
	ended := make(chan httpAnswer, 1)
	go func() { ended <- post(context.Background(), busy, g.addr, "echo.sleep", longCall) }()
	testnet.WaitFor(t, "the call to be delivered", func() bool { return inFlight(t, probe, "echo") > 0 })
	began := clock()
	g.end(t, syscall.SIGTERM)
	if took := clock() - began; took > 10*time.Second {
		t.Errorf("with a grace of 1 s it ended after %v", took)
	}
	a := testnet.Receive(t, "the answer of the open call", ended)
	fault, ok := a.err.(*xmlrpc.Fault)
	if !ok || fault.Code != xmlrpc.CodeTimeout || !strings.Contains(fault.String, "ending") || a.told() != "canceled maybe" {
		t.Errorf("the open call: %v, want a fault %d and that it may have run", a, xmlrpc.CodeTimeout)
	}
	half.SetReadDeadline(time.Now().Add(prompt))
	response, err := http.ReadResponse(bufio.NewReader(half), nil)
	if err != nil {
		t.Fatalf("half a request: %v, want an answer", err)
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Netsvc-Delivered") != "no" {
		t.Errorf("half a request: status %d, %v, want 503 and that nothing was called", response.StatusCode, response.Header)
	}
	testnet.WaitFor(t, "the handler to end", func() bool { return inFlight(t, probe, "echo") == 0 })
}

// TestFault_55_HangUpOfAProcess: a client that goes ends the handler, through two processes.
func TestFault_55_HangUpOfAProcess(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	g := startGateway(t, ex.addr)
	probe := connect(t, ex.addr)
	ctx, hangUp := context.WithCancel(t.Context())
	ended := make(chan httpAnswer, 1)
	client := visitor(t)
	go func() { ended <- post(ctx, client, g.addr, "echo.sleep", longCall) }()
	testnet.WaitFor(t, "the call to be delivered", func() bool { return inFlight(t, probe, "echo") > 0 })
	before := totals(t, probe).LateResponses
	began := clock()
	hangUp()
	testnet.Receive(t, "the client", ended)
	testnet.WaitFor(t, "the handler to end", func() bool {
		return inFlight(t, probe, "echo") == 0 && totals(t, probe).LateResponses == before+1
	})
	if took := clock() - began; took > prompt {
		t.Errorf("the handler ended %v after the hang-up", took)
	}
	g.end(t, syscall.SIGTERM)
}

// TestGatewayDeadlineOfAProcess is that of --timeout.
func TestGatewayDeadlineOfAProcess(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	g := startGateway(t, ex.addr, "--timeout", "200ms")
	a := post(t.Context(), visitor(t), g.addr, "echo.sleep", longCall)
	if fault, ok := a.err.(*xmlrpc.Fault); !ok || fault.Code != xmlrpc.CodeTimeout || a.told() != "timeout maybe" {
		t.Errorf("the call: %v, want a fault %d", a, xmlrpc.CodeTimeout)
	}
	g.end(t, syscall.SIGTERM)
}

// TestFault_61_ReplicaDrainsBehindAGateway: two replicas are restarted in turn, and no client
// of HTTP is told of it.
func TestFault_61_ReplicaDrainsBehindAGateway(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	replicas := []*process{startHost(t, ex.addr), startHost(t, ex.addr)}
	groups, byName := startGateway(t, ex.addr), startGateway(t, ex.addr, "--service", "echo")
	ofGroup, ofName := crowdAt(groups.addr), crowdAt(byName.addr)
	for i := range 6 {
		ofGroup.more(t)
		ofName.more(t)
		replicas[i%2].end(t, syscall.SIGTERM)
		replicas[i%2] = startHost(t, ex.addr)
	}
	ofGroup.end(t)
	ofName.end(t)
	groups.end(t, syscall.SIGTERM)
	byName.end(t, syscall.SIGTERM)
}

// TestFault_07_ExchangeIsRestartedBehindAGateway: a call that meets the end of the exchange is a
// fault; after that all that clients of HTTP are told is to come back, until all is as it was.
func TestFault_07_ExchangeIsRestartedBehindAGateway(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	g := startGateway(t, ex.addr)
	client := visitor(t)
	if a := post(t.Context(), client, g.addr, "echo.echo", 1); a.err != nil {
		t.Fatalf("the first call: %v", a)
	}
	for range 3 {
		ex.kill()
		restarted := make(chan struct{})
		go func() {
			defer close(restarted)
			rest(t.Context(), 200*time.Millisecond)
			ex.restart(t)
		}()
		away := 0
		testnet.WaitFor(t, "the service to be back", func() bool {
			began := clock()
			a := post(t.Context(), client, g.addr, "echo.echo", 1)
			switch took := clock() - began; {
			case a.status == http.StatusServiceUnavailable:
				away++
				if a.header.Get("Retry-After") == "" || a.told() != "unreachable no" {
					t.Errorf("503 says %v, want when to come back and that nothing was called", a.header)
				}
				if took > time.Second {
					t.Errorf("503 came after %v, want at once", took)
				}
			case a.told() == "unreachable maybe" && away == 0: // it met the end of the exchange
			case a.err != nil || a.status != http.StatusOK:
				t.Errorf("while the exchange is restarted: %v", a)
			}
			return a.status == http.StatusOK && a.err == nil
		})
		testnet.Receive(t, "the restart", restarted)
		if away == 0 {
			t.Error("nobody was told that the exchange is away")
		}
	}
	g.end(t, syscall.SIGTERM)
}

// TestFault_61_ExchangeDrainsBehindAGateway: what is open is answered, and all others are told to
// come back.
func TestFault_61_ExchangeDrainsBehindAGateway(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	g := startGateway(t, ex.addr)
	probe := connect(t, ex.addr)
	open, client := visitor(t), visitor(t)
	ended := make(chan httpAnswer, 1)
	go func() { ended <- post(context.Background(), open, g.addr, "echo.sleep", 1.0) }()
	testnet.WaitFor(t, "the call to be delivered", func() bool { return inFlight(t, probe, "echo") > 0 })
	ex.signal(syscall.SIGTERM)
	told := map[string]int{}
	testnet.WaitFor(t, "the end of the exchange", func() bool {
		a := post(t.Context(), client, g.addr, "echo.echo", 1)
		told[fmt.Sprint(a.status, " ", a.told())]++
		return !ex.alive()
	})
	if a := testnet.Receive(t, "the open call", ended); a.err != nil || a.status != http.StatusOK {
		t.Errorf("the open call: %v, want its result", a)
	}
	for answer := range told {
		if answer != "200 " && answer != "503 draining no" && answer != "503 unreachable no" {
			t.Errorf("while the exchange drains: %q %d times", answer, told[answer])
		}
	}
	if told["503 draining no"] == 0 {
		t.Errorf("while the exchange drains: %v, want to be told so", told)
	}
	g.end(t, syscall.SIGTERM)
}

// TestFrozenReplicaBehindAGateway: of two replicas one is stopped. From the time it is suspect
// the other one is chosen, for a group and for a name, and no call waits or fails.
func TestFrozenReplicaBehindAGateway(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t, "--beat", "200ms", "--suspect", "450ms", "--dead", "60s")
	frozen := startHost(t, ex.addr)
	startHost(t, ex.addr)
	groups, byName := startGateway(t, ex.addr), startGateway(t, ex.addr, "--service", "echo")
	frozen.signal(syscall.SIGSTOP)
	probe := connect(t, ex.addr)
	copied, err := probe.Directory(service.WatchOptions{Glob: "echo"})
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	testnet.WaitFor(t, "the stopped one to be suspect", func() bool {
		return slices.ContainsFunc(copied.Lookup("echo"), func(i service.Info) bool { return i.State == service.Suspect })
	})
	for what, g := range map[string]*server{"group": groups, "name": byName} {
		client := visitor(t)
		for i := range 100 {
			began := clock()
			if a := post(t.Context(), client, g.addr, "echo.echo", i); a.err != nil || clock()-began > prompt {
				t.Fatalf("call %d by %s: %v after %v, want an answer at once", i, what, a, clock()-began)
			}
		}
		g.end(t, syscall.SIGTERM)
	}
	frozen.kill()
}
