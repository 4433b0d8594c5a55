package xmlrpc_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// fakeBackend has the services math and web/shop. Each method is a func.
type fakeBackend struct {
	away bool
	call map[string]func(ctx context.Context, params []any) (any, error)
}

func newFakeBackend() *fakeBackend {
	return &fakeBackend{call: map[string]func(context.Context, []any) (any, error){
		"math.multiply": func(_ context.Context, params []any) (any, error) {
			return params[0].(int64) * params[1].(int64), nil
		},
		"math.long":  func(context.Context, []any) (any, error) { return strings.Repeat("a", 5000), nil },
		"math.panic": func(context.Context, []any) (any, error) { panic("secret") },
		"math.sleep": func(ctx context.Context, params []any) (any, error) {
			select {
			case <-time.After(time.Duration(params[0].(int64)) * time.Second):
				return true, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
		"web/shop.buy": func(context.Context, []any) (any, error) {
			return nil, &wire.Failure{Code: wire.CodeApplication, Number: 7, Origin: "bank", Description: "no money",
				Details: "balance: 3\nprice: 4", Delivered: wire.Yes}
		},
	}}
}

var errAway = wire.Failf(wire.CodeUnreachable, wire.No, "no connection")

func (b *fakeBackend) Has(_ context.Context, service string) (bool, error) {
	if b.away {
		return false, errAway
	}
	return service == "math" || service == "web/shop", nil
}

func (b *fakeBackend) Services(context.Context) ([]string, error) {
	if b.away {
		return nil, errAway
	}
	return []string{"math", "web/shop"}, nil
}

func (b *fakeBackend) Methods(_ context.Context, service string) ([]value.Signature, error) {
	number := &value.Type{Kind: value.Int}
	switch service {
	case "math":
		return []value.Signature{
			{Name: "multiply", Doc: "Product of two integers.", Params: []value.Param{{Name: "x", Type: number}, {Name: "y", Type: number}}, Result: number},
			{Name: "sum", Variadic: true, Params: []value.Param{{Name: "x", Type: number}}, Result: number},
			{Name: "system.stats"},
		}, nil
	case "web/shop":
		return []value.Signature{{Name: "buy", Doc: "<b>"}}, nil
	}
	return nil, wire.Failf(wire.CodeNoService, wire.No, "no such service: %s", service)
}

func (b *fakeBackend) Call(ctx context.Context, service, method string, params []any) (any, error) {
	if call, ok := b.call[service+"."+method]; ok {
		return call(ctx, params)
	}
	return nil, wire.Failf(wire.CodeNoMethod, wire.No, "no such method: %s", method)
}

func newGateway(t *testing.T, opts *xmlrpc.GatewayOptions) *xmlrpc.Gateway {
	t.Helper()
	return newGatewayOver(t, newFakeBackend(), opts)
}

func newGatewayOver(t *testing.T, backend xmlrpc.Backend, opts *xmlrpc.GatewayOptions) *xmlrpc.Gateway {
	t.Helper()
	g, err := xmlrpc.NewGateway(backend, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// post sends a call and returns the answer as it is.
func post(t *testing.T, handler http.Handler, path, method string, params ...any) *httptest.ResponseRecorder {
	t.Helper()
	return send(handler, request(t, path, method, params...))
}

func request(t *testing.T, path, method string, params ...any) *http.Request {
	t.Helper()
	body, err := xmlrpc.AppendCall(nil, method, params, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "text/xml")
	return r
}

func send(handler http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// result reads what a call returned.
func result(t *testing.T, w *httptest.ResponseRecorder) (any, error) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status = %d %s, want 200", w.Code, w.Body)
	}
	if got, want := w.Header().Get("Content-Type"), "text/xml; charset=utf-8"; got != want {
		t.Errorf("Content-Type = %q, want %q", got, want)
	}
	if got, want := w.Header().Get("Content-Length"), fmt.Sprint(w.Body.Len()); got != want {
		t.Errorf("Content-Length = %q, want %q", got, want)
	}
	return xmlrpc.DecodeResponse(w.Body.Bytes(), w.Header().Get("Content-Type"), nil)
}

// faultText reads the fault a call ended with.
func faultText(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	_, err := result(t, w)
	fault := (*xmlrpc.Fault)(nil)
	if !errors.As(err, &fault) {
		t.Fatalf("error = %v, want a fault", err)
	}
	return fmt.Sprintf("%d %s", fault.Code, fault.String)
}
