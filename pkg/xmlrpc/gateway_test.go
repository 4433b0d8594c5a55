package xmlrpc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func TestGatewayCalls(t *testing.T) {
	g := newGateway(t, nil)
	for _, route := range []struct{ path, method string }{
		{"/xmlrpc/service/math", "multiply"}, {"/RPC2", "math.multiply"},
		{"/xmlrpc/service/math", "math.multiply"},
	} {
		got, err := result(t, post(t, g, route.path, route.method, 3, 4))
		if err != nil || got != int64(12) {
			t.Errorf("%s %s = %v, %v, want 12", route.path, route.method, got, err)
		}
	}
}

func TestGatewayTellsWhatIsCalled(t *testing.T) {
	var told []string
	g := newGateway(t, &xmlrpc.GatewayOptions{Called: func(r *http.Request, target string) { told = append(told, r.URL.Path+" "+target) }})
	post(t, g, "/xmlrpc/service/math", "multiply", 3, 4)
	post(t, g, "/RPC2", "math.multiply", 3, 4)
	post(t, g, "/RPC2", "nobody.knows")
	post(t, g, "/xmlrpc/service/math", "system.listMethods")
	post(t, g, "/xmlrpc/service/nobody", "knows")
	send(g, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/RPC2", strings.NewReader("no document")))
	want := "/xmlrpc/service/math math.multiply, /RPC2 math.multiply, /RPC2 nobody.knows, /xmlrpc/service/math system.listMethods"
	if got := strings.Join(told, ", "); got != want {
		t.Errorf("told of %s\nwant %s", got, want)
	}
}

func TestGatewayFaults(t *testing.T) {
	tests := map[string]struct {
		path, method string
		want         string
	}{
		"the service's own number": {"/xmlrpc/service/web/shop", "buy", "7 bank -- no money\n\nbalance: 3\nprice: 4"},
		"no method":                {"/xmlrpc/service/math", "divide", "-32601 netsvc -- no such method: divide"},
		"no method, the full name": {"/xmlrpc/service/math", "math.divide", "-32601 netsvc -- no such method: math.divide"},
		"system by the full name":  {"/xmlrpc/service/math", "math.system.stats", "-32601 netsvc -- no such method: math.system.stats"},
		"another service's method": {"/xmlrpc/service/math", "web/shop.buy", "-32601 netsvc -- no such method: web/shop.buy"},
		"no service":               {"/RPC2", "moth.multiply", "-32601 netsvc -- no such service: moth"},
		"no dot":                   {"/RPC2", "multiply", "-32601 netsvc -- no such service: multiply"},
		"a service's own system":   {"/xmlrpc/service/math", "system.stats", "-32601 netsvc -- no such method: system.stats"},
		"the same by /RPC2":        {"/RPC2", "math.system.stats", "-32601 netsvc -- no such method: math.system.stats"},
		"params of introspection":  {"/RPC2", "system.methodHelp", "-32602 netsvc -- expected 1 argument, got 0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := faultText(t, post(t, newGateway(t, nil), test.path, test.method)); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
	ose := newGateway(t, &xmlrpc.GatewayOptions{OSEFaultCodes: true})
	if got, want := faultText(t, post(t, ose, "/xmlrpc/service/math", "divide")), "55 netsvc -- no such method: divide"; got != want {
		t.Errorf("by OSE's numbers: %q, want %q", got, want)
	}
}

func TestGatewayRefusesByStatus(t *testing.T) {
	type h = map[string]string
	body := "<methodCall><methodName>math.multiply</methodName><params/></methodCall>"
	tests := map[string]struct {
		method, path, body string
		header             h
		status             int
		want               h
	}{
		"GET":                        {method: "GET", path: "/RPC2", status: 405, want: h{"Allow": "POST, OPTIONS"}},
		"HEAD":                       {method: "HEAD", path: "/xmlrpc/service/math", status: 405, want: h{"Allow": "POST, OPTIONS"}},
		"OPTIONS":                    {method: "OPTIONS", path: "/RPC2", status: 204, want: h{"Access-Control-Allow-Origin": ""}},
		"an unknown service":         {path: "/xmlrpc/service/moth", status: 404},
		"a way around":               {path: "/xmlrpc/service/../service/math", status: 404},
		"a coded way around":         {path: "/xmlrpc/service/math%2f..%2fhidden", status: 404},
		"a slash at the end":         {path: "/xmlrpc/service/math/", status: 404},
		"an address":                 {path: "/xmlrpc/service/math@3", status: 404},
		"another path":               {path: "/", status: 404},
		"RPC2 in small letters":      {path: "/rpc2", status: 404},
		"a form":                     {header: h{"Content-Type": "application/x-www-form-urlencoded"}, status: 415},
		"plain text":                 {header: h{"Content-Type": "text/plain; x=text/xml"}, status: 415},
		"an unknown coding":          {header: h{"Content-Encoding": "br"}, status: 415},
		"two codings":                {header: h{"Content-Encoding": "gzip, gzip"}, status: 415},
		"gzip that is not":           {header: h{"Content-Encoding": "gzip"}, status: 400},
		"deflate that is not":        {header: h{"Content-Encoding": "deflate"}, status: 400},
		"an empty deflate":           {header: h{"Content-Encoding": "deflate"}, body: " ", status: 400},
		"a body over the limit":      {body: strings.Repeat(" ", 4<<20+1), status: 413},
		"another origin":             {header: h{"Origin": "https://example.org"}, status: 403},
		"a page that says nothing":   {header: h{"Sec-Fetch-Site": "cross-site"}, status: 403},
		"another origin's preflight": {method: "OPTIONS", header: h{"Origin": "null"}, status: 204, want: h{"Access-Control-Allow-Origin": ""}},
		"POST on the mount":          {path: "/xmlrpc/service/", status: 405, want: h{"Allow": "GET, HEAD"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path, content, method := test.path, test.body, test.method
			if path == "" {
				path = "/RPC2"
			}
			if content == "" {
				content = body
			}
			if method == "" {
				method = "POST"
			}
			r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(content))
			for key, v := range test.header {
				r.Header.Set(key, v)
			}
			w := send(newGateway(t, nil), r)
			if w.Code != test.status {
				t.Errorf("status = %d %s, want %d", w.Code, w.Body, test.status)
			}
			for key, want := range test.want {
				if got := w.Header().Get(key); got != want {
					t.Errorf("%s = %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestGatewayTakesMediaTypes(t *testing.T) {
	for _, contentType := range []string{"", "text/xml", "Text/XML ; charset=\"utf-8\"; x=y", "application/xml;"} {
		r := request(t, "/RPC2", "math.multiply", 3, 4)
		r.Header.Set("Content-Type", contentType)
		if got, err := result(t, send(newGateway(t, nil), r)); err != nil || got != int64(12) {
			t.Errorf("Content-Type %q: %v, %v, want 12", contentType, got, err)
		}
	}
}

func TestGatewayWhileTheExchangeIsAway(t *testing.T) {
	backend := newFakeBackend()
	backend.away = true
	late := newFakeBackend() // the exchange goes between the look and the call
	late.call["math.multiply"] = func(context.Context, []any) (any, error) { return nil, errAway }
	for name, b := range map[string]*fakeBackend{"before": backend, "just before": late} {
		for _, route := range []struct{ path, method string }{
			{"/xmlrpc/service/math", "multiply"}, {"/RPC2", "math.multiply"},
		} {
			w := post(t, newGatewayOver(t, b, nil), route.path, route.method, 3, 4)
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "2" {
				t.Errorf("%s, %s: status = %d, Retry-After %q, want 503 and 2", name, route.path, w.Code, w.Header().Get("Retry-After"))
			}
		}
	}
	leaving := newFakeBackend()
	leaving.call["math.multiply"] = func(context.Context, []any) (any, error) {
		return nil, wire.Failf(wire.CodeDraining, wire.No, "the exchange is shutting down")
	}
	if w := post(t, newGatewayOver(t, leaving, nil), "/RPC2", "math.multiply", 3, 4); w.Code != 503 || told(w) != "draining 65 no" {
		t.Errorf("while it shuts down: status %d, told %q, want 503, draining", w.Code, told(w))
	}
	lost := newFakeBackend()
	lost.call["math.multiply"] = func(context.Context, []any) (any, error) {
		return nil, wire.Failf(wire.CodeUnreachable, wire.Maybe, "link lost")
	}
	if got, want := faultText(t, post(t, newGatewayOver(t, lost, nil), "/RPC2", "math.multiply", 3, 4)), "-32300 netsvc -- link lost"; got != want {
		t.Errorf("during the call: %q, want %q", got, want)
	}
}

func TestGatewayServiceLeavesBeforeTheCall(t *testing.T) {
	backend := newFakeBackend()
	backend.call["math.multiply"] = func(context.Context, []any) (any, error) {
		return nil, wire.Failf(wire.CodeNoService, wire.No, "no such service: math")
	}
	g := newGatewayOver(t, backend, nil)
	if w := post(t, g, "/xmlrpc/service/math", "multiply", 3, 4); w.Code != http.StatusNotFound {
		t.Errorf("on its URL: status = %d, want 404", w.Code)
	}
	if got, want := faultText(t, post(t, g, "/RPC2", "math.multiply", 3, 4)), "-32601 netsvc -- no such service: math"; got != want {
		t.Errorf("on /RPC2: %q, want %q", got, want)
	}
}

func TestGatewayDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // virtual time
		start := time.Now()
		got := faultText(t, post(t, newGateway(t, nil), "/RPC2", "math.sleep", 60))
		if want := "-32000 netsvc -- the deadline passed"; got != want || time.Since(start) != 30*time.Second {
			t.Errorf("got %q after %v, want %q after 30s", got, time.Since(start), want)
		}
	})
}

func TestGatewayHidesPanics(t *testing.T) {
	got := faultText(t, post(t, newGateway(t, nil), "/RPC2", "math.panic"))
	if !strings.HasPrefix(got, "-32603 netsvc -- internal error ") || strings.Contains(got, "secret") {
		t.Errorf("got %q, want an internal error that says nothing more", got)
	}
}

func TestGatewayAnswerThatCannotBeWritten(t *testing.T) {
	backend := newFakeBackend()
	backend.call["math.bad"] = func(context.Context, []any) (any, error) { return []any{"\x00"}, nil }
	want := "-32500 netsvc -- result[0]: the character U+0000 is not representable in XML"
	if got := faultText(t, post(t, newGatewayOver(t, backend, nil), "/RPC2", "math.bad")); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGatewayInFlight(t *testing.T) {
	backend := newFakeBackend()
	g := newGatewayOver(t, backend, &xmlrpc.GatewayOptions{InFlight: 1})
	backend.call["math.nested"] = func(context.Context, []any) (any, error) {
		return int64(post(t, g, "/RPC2", "math.multiply", 3, 4).Code), nil
	}
	for range 2 { // the place is free again after the first
		if got, err := result(t, post(t, g, "/RPC2", "math.nested")); err != nil || got != int64(503) {
			t.Errorf("a second request: %v, %v, want status 503", got, err)
		}
	}
}

func TestGatewayOrigins(t *testing.T) {
	g := newGateway(t, &xmlrpc.GatewayOptions{Origins: []string{"https://example.org"}})
	r := request(t, "/RPC2", "math.multiply", 3, 4)
	r.Header.Set("Origin", "https://example.org")
	w := send(g, r)
	if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != 200 || got != "https://example.org" {
		t.Errorf("status %d, allowed origin %q, want 200 and the origin", w.Code, got)
	}
	r = request(t, "/RPC2", "math.multiply", 3, 4)
	r.Header.Set("Origin", "https://example.org")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := send(g, r); w.Code != 200 {
		t.Errorf("from its page: status %d, want 200", w.Code)
	}
	r = request(t, "/RPC2", "math.multiply", 3, 4)
	r.Header.Set("Origin", "https://example.org")
	r.Header.Del("Content-Type") // a page needs no leave to send that
	if w := send(g, r); w.Code != 415 {
		t.Errorf("without a type: status %d, want 415", w.Code)
	}
	r = httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/RPC2", nil)
	r.Header.Set("Origin", "https://example.org")
	w = send(g, r)
	if w.Code != 204 || w.Header().Get("Access-Control-Max-Age") != "600" || w.Header().Get("Vary") != "Origin" {
		t.Errorf("preflight: %d %v, want 204, Max-Age 600, Vary Origin", w.Code, w.Header())
	}
}

func TestGatewayOptionsThatDoNotHold(t *testing.T) {
	for _, opts := range []*xmlrpc.GatewayOptions{
		{Mounts: []string{"x"}}, {Mounts: []string{"/RPC2"}}, {Mounts: []string{"/a", ""}}, {Mounts: []string{"/a//b"}}, {Mounts: []string{"/a/.."}}, {Timeout: -1}, {InFlight: -1},
		{Origins: []string{"*"}}, {Origins: []string{"https://*"}}, {Origins: []string{"null"}}, {Origins: []string{"https://example.org/"}},
	} {
		if _, err := xmlrpc.NewGateway(newFakeBackend(), opts); err == nil {
			t.Errorf("NewGateway(%+v) succeeded, want an error", opts)
		}
	}
}
