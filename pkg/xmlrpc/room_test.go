package xmlrpc_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestGatewayBoundsLongBodies: many bodies that are sent and never ended take the memory that there is
// for them, and no more. Short calls go on.
func TestGatewayBoundsLongBodies(t *testing.T) {
	g := newGateway(t, &xmlrpc.GatewayOptions{BodyBytes: 4<<20 + 1})
	stalled, rest := io.Pipe()
	answered := make(chan int, 1)
	post := func(body io.Reader) *httptest.ResponseRecorder {
		return send(g, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/RPC2", body))
	}
	go func() { answered <- post(stalled).Code }() // ends when rest is closed
	if _, err := io.WriteString(rest, product+strings.Repeat(" ", 3<<20)); err != nil {
		t.Fatal(err)
	}
	long := product + strings.Repeat(" ", 1<<20)
	if w := post(strings.NewReader(long)); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || w.Header().Get("Netsvc-Code") != "busy" {
		t.Errorf("a long body without room is answered %d %v, want 503, busy and when to try again", w.Code, w.Header())
	}
	if w := post(strings.NewReader(product)); w.Code != http.StatusOK {
		t.Errorf("a short call meanwhile is answered %d, want 200", w.Code)
	}
	rest.Close()
	if got := <-answered; got != http.StatusOK {
		t.Errorf("the body that came late is answered %d, want 200", got)
	}
	if w := post(strings.NewReader(long)); w.Code != http.StatusOK {
		t.Errorf("a long body with room again is answered %d, want 200", w.Code)
	}
}
