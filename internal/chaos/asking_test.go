//go:build linux

package chaos_test

import (
	"context"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// connect makes a connection that lasts as long as t.
func connect(t testing.TB, addr string) *service.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testnet.Patience)
	defer cancel()
	conn, err := service.Connect(ctx, addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// question asks the exchange for something it knows of itself.
func question[T any](t testing.TB, conn *service.Conn, method string, args ...any) T {
	t.Helper()
	got, err := service.Call[T](t.Context(), conn.Endpoint("_exchange"), method, args...)
	if err != nil {
		t.Fatalf("ask the exchange for its %s: %v", method, err)
	}
	return got
}

// totals are the counters of an exchange. A bystander's call may be open beside the question.
func totals(t testing.TB, conn *service.Conn) exchange.Totals {
	t.Helper()
	return question[exchange.Totals](t, conn, "stats")
}

// instances are those of one service.
func instances(t testing.TB, conn *service.Conn, name string) []exchange.InstanceInfo {
	t.Helper()
	for _, s := range question[[]exchange.ServiceInfo](t, conn, "services", name, "") {
		return s.Instances
	}
	return nil
}

// inFlight counts the calls that instances of a service have got and not answered.
func inFlight(t testing.TB, conn *service.Conn, name string) int {
	t.Helper()
	calls := 0
	for _, instance := range instances(t, conn, name) {
		calls += instance.Inflight
	}
	return calls
}

// sessions are those of an exchange, without a bystander's.
func sessions(t testing.TB, conn *service.Conn) []exchange.SessionInfo {
	t.Helper()
	var there []exchange.SessionInfo
	for _, s := range question[[]exchange.SessionInfo](t, conn, "sessions") {
		if s.Program != bystander {
			there = append(there, s)
		}
	}
	return there
}
