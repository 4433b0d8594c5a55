//go:build linux

package chaos_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// prompt is a bound for what takes milliseconds, far below the deadline it is told from.
const prompt = 5 * time.Second

// longCall is one that nothing but a fault can end within a test.
const longCall = 60.0

// sleeping starts a call of echo.sleep and waits until its handler runs.
func sleeping(t testing.TB, conn *service.Conn) *service.Pending {
	t.Helper()
	pending := conn.Endpoint("echo").With(service.CallOptions{Timeout: time.Minute}).Go(context.Background(), "sleep", longCall)
	testnet.WaitFor(t, "the call to be delivered", func() bool { return inFlight(t, conn, "echo") > 0 })
	return pending
}

// wantFailure waits for the end of a call and wants it to be this one.
func wantFailure(t testing.TB, pending *service.Pending, want error, delivered service.Delivered) *service.Failure {
	t.Helper()
	testnet.Receive(t, "the outcome", pending.Done())
	_, err := pending.Result()
	return wantOutcome(t, err, want, delivered)
}

func wantOutcome(t testing.TB, err, want error, delivered service.Delivered) *service.Failure {
	t.Helper()
	var f *service.Failure
	if !errors.As(err, &f) || !errors.Is(err, want) || f.Delivered != delivered {
		t.Fatalf("outcome = %v, want %v with delivered %v", err, want, delivered)
	}
	return f
}

// wantCall wants a call to go well, as soon as the link and the service are there.
func wantCall(t testing.TB, conn *service.Conn) {
	t.Helper()
	testnet.WaitFor(t, "a call to go well", func() bool {
		_, err := conn.Endpoint("echo").Call(t.Context(), "echo", "hello")
		return err == nil
	})
}

// wantPrompt wants an outcome at once, and notes the time.
func (s *server) wantPrompt(t testing.TB, took time.Duration) {
	t.Helper()
	s.note("told after %v", short(took))
	if took > prompt {
		t.Errorf("told after %v, want at once", took)
	}
}
