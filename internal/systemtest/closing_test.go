package systemtest

import (
	"context"
	"errors"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestClose_EndsEveryCall, at whatever moment it comes.
func TestClose_EndsEveryCall(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		svc, g := newGated("gated", nil)
		svc.Export("echo", func(v any) any { return v }, nil)
		n.announce(svc)
		for round := range 50 {
			conn, err := service.Connect(patient(t), n.address(), n.options(nil))
			if err != nil {
				t.Fatal(err)
			}
			e := conn.Endpoint("gated")
			var all []*service.Pending
			for i := range 20 {
				all = append(all, e.Go(patient(t), []string{"wait", "echo"}[i%2], "x"))
			}
			if round%2 == 0 {
				testnet.Receive(t, "a handler", g.entered)
			}
			closed := make(chan error, 2)
			go func() { closed <- conn.Close() }()
			go func() { closed <- conn.Close() }()
			for _, p := range all {
				if _, err := p.Result(); err != nil && !errors.Is(err, service.ErrUnreachable) {
					t.Errorf("a call of a closed connection ended with %v", err)
				}
			}
			for range 2 {
				if err := testnet.Receive(t, "Close", closed); err != nil {
					t.Errorf("Close = %v", err)
				}
			}
			if err := conn.Err(); err != service.ErrClosed {
				t.Errorf("Err = %v, want %v", err, service.ErrClosed)
			}
		}
		waitIdle(t, ex) // the handlers' contexts have ended, too
		testnet.WaitFor(t, "the sessions to end", func() bool { return ex.Stats().Sessions == 1 })
	})
}

// TestClose_FromWithin a handler and a callback.
func TestClose_FromWithin(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		conn := n.connect(nil)
		svc := service.New("suicidal", nil)
		svc.Export("close", func(ctx context.Context) error {
			caller, _ := service.CallerFrom(ctx)
			return caller.Conn.Close()
		}, nil)
		n.announceBy(conn, svc)
		address := svc.Address()
		client := n.connect(nil)
		// The goodbye comes in good order, but before the answer.
		want{service.ErrLost, 60, service.Maybe, address}.check(t, failing(client.Endpoint("suicidal"), "close"))
		done := make(chan error, 1)
		client.Endpoint("suicidal").Go(patient(t), "close").Then(func(any, error) { done <- client.Close() })
		if err := testnet.Receive(t, "Close in a callback", done); err != nil {
			t.Errorf("Close = %v", err)
		}
		testnet.Receive(t, "the end", client.Done())
	})
}
