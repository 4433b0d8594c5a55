package xmlrpc_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// listen serves handler on a real socket with the daemon's limits.
func listen(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ReadHeaderTimeout = 5 * time.Second
	server.Config.MaxHeaderBytes = 64 << 10
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// httpExpectation is what the manifest says of a raw exchange.
type httpExpectation struct {
	Status      int
	StatusAnyOf []int `json:"status_any_of"`
	Statuses    []int
	Result      *struct{ Int string }
	FaultIf200  *int `json:"fault_if_200"`
	Connection  string
	Header      map[string]string
	NoHeader    string `json:"no_header"`
}

func TestHTTPVectors(t *testing.T) {
	address := listen(t, newGateway(t, nil))
	documents := readManifest(t, vectors).HTTP
	if len(documents) != 18 {
		t.Fatalf("the manifest has %d exchanges, want 18", len(documents))
	}
	for _, v := range documents {
		t.Run(v.ID, func(t *testing.T) {
			var want httpExpectation
			if err := json.Unmarshal(v.Expect, &want); err != nil {
				t.Fatal(err)
			}
			// The documents name math.multiply, which is the form of /RPC2.
			sent := bytes.ReplaceAll(readVector(t, vectors, v.File), []byte("/xmlrpc/service/math"), []byte("/RPC2"))
			answers := talk(t, address, sent, max(1, len(want.Statuses)))
			checkAnswers(t, answers, want)
		})
	}
}

// answer is one answer of a server with its body, unzipped.
type answer struct {
	*http.Response
	body []byte
}

// talk sends raw bytes and reads n answers.
func talk(t *testing.T, address string, sent []byte, n int) []answer {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = conn.Write(sent) }() // a server may answer and close before it has read all
	reader := bufio.NewReader(conn)
	method, _, _ := strings.Cut(string(sent), " ")
	var answers []answer
	for range n {
		response, err := http.ReadResponse(reader, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("after %d answers: %v", len(answers), err)
		}
		answers = append(answers, readAnswer(t, response))
	}
	return answers
}

func readAnswer(t *testing.T, response *http.Response) answer {
	t.Helper()
	body := io.Reader(response.Body)
	if response.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = z
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, data}
}

func checkAnswers(t *testing.T, answers []answer, want httpExpectation) {
	t.Helper()
	statuses := want.Statuses
	if want.Status != 0 {
		statuses = []int{want.Status}
	}
	for i, a := range answers {
		if statuses != nil && a.StatusCode != statuses[i] || want.StatusAnyOf != nil && !slices.Contains(want.StatusAnyOf, a.StatusCode) {
			t.Errorf("answer %d: status = %d, want %v%v", i, a.StatusCode, statuses, want.StatusAnyOf)
		}
		if want.Result != nil || want.Statuses != nil {
			if v, err := xmlrpc.DecodeResponse(a.body, a.Header.Get("Content-Type"), nil); err != nil || v != int64(12) {
				t.Errorf("answer %d: %v, %v, want 12", i, v, err)
			}
		}
		if want.FaultIf200 != nil && a.StatusCode == 200 && !bytes.Contains(a.body, []byte("-32700")) {
			t.Errorf("answer %d: %s, want fault %d", i, a.body, *want.FaultIf200)
		}
		if want.Connection == "close" && !a.Close {
			t.Errorf("answer %d: the connection stays open", i)
		}
		for key, v := range want.Header {
			if a.Header.Get(key) != v {
				t.Errorf("answer %d: %s = %q, want %q", i, key, a.Header.Get(key), v)
			}
		}
		if want.NoHeader != "" && a.Header.Get(want.NoHeader) != "" {
			t.Errorf("answer %d: %s = %q, want none", i, want.NoHeader, a.Header.Get(want.NoHeader))
		}
		if a.StatusCode == 200 && (a.ContentLength < 0 || len(a.TransferEncoding) > 0) {
			t.Errorf("answer %d has no Content-Length", i)
		}
	}
}
