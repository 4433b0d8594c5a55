//go:build linux

package chaos_test

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestFault_03_NobodyHasTheNameOnARealExchange(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	conn := connect(t, ex.addr)
	from := clock()
	wantFailure(t, conn.Endpoint("nobody").Go(t.Context(), "any"), service.ErrNoService, service.No)
	ex.note("told after %v", short(clock()-from))
	if took := clock() - from; took > prompt {
		t.Errorf("told after %v, want one round trip", took)
	}
}

// hanging announces a service whose only handler does not heed the end of its context.
func hanging(t *testing.T, conn *service.Conn) (entered <-chan struct{}, cancelled <-chan error, release func()) {
	t.Helper()
	begun, ended, open := make(chan struct{}, 1), make(chan error, 1), make(chan struct{})
	s := service.New("hung", &service.ServiceOptions{Serial: true})
	s.Export("hang", func(ctx context.Context) string {
		begun <- struct{}{}
		<-ctx.Done()
		ended <- ctx.Err()
		<-open
		return "late"
	}, nil)
	if err := conn.Announce(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return begun, ended, func() { close(open) }
}

func TestFault_10_40_HandlerHangs(t *testing.T) {
	tests := []struct {
		name    string
		timeout time.Duration
		cancel  bool
		want    error
		ctx     error
	}{
		{"past its deadline", 300 * time.Millisecond, false, service.ErrTimeout, context.DeadlineExceeded},
		{"after its caller gave up", time.Minute, true, service.ErrCanceled, context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			testnet.LeakCheck(t)
			ex := startExchange(t)
			conn := connect(t, ex.addr)
			entered, cancelled, release := hanging(t, connect(t, ex.addr))
			pending := conn.Endpoint("hung").With(service.CallOptions{Timeout: tt.timeout}).Go(t.Context(), "hang")
			testnet.Receive(t, "the handler", entered) // before that a cancel takes the request from the queue
			if tt.cancel {
				pending.Cancel()
			}
			wantFailure(t, pending, tt.want, service.Maybe)
			if err := testnet.Receive(t, "the end of the handler's context", cancelled); err != tt.ctx {
				t.Errorf("the handler's context ended with %v, want %v", err, tt.ctx)
			}
			if _, err := conn.Endpoint("hung").Call(t.Context(), "system.ping"); err != nil {
				t.Errorf("system.ping = %v, want an answer beside the hung handler", err)
			}
			if n := inFlight(t, conn, "hung"); n != 1 {
				t.Errorf("%d calls in flight, want the hung one to keep its slot", n)
			}
			release()
			testnet.WaitFor(t, "the slot to be free", func() bool { return inFlight(t, conn, "hung") == 0 })
			if _, again := pending.Result(); totals(t, conn).LateResponses != 1 || again == nil {
				t.Errorf("%d late responses, and the outcome is now %v; want one, and no other outcome", totals(t, conn).LateResponses, again)
			}
		})
	}
}

func TestFault_20_HostileValuesOnARealExchange(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	conn := connect(t, ex.addr)
	before := memory(t, ex.pid())
	for name, args := range map[string][]byte{
		"10,000 levels":          append(bytes.Repeat([]byte{0x81}, 10_000), 0xf6),
		"2^64-1 elements":        {0x81, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"over a million of them": append([]byte{0x81, 0x9a, 0x00, 0x0f, 0x42, 0x41}, bytes.Repeat([]byte{0xf6}, 1_000_001)...),
		"invalid UTF-8":          {0x81, 0x62, 0xc3, 0x28},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := conn.Endpoint("echo").CallRaw(t.Context(), "echo", args, nil)
			wantOutcome(t, err, service.ErrDecode, service.No)
		})
	}
	wantCall(t, conn)
	if grown := memory(t, ex.pid()) - before; grown > 64<<20 || totals(t, conn).Violations != 0 {
		t.Errorf("the exchange has grown by %d bytes, with %d violations", grown, totals(t, conn).Violations)
	}
}

// twin says Hello with a key of its own and announces a service that answers nothing.
func twin(t *testing.T, addr string) net.Conn {
	t.Helper()
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	hello := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [wire.KeySize]byte{24}})
	if _, err := raw.Write(wire.AppendMessage(hello, 1, 0, &wire.Announce{Name: "twin"})); err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestFault_24_TwinDisplacesTheOldSession(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	conn := connect(t, ex.addr)
	watch, err := conn.Watch(service.WatchOptions{Glob: "twin"})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close()
	twin(t, ex.addr)
	testnet.WaitFor(t, "the old one", func() bool { return len(instances(t, conn, "twin")) == 1 })
	pending := conn.Endpoint("twin").Go(t.Context(), "any")
	testnet.WaitFor(t, "the call to be delivered", func() bool { return inFlight(t, conn, "twin") == 1 })
	from := clock()
	twin(t, ex.addr)
	wantFailure(t, pending, service.ErrLost, service.Maybe)
	ex.wantPrompt(t, clock()-from)
	for e := range watch.Events(t.Context()) {
		if e.Kind == service.Withdrawn {
			if e.Reason != service.ReasonReplaced {
				t.Errorf("withdrawn for the reason %v, want replaced", e.Reason)
			}
			break
		}
	}
	testnet.WaitFor(t, "the new one alone", func() bool { return len(instances(t, conn, "twin")) == 1 && len(sessions(t, conn)) == 2 })
}

func TestFault_25_NamesOnARealExchange(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	conn := connect(t, ex.addr)
	for _, name := range []string{"", "_exchange", "$sys", "netsvc", "a b", "a\nb", "m\u0430th", "a.b", string(bytes.Repeat([]byte{'a'}, 129))} {
		if err := conn.Announce(t.Context(), service.New(name, nil)); err == nil {
			t.Errorf("%.20q was announced", name)
		}
	}
	wantCall(t, conn)
	if lost := conn.Stats().Lost; lost != 0 {
		t.Errorf("%d links were lost, want none", lost)
	}
}
