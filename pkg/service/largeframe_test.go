package service_test

import (
	"testing"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// An exchange may allow frames that are larger than the outbox a process has by itself.
func TestFramesAsLargeAsTheExchangeAllows(t *testing.T) {
	const size = 10 << 20
	ex, err := exchange.New(&exchange.Options{Limits: exchange.Limits{MaxFrame: 16 << 20, Outbox: 64 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	host, conn := connectTo(t, ex), connectTo(t, ex)
	blob := service.New("blob", nil)
	blob.Export("get", func(n int) []byte { return make([]byte, n) }, nil)
	blob.Export("put", func(b []byte) int { return len(b) }, nil)
	if err := host.Announce(t.Context(), blob); err != nil {
		t.Fatal(err)
	}
	e := conn.Endpoint("blob")
	if n, err := service.Call[int](t.Context(), e, "put", make([]byte, size)); n != size || err != nil {
		t.Errorf("put = %d, %v", n, err)
	}
	if b, err := service.Call[[]byte](t.Context(), e, "get", size); len(b) != size || err != nil {
		t.Errorf("get = %d bytes, %v", len(b), err)
	}
}
