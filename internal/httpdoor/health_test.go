package httpdoor_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/netsvc/netsvc/internal/httpdoor"
)

func TestHealth(t *testing.T) {
	ready := func(context.Context) error { return nil }
	away := func(context.Context) error { return errors.New("the exchange is away") }
	tests := map[string]struct {
		method, path string
		ready        func(context.Context) error
		status       int
		body         string
	}{
		"alive":            {"GET", "/healthz", ready, 200, "ok\n"},
		"alive, not ready": {"GET", "/healthz", away, 200, "ok\n"},
		"ready":            {"GET", "/readyz", ready, 200, "ok\n"},
		"only the head":    {"HEAD", "/readyz", ready, 200, "ok\n"}, // the server leaves the body out
		"not ready":        {"GET", "/readyz", away, 503, "the exchange is away\n"},
		"a call":           {"POST", "/readyz", ready, 405, "this is asked with GET\n"},
		"another path":     {"GET", "/readyz/", away, 404, "404 page not found\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := &httpdoor.Health{Ready: test.ready, Next: http.NotFoundHandler()}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), test.method, test.path, nil))
			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("%d %q, want %d %q", w.Code, w.Body, test.status, test.body)
			}
			if later := w.Header().Get("Retry-After"); (later != "") != (test.status == 503) {
				t.Errorf("Retry-After = %q", later)
			}
		})
	}
}
