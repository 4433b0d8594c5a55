package xmlrpc_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestMulticallAnswerIsBounded: a short request for many long answers gets those that fit. The
// calls behind them are not made, and say so.
func TestMulticallAnswerIsBounded(t *testing.T) {
	var made atomic.Int64
	backend := newFakeBackend()
	backend.call["math.mega"] = func(context.Context, []any) (any, error) {
		made.Add(1)
		return strings.Repeat("a", 1<<20), nil
	}
	const calls = 1000
	list := make([]any, calls)
	for i := range list {
		list[i] = map[string]any{"methodName": "math.mega"}
	}
	w := post(t, newGatewayOver(t, backend, nil), "/RPC2", "system.multicall", list)
	if most := 40 << 20; w.Body.Len() > most {
		t.Fatalf("the answer has %d bytes, want at most %d", w.Body.Len(), most)
	}
	v, err := xmlrpc.DecodeResponse(w.Body.Bytes(), "", &xmlrpc.DecodeOptions{Limits: xmlrpc.Limits{Bytes: 64 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	results := v.([]any)
	if len(results) != calls {
		t.Fatalf("%d results, want %d", len(results), calls)
	}
	var whole int64
	for i, result := range results {
		switch result := result.(type) {
		case []any:
			whole++
		case map[string]any:
			if result["faultCode"] != int64(xmlrpc.CodeInvalidRequest) || result["netsvcCode"] != "too_large" || result["netsvcDelivered"] != "no" {
				t.Fatalf("result %d = %v, want the fault of a call that was not made", i, result)
			}
		}
	}
	if whole != made.Load() || whole < 8 {
		t.Errorf("%d calls were made and %d have a result, want the same, and some", made.Load(), whole)
	}
}
