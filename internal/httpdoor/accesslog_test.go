package httpdoor_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/httpdoor"
)

func TestAccessLog(t *testing.T) {
	const forged = "/a\n{\"msg\":\"request\",\"principal\":\"root\"}"
	tests := map[string]struct {
		path, id string
		handle   http.HandlerFunc
		want     map[string]any
		ownID    bool
	}{
		"a call": {"/RPC2", "abc-1.2_X", func(w http.ResponseWriter, r *http.Request) {
			v := httpdoor.VisitOf(r.Context())
			v.Principal, v.Called = "ci", "math.multiply"
			w.Header().Set("Netsvc-Code", "timeout")
			io.WriteString(w, "12345")
		}, map[string]any{"id": "abc-1.2_X", "principal": "ci", "call": "math.multiply", "status": 200.0, "bytes": 5.0, "code": "timeout", "method": "POST", "path": "/RPC2", "remote": "192.0.2.1:1234"}, true},
		"a refusal behind a hint": {"/", "", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNotFound)
		}, map[string]any{"status": 404.0, "bytes": 0.0}, false},
		"a forged record": {forged, "x\n", func(http.ResponseWriter, *http.Request) {}, map[string]any{"path": forged, "principal": "", "status": 0.0}, false},
		"a long path":     {"/" + strings.Repeat("a", 5000), strings.Repeat("a", 65), func(http.ResponseWriter, *http.Request) {}, map[string]any{"path": "/" + strings.Repeat("a", 255) + "..."}, false},
		"a panic":         {"/", "p", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, map[string]any{"id": "p"}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			l := &httpdoor.AccessLog{Logger: slog.New(slog.NewJSONHandler(&out, nil)), Next: test.handle}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
			r.URL.Path = test.path
			r.Header.Set("X-Request-Id", test.id)
			w := httptest.NewRecorder()
			func() {
				defer func() { _ = recover() }()
				l.ServeHTTP(w, r)
			}()
			if strings.Count(out.String(), "\n") != 1 {
				t.Fatalf("the log is %q, want one line", &out)
			}
			var got map[string]any
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			for key, want := range test.want {
				if got[key] != want {
					t.Errorf("%s = %v, want %v", key, got[key], want)
				}
			}
			id := w.Header().Get("X-Request-Id")
			if id != got["id"] || (id == test.id) != test.ownID {
				t.Errorf("the client is told %q, the log %q; it named %q", id, got["id"], test.id)
			}
			if us, ok := got["us"].(float64); !ok || us < 0 {
				t.Errorf("us = %v, want a time", got["us"])
			}
		})
	}
}

// TestAccessLogLeavesDeadlines: who is behind it can still set time-outs.
func TestAccessLogLeavesDeadlines(t *testing.T) {
	failed := make(chan error, 1)
	server := httptest.NewServer(&httpdoor.AccessLog{Logger: slog.New(slog.DiscardHandler), Next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		failed <- http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Hour))
	})})
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := <-failed; err != nil {
		t.Error(err)
	}
}

// TestAccessLogShortensMethods: a client makes up methods of HTTP as it likes.
func TestAccessLogShortensMethods(t *testing.T) {
	var out bytes.Buffer
	l := &httpdoor.AccessLog{Logger: slog.New(slog.NewJSONHandler(&out, nil)), Next: http.NotFoundHandler()}
	l.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), strings.Repeat("A", 60_000), "/", nil))
	if most := 2000; out.Len() > most {
		t.Errorf("a long method makes a record of %d bytes, want at most %d", out.Len(), most)
	}
}
