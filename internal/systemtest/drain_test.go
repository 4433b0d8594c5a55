package systemtest

import (
	"context"
	"errors"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestFault_61_DrainUnderLoad: the service is told to stop while many call it. What was
// taken is answered, the others hear no_service and could try again safely.
func TestFault_61_DrainUnderLoad(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		stop := n.run(newMath())
		client := n.connect(nil)
		waitInstances(t, directory(t, client, service.WatchOptions{}), "math", 1)
		math := client.Endpoint("math")
		var l load
		l.run(8, func() {
			if l.stop.Load() {
				return
			}
			v, err := math.Call(t.Context(), "multiply", 3, 4)
			switch {
			case err == nil && v == int64(12):
			case errors.Is(err, service.ErrNoService):
				l.stop.Store(true)
			default:
				t.Errorf("multiply = %v, %v, want 12 or no_service", v, err)
				l.stop.Store(true)
			}
		})
		testnet.WaitFor(t, "some calls", func() bool { return l.calls.Load() > 500 })
		if err := stop(); err != nil {
			t.Errorf("the service ended with %v, want nil", err)
		}
		testnet.WaitFor(t, "the callers to hear of it", l.stop.Load)
		l.end()
		if s := waitIdle(t, ex); s.Failures["lost"] != 0 || s.LateResponses != 0 {
			t.Errorf("failures %v and %d late responses, want nothing lost", s.Failures, s.LateResponses)
		}
	})
}

// TestFault_61_Signals: the first drains, the second ends at once.
func TestFault_61_Signals(t *testing.T) {
	testnet.LeakCheck(t)
	n := newNetwork(t, "tcp")
	n.open()
	svc, g := newGated("gated", nil)
	svc.Export("stubborn", func() { g.entered <- "stubborn"; <-g.open }, nil)
	conn := n.background(nil)
	ended := make(chan error, 1)
	go func() { ended <- service.RunConn(context.Background(), conn, time.Hour, svc) }()
	client := n.connect(nil)
	members := directory(t, client, service.WatchOptions{})
	waitInstances(t, members, "gated", 1) // RunConn listens to signals by now
	call := start(patient(t), client.Endpoint("gated"), "stubborn")
	testnet.Receive(t, "the handler", g.entered)
	kill := func() {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	kill()
	testnet.WaitFor(t, "the withdrawal", func() bool { return len(members.Lookup("gated")) == 0 })
	select {
	case err := <-ended:
		t.Fatalf("RunConn = %v while a handler runs", err)
	case o := <-call:
		t.Fatalf("the running call ended with %v, %v", o.value, o.err)
	default:
	}
	kill()
	var second *service.SignalError
	if err := testnet.Receive(t, "the end of RunConn", ended); !errors.As(err, &second) || second.Signal != syscall.SIGTERM {
		t.Errorf("RunConn = %v, want a second SIGTERM", err)
	}
	if o := testnet.Receive(t, "the outcome", call); !errors.Is(o.err, service.ErrLost) {
		t.Errorf("the running call ended with %v, want lost", o.err)
	}
	close(g.open)
}

// TestE_04_ExchangeDrains: it still takes the calls that running handlers make, refuses
// others, says goodbye, and clients come back to the next one.
func TestE_04_ExchangeDrains(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		math := newMath("web")
		n.announce(math)
		svc, g := newGated("gated", nil)
		svc.Export("after", func(ctx context.Context, name string) (any, error) {
			if _, err := g.wait(ctx, name); err != nil {
				return nil, err
			}
			caller, _ := service.CallerFrom(ctx)
			return caller.Conn.Endpoint("math").Call(ctx, "multiply", 6, 7)
		}, nil)
		n.announce(svc)
		client := n.connect(nil)
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		web.eventually("math", http.StatusOK)
		ended := start(patient(t), client.Endpoint("gated"), "after", "x")
		testnet.Receive(t, "the handler", g.entered)
		shut := make(chan error, 1)
		go func() { shut <- ex.Shutdown(patient(t)) }()
		testnet.WaitFor(t, "new calls to be refused", func() bool {
			return errors.Is(failing(client.Endpoint("math"), "multiply", 1, 1), service.ErrDraining)
		})
		want{service.ErrDraining, 65, service.No, service.Address{}}.check(t, failing(client.Endpoint("math"), "multiply", 1, 1))
		if a := web.call(mathPath, "multiply", 3, 4); a.fault == nil && a.status != http.StatusServiceUnavailable {
			t.Errorf("over HTTP the answer is %+v, want a fault or 503", a)
		}
		close(g.open)
		wantValue(t, testnet.Receive(t, "the outcome", ended), int64(42))
		if err := testnet.Receive(t, "the end of the exchange", shut); err != nil {
			t.Errorf("Shutdown = %v, want nil", err)
		}
		n.open()
		if err := client.Ready(patient(t)); err != nil {
			t.Fatal(err)
		}
		testnet.WaitFor(t, "math to be back", func() bool { return !math.Address().IsZero() })
		if v := call(t, client.Endpoint("math"), "multiply", 2, 3); v != int64(6) {
			t.Errorf("multiply = %v, want 6", v)
		}
		web.eventually("math over HTTP", http.StatusOK)
	})
}
