package xmlrpc_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func TestGatewayWithSeveralMounts(t *testing.T) {
	g := newGateway(t, &xmlrpc.GatewayOptions{Mounts: []string{"/calc/", "/calc/more", "/"}})
	for _, path := range []string{"/calc/math", "/calc/more/math", "/math", "/RPC2"} {
		method := "multiply"
		if path == "/RPC2" {
			method = "math.multiply"
		}
		if got, err := result(t, post(t, g, path, method, 3, 4)); err != nil || got != int64(12) {
			t.Errorf("%s: %v, %v; want 12", path, got, err)
		}
	}
	for _, path := range []string{"/xmlrpc/service/math", "/calcmath", "/calc/more/"} {
		if got := post(t, g, path, "multiply", 3, 4); got.Code == http.StatusOK {
			t.Errorf("%s: answered %d, want a refusal", path, got.Code)
		}
	}
	for _, mount := range []string{"/calc", "/calc/more", ""} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, mount+"/", nil)
		r.Header.Set("Accept", "text/html")
		if page := send(g, r).Body.String(); !strings.Contains(page, "http://example.com"+mount+"/math<") {
			t.Errorf("the page of %s/ has no URL under it:\n%s", mount, page)
		}
	}
}
