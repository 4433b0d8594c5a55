package xmlrpc_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// remote is a Backend with the service far, whose calls go to a server of XML-RPC.
type remote struct {
	client *xmlrpc.Client
	prefix string
}

func (remote) Services(context.Context) ([]string, error) { return []string{"far"}, nil }

func (remote) Has(_ context.Context, service string) (bool, error) { return service == "far", nil }

func (remote) Methods(context.Context, string) ([]value.Signature, error) { return nil, nil }

func (r remote) Call(ctx context.Context, _, method string, params []any) (any, error) {
	return r.client.Call(ctx, r.prefix+method, params...)
}

func TestFaultsPassThroughAGateway(t *testing.T) {
	testnet.LeakCheck(t)
	behind := newClient(t, serve(t, newGateway(t, nil))+"/RPC2", nil)
	client := newClient(t, serve(t, newGatewayOver(t, remote{behind, "web/shop."}, nil))+"/RPC2", nil)
	for _, method := range []string{"buy", "nothing"} {
		_, first := behind.Call(t.Context(), "web/shop."+method)
		_, second := client.Call(t.Context(), "far."+method)
		var want, got *wire.Failure
		if !errors.As(first, &want) || !errors.As(second, &got) || *got != *want {
			t.Errorf("%s: %+v, want %+v", method, got, want)
		}
	}

	foreign := answering(200, nil, xmlrpc.AppendFault(nil, &xmlrpc.Fault{Code: 800, String: "out of tea"}))
	strange := newClient(t, serve(t, foreign), nil)
	client = newClient(t, serve(t, newGatewayOver(t, remote{strange, ""}, nil))+"/RPC2", nil)
	_, err := client.Call(t.Context(), "far.brew")
	if f := (*wire.Failure)(nil); !errors.Is(err, &xmlrpc.Fault{Code: 800}) || !errors.As(err, &f) || f.Delivered != wire.Yes || f.Description != "out of tea" {
		t.Errorf("a fault of a foreign server: %v, want 800, delivered", err)
	}

	away := newClient(t, "http://127.0.0.1:1", nil)
	w := post(t, newGatewayOver(t, remote{away, ""}, nil), "/RPC2", "far.brew")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Netsvc-Delivered") != "no" || !strings.Contains(w.Body.String(), "no connection") {
		t.Errorf("status = %d %s, want 503", w.Code, w.Body)
	}
}
