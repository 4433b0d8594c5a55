package xmlrpc_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// told is what the header of an answer says of a failure.
func told(w *httptest.ResponseRecorder) string {
	h := w.Header()
	return strings.TrimSpace(strings.Join([]string{
		h.Get("Netsvc-Code"), h.Get("Netsvc-Number"), h.Get("Netsvc-Delivered"), h.Get("Netsvc-Instance"),
	}, " "))
}

// everyCode is how each code of the contract looks over HTTP.
var everyCode = []struct {
	code      wire.Code
	delivered wire.Delivered
	interop   int
	header    string
	status    int // of the service's own URL, when it is not 200
}{
	{wire.CodeUnknown, wire.Maybe, -32603, "unknown 40 maybe", 0},
	{wire.CodeEncodeArgs, wire.No, -32602, "encode 42 no", 0},
	{wire.CodeDecodeValue, wire.Yes, -32500, "decode 44 yes", 0},
	{wire.CodeNoService, wire.No, -32601, "no_service 46 no", 404},
	{wire.CodeNoService, wire.Maybe, -32601, "no_service 46 maybe", 0}, // after a forward
	{wire.CodeTimeout, wire.No, -32000, "timeout 47 no", 0},
	{wire.CodeTimeout, wire.Maybe, -32000, "timeout 47 maybe", 0},
	{wire.CodeCanceled, wire.Maybe, -32000, "canceled 48 maybe", 0},
	{wire.CodeEncodeValue, wire.Yes, -32500, "encode 52 yes", 0},
	{wire.CodeDecodeArgs, wire.No, -32602, "decode 54 no", 0},
	{wire.CodeNoMethod, wire.No, -32601, "no_method 55 no", 0},
	{wire.CodeBadParams, wire.No, -32602, "bad_params 56 no", 0},
	{wire.CodeApplication, wire.Yes, -32500, "application 57 yes", 0},
	{wire.CodeAborted, wire.Yes, -32500, "aborted 58 yes", 0},
	{wire.CodeAborted, wire.No, -32500, "aborted 58 no", 0},
	{wire.CodeLost, wire.Maybe, -32001, "lost 60 maybe", 0},
	{wire.CodeUnreachable, wire.Maybe, -32300, "unreachable 61 maybe", 0},
	{wire.CodeUnreachable, wire.No, -32300, "unreachable 61 no", 503},
	{wire.CodeBusy, wire.No, -32002, "busy 62 no", 0},
	{wire.CodeDenied, wire.No, -32003, "denied 63 no", 0},
	{wire.CodeTooLarge, wire.No, -32600, "too_large 64 no", 0},
	{wire.CodeTooLarge, wire.Yes, -32500, "too_large 64 yes", 0},
	{wire.CodeDraining, wire.No, -32001, "draining 65 no", 0},
}

// TestEveryCodeOverHTTP: a fault has number and texts, the header has the rest, by both lists
// of numbers; and within system.multicall the fault itself has it.
func TestEveryCodeOverHTTP(t *testing.T) {
	seen := map[wire.Code]bool{}
	for _, row := range everyCode {
		seen[row.code] = true
		t.Run(row.header, func(t *testing.T) {
			backend := newFakeBackend()
			backend.call["math.fail"] = func(context.Context, []any) (any, error) {
				return nil, fmt.Errorf("call: %w", &wire.Failure{
					Code: row.code, Delivered: row.delivered, Description: "what", Details: "line 1\nline 2",
					Instance: wire.Address{Origin: 1, Name: "math", Number: 3},
				})
			}
			for ose, number := range map[bool]int{false: row.interop, true: int(row.code)} {
				g := newGatewayOver(t, backend, &xmlrpc.GatewayOptions{OSEFaultCodes: ose})
				w := post(t, g, "/xmlrpc/service/math", "fail")
				checkTold(t, w, row.header, row.status)
				want := fmt.Sprintf("%d netsvc -- what\n\nline 1\nline 2", number)
				if row.status == 0 {
					if got := faultText(t, w); got != want {
						t.Errorf("with OSE's codes %v: %q, want %q", ose, got, want)
					}
				}
				checkInner(t, g, number, row.header)
			}
		})
	}
	for code := wire.Code(1); code < 1000; code++ {
		if (code == wire.CodeUnknown || code.String() != wire.CodeUnknown.String()) && !seen[code] {
			t.Errorf("no row shows %v, %d", code, code)
		}
	}
}

func checkTold(t *testing.T, w *httptest.ResponseRecorder, header string, status int) {
	t.Helper()
	if status == 0 {
		status = http.StatusOK
	}
	if w.Code != status {
		t.Errorf("status %d, want %d", w.Code, status)
	}
	if status != http.StatusNotFound { // there nobody was chosen
		header += " math@3"
	}
	if got := told(w); got != header {
		t.Errorf("the header tells %q, want %q", got, header)
	}
}

// checkInner makes the failing call the second of a system.multicall.
func checkInner(t *testing.T, g *xmlrpc.Gateway, number int, header string) {
	t.Helper()
	w := post(t, g, "/RPC2", "system.multicall", []any{entry("math.multiply", 3, 4), entry("math.fail")})
	if got := told(w); got != "" {
		t.Errorf("the header of a multicall tells %q, want nothing", got)
	}
	got, err := result(t, w)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(header)
	want := map[string]any{
		"faultCode": int64(number), "faultString": "netsvc -- what\n\nline 1\nline 2",
		"netsvcCode": words[0], "netsvcDelivered": words[2], "netsvcInstance": "math@3",
	}
	if inner := got.([]any)[1]; fmt.Sprint(inner) != fmt.Sprint(want) {
		t.Errorf("inner fault %v, want %v", inner, want)
	}
}

func TestWhatIsToldWithoutACall(t *testing.T) {
	full := newGateway(t, nil)
	away := newFakeBackend()
	away.away = true
	tests := map[string]struct {
		gateway    *xmlrpc.Gateway
		path, body string
		want       string
	}{
		"a result":                 {full, "/RPC2", "<methodCall><methodName>system.listMethods</methodName></methodCall>", ""},
		"a document that is none":  {full, "/RPC2", "<methodCall>", "decode 54 no"},
		"an unknown service":       {full, "/xmlrpc/service/moth", "<methodCall><methodName>m</methodName></methodCall>", "no_service 46 no"},
		"the exchange is not here": {newGatewayOver(t, away, nil), "/RPC2", "<methodCall><methodName>m</methodName></methodCall>", "unreachable 61 no"},
		"a panic":                  {full, "/RPC2", "<methodCall><methodName>math.panic</methodName></methodCall>", "unknown 40 maybe"},
		"an own number":            {full, "/RPC2", "<methodCall><methodName>web/shop.buy</methodName></methodCall>", "application 7 yes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, test.path, strings.NewReader(test.body))
			if got := told(send(test.gateway, r)); got != test.want {
				t.Errorf("the header tells %q, want %q", got, test.want)
			}
		})
	}
}
