package xmlrpc_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// serve starts an HTTP server that ends with the test and returns its URL.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func newClient(t *testing.T, target string, opts *xmlrpc.ClientOptions) *xmlrpc.Client {
	t.Helper()
	client, err := xmlrpc.NewClient(target, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// clientOfGateway is a client of a gateway before newFakeBackend.
func clientOfGateway(t *testing.T, opts *xmlrpc.ClientOptions) *xmlrpc.Client {
	t.Helper()
	return newClient(t, serve(t, newGateway(t, nil))+"/RPC2", opts)
}

func TestClientCalls(t *testing.T) {
	testnet.LeakCheck(t)
	client := clientOfGateway(t, nil)
	v, err := client.Call(t.Context(), "math.multiply", 3, 4)
	if err != nil || v != int64(12) {
		t.Errorf("Call = %v, %v, want 12", v, err)
	}
	var product int8
	if err := client.CallInto(t.Context(), &product, "math.multiply", 3, 4); err != nil || product != 12 {
		t.Errorf("CallInto = %v, %v, want 12", product, err)
	}
	err = client.CallInto(t.Context(), &product, "math.multiply", 30, 40)
	if misfit := (*value.TypeError)(nil); !errors.As(err, &misfit) || misfit.Path != "result" {
		t.Errorf("CallInto = %v, want a *TypeError at result", err)
	}
	_, err = client.Call(t.Context(), "math.multiply", make(chan int))
	if unwritten := (*xmlrpc.EncodeError)(nil); !errors.As(err, &unwritten) || unwritten.Path != "params[0]" {
		t.Errorf("Call = %v, want an *EncodeError at params[0]", err)
	}
}

func TestClientReusesConnections(t *testing.T) {
	testnet.LeakCheck(t)
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(newGateway(t, nil))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	const bound = 4
	client := newClient(t, server.URL+"/RPC2", &xmlrpc.ClientOptions{Connections: bound})
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() { // ends with its calls
			for range 50 {
				if v, err := client.Call(t.Context(), "math.multiply", 3, 4); err != nil || v != int64(12) {
					t.Errorf("Call = %v, %v, want 12", v, err)
				}
			}
		})
	}
	calls.Wait()
	if got := opened.Load(); got > bound {
		t.Errorf("400 calls by 8 goroutines opened %d connections, want at most %d", got, bound)
	}
}

// heard is what came with a request.
type heard struct {
	header http.Header
	body   []byte
}

// listener answers every call with its own text, and tells what came.
func listener(t *testing.T, told *heard) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*told = heard{r.Header.Clone(), body}
		answer, err := xmlrpc.AppendResponse(nil, "heard", nil)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write(answer)
	})
}

func TestClientSaysWhoCalls(t *testing.T) {
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	tests := map[string]struct {
		opts xmlrpc.ClientOptions
		user string
		want string
	}{
		"nobody":                       {},
		"user and password":            {xmlrpc.ClientOptions{User: "ann", Password: "a:b"}, "", basic("ann:a:b")},
		"a token":                      {xmlrpc.ClientOptions{Token: "secret"}, "", "Bearer secret"},
		"the user of the URL":          {xmlrpc.ClientOptions{}, "ann:x@", basic("ann:x")},
		"options before the URL":       {xmlrpc.ClientOptions{User: "bob"}, "ann:x@", basic("bob:")},
		"a token before the URL":       {xmlrpc.ClientOptions{Token: "secret"}, "ann:x@", "Bearer secret"},
		"a header field of the caller": {xmlrpc.ClientOptions{Header: http.Header{"Authorization": {"Own x"}}}, "", "Own x"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			testnet.LeakCheck(t)
			var told heard
			target := strings.Replace(serve(t, listener(t, &told)), "://", "://"+test.user, 1)
			client := newClient(t, target, &test.opts)
			if _, err := client.Call(t.Context(), "m"); err != nil {
				t.Fatal(err)
			}
			if got := told.header.Get("Authorization"); got != test.want {
				t.Errorf("Authorization = %q, want %q", got, test.want)
			}
			if strings.Contains(client.URL(), "@") {
				t.Errorf("URL() = %s, want it without the user", client.URL())
			}
		})
	}
}

func TestClientZipsRequests(t *testing.T) {
	for _, coding := range []string{"gzip", "deflate"} {
		t.Run(coding, func(t *testing.T) {
			testnet.LeakCheck(t)
			client := clientOfGateway(t, &xmlrpc.ClientOptions{Zip: coding, ZipBytes: 1})
			if v, err := client.Call(t.Context(), "math.multiply", 3, 4); err != nil || v != int64(12) {
				t.Errorf("Call = %v, %v, want 12", v, err)
			}
			var told heard
			client = newClient(t, serve(t, listener(t, &told)), &xmlrpc.ClientOptions{Zip: coding})
			for _, length := range []int{10, 10_000} {
				if _, err := client.Call(t.Context(), "m", strings.Repeat("a", length)); err != nil {
					t.Fatal(err)
				}
				if got, want := told.header.Get("Content-Encoding") == coding, length == 10_000; got != want {
					t.Errorf("a text of %d was zipped: %v, want %v", length, got, want)
				}
			}
			if len(told.body) > 1000 {
				t.Errorf("10,000 equal letters were sent in %d bytes", len(told.body))
			}
		})
	}
}

// answering is a handler with one answer.
func answering(status int, header http.Header, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
}

func TestClientUnzipsAnswers(t *testing.T) {
	long := strings.Repeat("a", 5000)
	document, err := xmlrpc.AppendResponse(nil, long, nil)
	if err != nil {
		t.Fatal(err)
	}
	for coding, name := range map[string]string{"gzip": "gzip", "zlib": "deflate", "flate": "deflate"} {
		packed := zip(t, coding, bytes.NewReader(document))
		client := newClient(t, serve(t, answering(200, http.Header{"Content-Encoding": {name}}, packed)), nil)
		if v, err := client.Call(t.Context(), "m"); err != nil || v != long {
			t.Errorf("%s: %v, want the text", coding, err)
		}
		cut := newClient(t, serve(t, answering(200, http.Header{"Content-Encoding": {name}}, packed[:len(packed)-6])), nil)
		_, err := cut.Call(t.Context(), "m")
		if unread := (*xmlrpc.DecodeError)(nil); !errors.As(err, &unread) || !strings.Contains(unread.Reason, "unzipped") {
			t.Errorf("%s that is cut: %v, want a *DecodeError", coding, err)
		}
	}
	client := clientOfGateway(t, nil)
	if v, err := client.Call(t.Context(), "math.long"); err != nil || v != long {
		t.Errorf("Call = %v, want the text", err)
	}
}

func TestClientBoundsAnswers(t *testing.T) {
	long, err := xmlrpc.AppendResponse(nil, strings.Repeat("a", 50_000), nil)
	if err != nil {
		t.Fatal(err)
	}
	opts := &xmlrpc.ClientOptions{Decode: xmlrpc.DecodeOptions{Limits: xmlrpc.Limits{Bytes: 1000}}}
	handlers := map[string]http.Handler{
		"announced": answering(200, http.Header{"Content-Length": {"50167"}}, long),
		"in chunks": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			_, _ = w.Write(long)
		}),
		"zipped": answering(200, http.Header{"Content-Encoding": {"gzip"}}, zip(t, "gzip", bytes.NewReader(long))),
	}
	for name, handler := range handlers {
		_, err := newClient(t, serve(t, handler), opts).Call(t.Context(), "m")
		if unread := (*xmlrpc.DecodeError)(nil); !errors.As(err, &unread) || !strings.Contains(unread.Reason, "the limit is 1,000 bytes") {
			t.Errorf("%s: %v, want the limit", name, err)
		}
	}
}

func TestClientOverTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(newGateway(t, nil))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	trusting := server.Client().Transport.(*http.Transport).TLSClientConfig
	client := newClient(t, server.URL+"/RPC2", &xmlrpc.ClientOptions{TLS: trusting})
	if v, err := client.Call(t.Context(), "math.multiply", 3, 4); err != nil || v != int64(12) {
		t.Errorf("Call = %v, %v, want 12", v, err)
	}
	_, err := newClient(t, server.URL, nil).Call(t.Context(), "math.multiply", 3, 4)
	if !errors.Is(err, wire.Failf(wire.CodeUnreachable, wire.No, "")) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("with a certificate that nobody trusts: %v, want unreachable", err)
	}
}

func TestClientRefusesOptions(t *testing.T) {
	tests := map[string]struct {
		target, want string
		opts         xmlrpc.ClientOptions
	}{
		"no scheme":            {"127.0.0.1:8000/RPC2", "cannot be read", xmlrpc.ClientOptions{}},
		"another scheme":       {"ftp://x/", "is no URL such as http://", xmlrpc.ClientOptions{}},
		"no host":              {"http:///RPC2", "is no URL such as", xmlrpc.ClientOptions{}},
		"a password":           {"ftp://ann:secret@x/", "ann:xxxxx@x", xmlrpc.ClientOptions{}},
		"a password, unread":   {"http://ann:secret@x:y/", "invalid port", xmlrpc.ClientOptions{}},
		"a coding":             {"http://x", `Zip is "br"`, xmlrpc.ClientOptions{Zip: "br"}},
		"two ways to say who":  {"http://x", "both User and Token", xmlrpc.ClientOptions{User: "a", Token: "b"}},
		"a negative time":      {"http://x", "cannot be negative", xmlrpc.ClientOptions{Timeout: -1}},
		"options of the other": {"http://x", "own transport", xmlrpc.ClientOptions{Transport: http.DefaultTransport, Connections: 1}},
	}
	for name, test := range tests {
		_, err := xmlrpc.NewClient(test.target, &test.opts)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v shows the password", name, err)
		}
	}
}

// silentHandler answers when its client has gone.
func silentHandler(came chan<- struct{}) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		came <- struct{}{}
		<-r.Context().Done()
	})
}

func TestClientEndsWithItsContext(t *testing.T) {
	testnet.LeakCheck(t)
	came := make(chan struct{}, 3)
	client := newClient(t, serve(t, silentHandler(came)), &xmlrpc.ClientOptions{Timeout: 50 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	tests := map[string]struct {
		ctx  context.Context
		code wire.Code
	}{
		"its own time-out":   {t.Context(), wire.CodeTimeout},
		"a caller that ends": {ctx, wire.CodeCanceled},
	}
	slow := newClient(t, client.URL(), nil)
	for name, test := range tests {
		c := client
		if test.code == wire.CodeCanceled {
			c = slow
		}
		ended := make(chan error, 1)
		go func() {
			_, err := c.Call(test.ctx, "m")
			ended <- err
		}()
		testnet.Receive(t, "the call", came)
		if test.code == wire.CodeCanceled {
			cancel()
		}
		var failure *wire.Failure
		if err := testnet.Receive(t, "the end", ended); !errors.As(err, &failure) || failure.Code != test.code || failure.Delivered != wire.Maybe {
			t.Errorf("%s: %v, want %v, delivered maybe", name, err, test.code)
		}
	}
	cancel()
}
