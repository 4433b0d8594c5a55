//go:build linux

package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// supervised is a netsvc gateway on a socket that the test keeps open, as systemd would.
type supervised struct {
	*process
	addr   string
	socket *os.File
	args   []string
}

func superviseGateway(t testing.TB, exchange string, args ...string) *supervised {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	g := &supervised{addr: l.Addr().String(), socket: socket, args: append([]string{"gateway", "-x", exchange}, args...)}
	g.restart(t)
	return g
}

// restart begins the next life, and waits until it listens.
func (g *supervised) restart(t testing.TB) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "addr")
	const handOver = `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`
	cmd := exec.Command("sh", append([]string{"-c", handOver, netsvc, g.args[0], "--address-file", file}, g.args[1:]...)...)
	cmd.ExtraFiles = []*os.File{g.socket}
	g.process = start(t, cmd)
	testnet.WaitFor(t, "a gateway that listens", func() bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.TrimSpace(string(text)) == g.addr
	})
}

// httpAnswer is what a client of the gateway gets.
type httpAnswer struct {
	status int
	header http.Header
	value  any
	err    error // the fault, or why there is no answer
	reused bool  // the connection had carried a call before
}

// told is what the header says of a failure.
func (a httpAnswer) told() string {
	return strings.TrimSpace(a.header.Get("Netsvc-Code") + " " + a.header.Get("Netsvc-Delivered"))
}

func (a httpAnswer) String() string {
	return fmt.Sprintf("status %d, %q, value %v, error %v", a.status, a.told(), a.value, a.err)
}

// post calls a method at the URL /RPC2.
func post(ctx context.Context, client *http.Client, addr, method string, params ...any) httpAnswer {
	document, err := xmlrpc.AppendCall(nil, method, params, nil)
	if err != nil {
		return httpAnswer{err: err}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/RPC2", strings.NewReader(string(document)))
	if err != nil {
		return httpAnswer{err: err}
	}
	request.Header.Set("Content-Type", "text/xml")
	var a httpAnswer
	trace := &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { a.reused = c.Reused }}
	response, err := client.Do(request.WithContext(httptrace.WithClientTrace(ctx, trace)))
	if err != nil {
		a.err = err
		return a
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	a.status, a.header, a.err = response.StatusCode, response.Header, err
	if err == nil && a.status == http.StatusOK {
		a.value, a.err = xmlrpc.DecodeResponse(body, response.Header.Get("Content-Type"), nil)
	}
	return a
}

// visitors are clients that keep on calling.
type visitors struct {
	wg     sync.WaitGroup
	stop   context.CancelFunc
	ctx    context.Context
	mu     sync.Mutex
	calls  int
	again  int // calls that were refused before they were sent
	reset  int // new connections that came at the moment when a queue was closed
	failed []string
}

func newVisitors() *visitors {
	v := new(visitors)
	v.ctx, v.stop = context.WithCancel(context.Background())
	return v
}

// come begins n clients that rest between calls. Each keeps its connection, or has a new one for
// each call.
func (v *visitors) come(addr string, n int, keep bool, pause time.Duration, method string, params ...any) {
	for range n {
		v.wg.Go(func() { // ends by end
			transport := &http.Transport{DisableKeepAlives: !keep}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			for v.ctx.Err() == nil {
				a := post(context.Background(), client, addr, method, params...)
				v.note(a)
				if a.err != nil {
					rest(v.ctx, 5*time.Millisecond)
				}
				rest(v.ctx, pause)
			}
		})
	}
}

// note counts an answer. A connection that was refused is no call: nothing was sent.
func (v *visitors) note(a httpAnswer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls++
	switch {
	case errors.Is(a.err, syscall.ECONNREFUSED):
		v.again++
	case errors.Is(a.err, syscall.ECONNRESET) && !a.reused:
		v.reset++
	case a.err != nil || a.status != http.StatusOK:
		v.failed = append(v.failed, a.String())
	}
}

func (v *visitors) made() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls
}

// end stops all clients, and wants none of their calls to have failed.
func (v *visitors) end(t testing.TB) {
	t.Helper()
	v.stop()
	v.wg.Wait()
	if len(v.failed) > 0 || v.calls == v.again {
		t.Errorf("of %d calls %d failed: %s", v.calls, len(v.failed), lastBytes(strings.Join(v.failed, "\n"), 2000))
	}
	t.Logf("%d calls, %d refused before they were sent, %d reset, %d failed", v.calls, v.again, v.reset, len(v.failed))
}

// crowdAt are clients of all kinds: hurried, with a new connection each time, and thoughtful.
func crowdAt(addr string) *visitors {
	v := newVisitors()
	v.come(addr, 6, true, 0, "echo.echo", 1)
	v.come(addr, 4, false, 0, "echo.echo", 2)
	v.come(addr, 4, true, 10*time.Millisecond, "echo.sleep", 0.02)
	v.come(addr, 2, true, 300*time.Millisecond, "echo.echo", 3)
	return v
}

// more waits until the clients have made some more calls.
func (v *visitors) more(t testing.TB) {
	t.Helper()
	before := v.made()
	testnet.WaitFor(t, "some calls", func() bool { return v.made() > before+200 })
}

// TestFault_61_GatewayIsRestartedUnderLoad: on a socket that a supervisor keeps no call fails
// and no connection is refused, whether the next gateway begins after the end of the one before
// or meanwhile.
func TestFault_61_GatewayIsRestartedUnderLoad(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	g := superviseGateway(t, ex.addr)
	v := crowdAt(g.addr)
	for i := range 6 {
		v.more(t)
		old := g.process
		if i%2 == 0 {
			old.end(t, syscall.SIGTERM)
			g.restart(t)
		} else {
			g.restart(t)
			old.end(t, syscall.SIGINT)
		}
	}
	v.more(t)
	v.end(t)
	if v.again+v.reset > 0 {
		t.Errorf("%d connections were refused and %d reset, want none", v.again, v.reset)
	}
}

// TestFault_61_GatewayLeavesItsPortUnderLoad: without a supervisor there is a time when nobody
// listens. Connections are refused then, which says that nothing was sent. One that comes in the
// very moment when the queue is closed is reset. No call fails in any other way, and none on a
// connection that was kept.
func TestFault_61_GatewayLeavesItsPortUnderLoad(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	g := startGateway(t, ex.addr)
	v := crowdAt(g.addr)
	const restarts = 5
	for range restarts {
		v.more(t)
		g.end(t, syscall.SIGTERM)
		g.restart(t)
	}
	v.more(t)
	v.end(t)
	if v.reset > restarts {
		t.Errorf("%d new connections were reset in %d restarts, want hardly any", v.reset, restarts)
	}
}
