package systemtest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestGateway_SyncedAfterReconnecting: when the link is back the copy of the registry is
// not believed before the present state is there. A service that was announced before the
// gateway came back is never said not to exist.
func TestGateway_SyncedAfterReconnecting(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		math := newMath("web")
		n.announce(math)
		var away atomic.Bool
		conn := n.connect(&service.Options{
			RetryFixed: time.Millisecond,
			Dial: func(ctx context.Context) (net.Conn, error) {
				if away.Load() {
					return nil, errAway
				}
				return n.dialAny(ctx)
			},
		})
		copied := directory(t, conn, service.WatchOptions{Group: "web"})
		web := newWebsite(t, conn, xmlrpc.Selection{Groups: []string{"web"}}, nil)
		if a := web.call(mathPath, "multiply", 3, 4); a.value != int64(12) {
			t.Errorf("the first answer is %+v, want 12", a)
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		for i := range 30 {
			away.Store(true)
			n.close()
			testnet.WaitFor(t, "the link to be lost", func() bool { return !conn.Connected() && math.Address().IsZero() })
			testnet.WaitFor(t, "Synced to wait while the link is down", func() bool {
				return errors.Is(copied.Synced(over), context.Canceled)
			})
			if a := web.call(mathPath, "multiply", 3, 4); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
				t.Fatalf("round %d: the answer is %+v while the link is down, want 503 with Retry-After", i, a)
			}
			n.open()
			testnet.WaitFor(t, "math to be back", func() bool { return !math.Address().IsZero() })
			away.Store(false)
			if err := conn.Ready(patient(t)); err != nil {
				t.Fatal(err)
			}
			if a := web.call(mathPath, "multiply", 3, 4); a.value != int64(12) {
				t.Fatalf("round %d: the first answer is %+v, want 12", i, a)
			}
			if err := copied.Synced(patient(t)); err != nil || len(copied.Lookup("math")) != 1 {
				t.Fatalf("round %d: Synced = %v, and the copy has %v, want math", i, err, copied.All())
			}
		}
	})
}

// TestGateway_Faults are the failures of calls as fault codes, over the real exchange.
func TestGateway_Faults(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc := newFailing()
		svc.Join("web")
		svc.Export("busy", func() error { return &service.Failure{Code: 62, Description: "a nested one"} }, nil)
		svc.Export("reserved", func() error { return service.Fail(-32601, "not ours to give") }, nil)
		n.announce(svc)
		n.announce(service.New("outside", nil))
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		ose := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, &xmlrpc.GatewayOptions{OSEFaultCodes: true})
		for _, tt := range []struct {
			name, path, method string
			params             []int
			code, ose          int
			says               string
		}{
			{"no method", "/xmlrpc/service/failing", "ad", nil, -32601, 55, "did you mean add?"},
			{"too few", "/xmlrpc/service/failing", "add", []int{1}, -32602, 56, "expected 2 arguments, got 1"},
			{"plain", "/xmlrpc/service/failing", "plain", nil, -32500, 57, "no luck"},
			{"a panic", "/xmlrpc/service/failing", "panic", nil, -32500, 57, "boom"},
			{"its own number", "/xmlrpc/service/failing", "own", nil, -7, -7, "arithmetic -- by zero\n\nx/0\nline two"},
			{"a number of the reserved range", "/xmlrpc/service/failing", "reserved", nil, -32500, -32601, "failing -- not ours to give"},
			{"too large", "/RPC2", "failing.large", nil, -32500, 64, "4194304"},
			{"no such service", "/RPC2", "nobody.add", []int{1, 2}, -32601, 46, "nobody"},
			{"a service outside", "/RPC2", "outside.add", []int{1, 2}, -32601, 46, "outside"},
			{"the exchange itself", "/RPC2", "_exchange.sessions", nil, -32601, 46, "_exchange"},
			{"a nested failure", "/RPC2", "failing.busy", nil, -32500, 57, "busy"},
			{"its internals", "/RPC2", "failing.system.stats", nil, -32601, 55, "no such method"},
		} {
			for site, code := range map[*website]int{web: tt.code, ose: tt.ose} {
				a := site.call(tt.path, tt.method, tt.params...)
				if a.status != http.StatusOK || a.fault == nil || a.fault.Code != code || !strings.Contains(a.fault.String, tt.says) {
					t.Errorf("%s: the answer is %d, %+v, %+v, want fault %d with %q", tt.name, a.status, a.value, a.fault, code, tt.says)
				}
				if a.fault != nil && strings.Contains(a.fault.String, ".go:") {
					t.Errorf("%s: the fault shows a stack: %s", tt.name, a.fault.String)
				}
			}
		}
		for _, path := range []string{"/xmlrpc/service/outside", "/xmlrpc/service/_exchange", "/xmlrpc/service/../service/outside", "/xmlrpc/service/%6futside", "/xmlrpc/service/failing@999"} {
			if a := web.call(path, "add", 1, 2); a.status != http.StatusNotFound {
				t.Errorf("%s: the status is %d, want 404", path, a.status)
			}
		}
		if a := web.call("/xmlrpc/service/"+svc.Address().String(), "add", 1, 2); a.value != int64(3) {
			t.Errorf("by address: the answer is %+v, want 3", a)
		}
	})
}

// TestGateway_Introspection comes from what the services export at this moment.
func TestGateway_Introspection(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		math := newMath("web")
		n.announce(math)
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{All: true}, nil)
		list := func() []any {
			v, _ := web.call("/RPC2", "system.listMethods").value.([]any)
			return slices.DeleteFunc(v, func(name any) bool { return strings.HasPrefix(name.(string), "system.") })
		}
		if got := list(); !slices.Equal(got, []any{"math.multiply"}) {
			t.Errorf("listMethods = %v, want math.multiply", got)
		}
		math.Export("add", func(x, y int64) int64 { return x + y }, nil)
		testnet.WaitFor(t, "the new method", func() bool { return slices.Equal(list(), []any{"math.add", "math.multiply"}) })
		other := service.New("zoo", nil)
		other.Export("feed", func(string) {}, nil)
		conn := n.announce(other)
		testnet.WaitFor(t, "the new service", func() bool { return slices.Equal(list(), []any{"math.add", "math.multiply", "zoo.feed"}) })
		conn.Close()
		testnet.WaitFor(t, "the service to be gone", func() bool { return slices.Equal(list(), []any{"math.add", "math.multiply"}) })
	})
}

// TestGateway_DeadlineEndsTheHandler, too.
func TestGateway_DeadlineEndsTheHandler(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		svc, g := newGated("gated", &service.ServiceOptions{Groups: []string{"web"}})
		svc.Export("hang", func(ctx context.Context) (string, error) { return g.wait(ctx, "x") }, nil)
		n.announce(svc)
		const deadline = 50 * time.Millisecond
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, &xmlrpc.GatewayOptions{Timeout: deadline})
		began := time.Now()
		a := web.call("/xmlrpc/service/gated", "hang")
		if took := time.Since(began); took < deadline {
			t.Errorf("the answer came after %v, before the deadline", took)
		}
		if a.fault == nil || a.fault.Code != xmlrpc.CodeTimeout {
			t.Errorf("the answer is %+v, want a fault %d", a, xmlrpc.CodeTimeout)
		}
		if err := testnet.Receive(t, "the end of the handler's context", g.ended); err != context.DeadlineExceeded {
			t.Errorf("the handler's context ended with %v, want %v", err, context.DeadlineExceeded)
		}
		waitIdle(t, ex)
	})
}

// TestGateway_ServiceDiesInACall: the client of HTTP gets a fault at once.
func TestGateway_ServiceDiesInACall(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc, g := newGated("gated", &service.ServiceOptions{Groups: []string{"web"}})
		svc.Export("hang", func(ctx context.Context) (string, error) { return g.wait(ctx, "x") }, nil)
		dying := newDoomed(t, n)
		n.announceBy(dying.conn, svc)
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		ended := make(chan answer, 2)
		hang := func() { ended <- web.call("/xmlrpc/service/gated", "hang") }
		go hang()
		testnet.Receive(t, "the handler", g.entered)
		address := svc.Address().String()
		dying.kill()
		a := testnet.Receive(t, "the answer", ended)
		if got, want := a.told(), "lost 60 maybe "+address; got != want {
			t.Errorf("the header tells %q, want %q", got, want)
		}
		if a.fault == nil || a.fault.Code != xmlrpc.CodeGone {
			t.Errorf("the answer is %+v, want a fault %d", a, xmlrpc.CodeGone)
		}
		again, h := newGated("gated", &service.ServiceOptions{Groups: []string{"web"}})
		again.Export("hang", func(ctx context.Context) (string, error) { return h.wait(ctx, "x") }, nil)
		n.announce(again)
		testnet.WaitFor(t, "the gateway to know the new one", func() bool {
			has, err := web.members.Has(t.Context(), again.Address().String())
			return has && err == nil
		})
		go hang()
		testnet.Receive(t, "the handler", h.entered)
		n.close()
		if a := testnet.Receive(t, "the answer", ended); a.fault == nil || a.fault.Code != xmlrpc.CodeTransport {
			t.Errorf("the answer is %+v, want a fault %d: the exchange was lost in the call", a, xmlrpc.CodeTransport)
		}
	})
}
