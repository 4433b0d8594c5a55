package xmlrpc_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// zip writes a body in a coding.
func zip(t *testing.T, coding string, body io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zlib":
		w = zlib.NewWriter(&out)
	case "flate":
		var err error
		if w, err = flate.NewWriter(&out, -1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.Copy(w, body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGatewayUnzips(t *testing.T) {
	body, err := xmlrpc.AppendCall(nil, "math.multiply", []any{3, 4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for coding, header := range map[string]string{"gzip": "X-GZip", "zlib": "deflate", "flate": "deflate"} {
		zipped := zip(t, coding, bytes.NewReader(body))
		for name, status := range map[string]int{"whole": 200, "cut": 400} {
			sent := zipped
			if name == "cut" {
				sent = zipped[:len(zipped)-6]
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/RPC2", bytes.NewReader(sent))
			r.Header.Set("Content-Encoding", header)
			w := send(newGateway(t, nil), r)
			if w.Code != status {
				t.Errorf("%s, %s: status = %d %s, want %d", coding, name, w.Code, w.Body, status)
			}
			if v, err := xmlrpc.DecodeResponse(w.Body.Bytes(), "", nil); status == 200 && (err != nil || v != int64(12)) {
				t.Errorf("%s: %v, %v, want 12", coding, v, err)
			}
		}
	}
}

func TestGatewayStopsZipBombs(t *testing.T) {
	bomb := bytes.Repeat(zip(t, "gzip", strings.NewReader(strings.Repeat(" ", 1<<20))), 200) // gzip may be put end to end
	g := newGateway(t, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/RPC2", bytes.NewReader(bomb))
	r.Header.Set("Content-Encoding", "gzip")
	w := send(g, r)
	runtime.ReadMemStats(&after)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "the limit is 4,194,304 bytes") {
		t.Errorf("status = %d %s, want 413 and the limit", w.Code, w.Body)
	}
	if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 40 {
		t.Errorf("a bomb of 200 MiB made the gateway allocate %d MiB, want at most 40", mib)
	}
}

func TestGatewayZipsLongAnswers(t *testing.T) {
	tests := map[string]struct {
		method, accept string
		zipped         bool
	}{
		"a long answer":               {"math.long", "deflate;q=1, GZIP;q=0.5", true},
		"a long answer, not asked":    {"math.long", "deflate", false},
		"a long answer, gzip refused": {"math.long", "gzip;q=0", false},
		"a short answer":              {"system.methodHelp", "gzip", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var params []any
			if test.method == "system.methodHelp" {
				params = []any{"math.multiply"}
			}
			r := request(t, "/RPC2", test.method, params...)
			r.Header.Set("Accept-Encoding", test.accept)
			response := send(newGateway(t, nil), r).Result()
			zipped := response.Header.Get("Content-Encoding") == "gzip"
			if zipped != test.zipped || strings.HasPrefix(name, "a long") && response.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("zipped: %v, Vary %q, want %v", zipped, response.Header.Get("Vary"), test.zipped)
			}
			if _, err := xmlrpc.DecodeResponse(readAnswer(t, response).body, "", nil); err != nil {
				t.Error(err)
			}
		})
	}
}
