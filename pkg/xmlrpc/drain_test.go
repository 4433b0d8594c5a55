package xmlrpc_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestDrainEndsConnections: each answer says that it is the last one on its connection, and is
// an answer all the same.
func TestDrainEndsConnections(t *testing.T) {
	g := newGateway(t, nil)
	requests := map[string]func() *httptest.ResponseRecorder{
		"a result":  func() *httptest.ResponseRecorder { return post(t, g, "/RPC2", "math.multiply", 3, 4) },
		"a fault":   func() *httptest.ResponseRecorder { return post(t, g, "/RPC2", "math.nothing") },
		"a refusal": func() *httptest.ResponseRecorder { return post(t, g, "/xmlrpc/service/moth", "m") },
		"OPTIONS": func() *httptest.ResponseRecorder {
			return send(g, httptest.NewRequest(http.MethodOptions, "/RPC2", nil))
		},
		"a wrong method": func() *httptest.ResponseRecorder { return send(g, httptest.NewRequest(http.MethodGet, "/RPC2", nil)) },
	}
	before := map[string]int{}
	for name, ask := range requests {
		w := ask()
		before[name] = w.Code
		if got := w.Header().Get("Connection"); got != "" {
			t.Errorf("%s: Connection = %q before Drain, want none", name, got)
		}
	}
	g.Drain()
	for name, ask := range requests {
		if w := ask(); w.Header().Get("Connection") != "close" || w.Code != before[name] {
			t.Errorf("%s: status %d, Connection %q after Drain, want %d, close", name, w.Code, w.Header().Get("Connection"), before[name])
		}
	}
}

var errServerEnds = errors.New("the server ends")

// TestServerEndsInACall: whoever waits gets an answer that is true.
func TestServerEndsInACall(t *testing.T) {
	canceled := func(d wire.Delivered) func(context.Context) error {
		return func(ctx context.Context) error {
			<-ctx.Done()
			return wire.Failf(wire.CodeCanceled, d, "the caller gave up")
		}
	}
	tests := map[string]struct {
		call   func(context.Context) error
		status int
		told   string
		fault  string
	}{
		"the method may run":   {canceled(wire.Maybe), 200, "canceled 48 maybe", "-32000 netsvc -- the gateway is ending, and the call was canceled"},
		"it did not start":     {canceled(wire.No), 503, "draining 65 no", ""},
		"a bare context error": {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 200, "canceled 48 maybe", "-32000 netsvc -- the gateway is ending, and the call was canceled"},
		"it has just answered": {func(ctx context.Context) error { <-ctx.Done(); return nil }, 200, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			backend := newFakeBackend()
			ctx, end := context.WithCancelCause(t.Context())
			backend.call["math.wait"] = func(ctx context.Context, _ []any) (any, error) {
				end(errServerEnds)
				return int64(12), test.call(ctx)
			}
			w := send(newGatewayOver(t, backend, nil), request(t, "/RPC2", "math.wait").WithContext(ctx))
			if w.Code != test.status || told(w) != test.told {
				t.Errorf("status %d, told %q, want %d, %q", w.Code, told(w), test.status, test.told)
			}
			if test.fault != "" && faultText(t, w) != test.fault {
				t.Errorf("fault %q, want %q", faultText(t, w), test.fault)
			}
			if wait := w.Header().Get("Retry-After"); (wait != "") != (test.status == 503) {
				t.Errorf("Retry-After = %q with status %d", wait, w.Code)
			}
		})
	}
}

// endless is a body that ends with an error when the server does.
type endless struct{ ended <-chan struct{} }

func (b endless) Read([]byte) (int, error) {
	<-b.ended
	return 0, errors.New("i/o timeout")
}

func TestServerEndsBeforeTheBodyHasCome(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/RPC2", endless{ctx.Done()})
	end(errServerEnds)
	if w := send(newGateway(t, nil), r); w.Code != 503 || told(w) != "draining 65 no" {
		t.Errorf("status %d, told %q, want 503 and draining, no", w.Code, told(w))
	}
}

// TestServerHasEnded: what still comes is not called.
func TestServerHasEnded(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	end(errServerEnds)
	backend := newFakeBackend()
	called := false
	backend.call["math.multiply"] = func(ctx context.Context, _ []any) (any, error) {
		called = ctx.Err() == nil
		return nil, wire.Failf(wire.CodeCanceled, wire.No, "the caller gave up")
	}
	w := send(newGatewayOver(t, backend, &xmlrpc.GatewayOptions{}), request(t, "/RPC2", "math.multiply", 3, 4).WithContext(ctx))
	if w.Code != 503 || called || !strings.Contains(w.Body.String(), "ending") {
		t.Errorf("status %d %s, called %v, want 503 and no call", w.Code, w.Body, called)
	}
}
