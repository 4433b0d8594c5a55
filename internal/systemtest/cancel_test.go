package systemtest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// waitIdle waits until the exchange has no call open, and returns its counters.
func waitIdle(t *testing.T, ex *exchange.Exchange) exchange.Totals {
	t.Helper()
	testnet.WaitFor(t, "all calls to be over", func() bool { return ex.Stats().OpenCalls == 0 })
	return ex.Stats()
}

// TestFault_01_ServiceDies is what its callers and those who watch it see.
func TestFault_01_ServiceDies(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		svc, g := newGated("gated", &service.ServiceOptions{Groups: []string{"a", "b"}})
		dying := newDoomed(t, n)
		n.announceBy(dying.conn, svc)
		address := svc.Address()
		client := n.connect(nil)
		w := watch(t, client, service.WatchOptions{Glob: "gated"})
		w.wants("available gated", "joined gated of a", "joined gated of b", "synced")
		gated := client.Endpoint("gated")
		ended := []<-chan outcome{start(patient(t), gated, "wait", "1"), start(patient(t), gated, "wait", "2"), start(patient(t), client.At(address), "wait", "3")}
		for range ended {
			testnet.Receive(t, "the handlers", g.entered)
		}
		dying.kill()
		for _, e := range ended {
			want{service.ErrLost, 60, service.Maybe, address}.check(t, testnet.Receive(t, "the outcome", e).err)
		}
		want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(gated, "wait", "4"))
		w.wants("left gated of a (lost)", "left gated of b (lost)", "withdrawn gated (lost)")
		n.announce(newMath())
		other := watch(t, client, service.WatchOptions{})
		if got := strings.Join(other.untilSynced(), ", "); got != "available _exchange, available math" {
			t.Errorf("the registry has %s, want the exchange and math alone", got)
		}
		if s := waitIdle(t, ex); s.Failures["lost"] != 3 {
			t.Errorf("the exchange counts failures %v, want 3 lost", s.Failures)
		}
	})
}

// TestFault_03_NobodyHasTheName and then somebody has.
func TestFault_03_NobodyHasTheName(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		client := n.connect(nil)
		math := client.Endpoint("math")
		want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(math, "multiply", 1, 2))
		n.announce(newMath())
		if v := call(t, math, "multiply", 3, 4); v != int64(12) {
			t.Errorf("multiply = %v, want 12", v)
		}
	})
}

// TestFault_39_CallerVanishes in two calls, one of them nested.
func TestFault_39_CallerVanishes(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		svc, g := newGated("gated", nil)
		n.announce(svc)
		front := service.New("front", nil)
		front.Export("pass", func(ctx context.Context) (any, error) {
			caller, _ := service.CallerFrom(ctx)
			return caller.Conn.Endpoint("gated").Call(ctx, "wait", "nested")
		}, nil)
		n.announce(front)
		dying := newDoomed(t, n)
		direct := start(patient(t), dying.conn.Endpoint("gated"), "wait", "direct")
		nested := start(patient(t), dying.conn.Endpoint("front"), "pass")
		testnet.Receive(t, "the handler", g.entered)
		testnet.Receive(t, "the handler", g.entered)
		dying.kill()
		for range 2 {
			if err := testnet.Receive(t, "the end of a handler's context", g.ended); err != context.Canceled {
				t.Errorf("a handler's context ended with %v, want canceled", err)
			}
		}
		for _, e := range []<-chan outcome{direct, nested} {
			want{service.ErrUnreachable, 61, service.Maybe, service.Address{}}.check(t, testnet.Receive(t, "the outcome", e).err)
		}
		// front and gated answer the vanished caller; gated's answer to front may come
		// before or after front has given it up.
		if s := waitIdle(t, ex); s.LateResponses < 2 || s.LateResponses > 3 {
			t.Errorf("%d late responses, want 2 or 3", s.LateResponses)
		}
	})
}

// TestFault_40_CancelledThenAnswered has one outcome only.
func TestFault_40_CancelledThenAnswered(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		cancelled, answer := make(chan error, 1), make(chan struct{})
		svc := service.New("stubborn", nil)
		entered := make(chan struct{}, 1)
		svc.Export("hang", func(ctx context.Context) string {
			entered <- struct{}{}
			<-ctx.Done()
			cancelled <- ctx.Err()
			<-answer
			return "late"
		}, nil)
		svc.Export("next", func() string { return "next" }, nil)
		n.announce(svc)
		client := n.connect(nil)
		for range 5 {
			ctx, cancel := context.WithCancel(patient(t))
			ended := start(ctx, client.Endpoint("stubborn"), "hang")
			testnet.Receive(t, "the handler", entered)
			cancel()
			want{service.ErrCanceled, 48, service.Maybe, service.Address{}}.check(t, testnet.Receive(t, "the outcome", ended).err)
			if err := testnet.Receive(t, "the cancel", cancelled); err != context.Canceled { // OSE's B14
				t.Errorf("the handler's context ended with %v, want canceled", err)
			}
			answer <- struct{}{}
			if v := call(t, client.Endpoint("stubborn"), "next"); v != "next" {
				t.Errorf("the next call is answered %v", v)
			}
		}
		if s := waitIdle(t, ex); s.LateResponses != 5 {
			t.Errorf("%d late responses, want 5", s.LateResponses)
		}
		testnet.WaitFor(t, "the slots to be free", func() bool { return client.Stats().Pending == 0 })
		if lost := client.Stats().Lost; lost != 0 {
			t.Errorf("%d links were lost, want none", lost)
		}
	})
}

// TestFault_33_CallCycle ends by itself, long before the deadline.
func TestFault_33_CallCycle(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		inner := make(chan error, 1)
		depths := make(chan int, 100)
		for name, next := range map[string]string{"a": "b", "b": "a"} {
			svc := service.New(name, nil)
			svc.Export("go", func(ctx context.Context) error {
				caller, _ := service.CallerFrom(ctx)
				depths <- caller.Depth
				_, err := caller.Conn.Endpoint(next).Call(ctx, "go")
				select {
				case inner <- err: // the innermost comes first
				default:
				}
				return err
			}, nil)
			n.announce(svc)
		}
		client := n.connect(nil)
		err := failing(client.Endpoint("a"), "go")
		f := want{service.ErrAborted, 58, service.No, service.Address{}}.check(t, <-inner)
		if !strings.Contains(f.Description, "call loop") {
			t.Errorf("the innermost call failed with %q, want a call loop", f.Description)
		}
		if len(depths) != 33 {
			t.Errorf("%d handlers ran, want 33: depths 0 to 32", len(depths))
		}
		for want := range 33 {
			if got := <-depths; got != want {
				t.Fatalf("handler %d ran at depth %d", want, got)
			}
		}
		var outer *service.Failure
		if !errors.As(err, &outer) || outer.Delivered != service.Yes || !strings.Contains(outer.Description+outer.Details, "aborted") {
			t.Errorf("the outermost call failed with %+v, want one that was delivered and tells of the loop", outer)
		}
		waitIdle(t, ex)
	})
}
