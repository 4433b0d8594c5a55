package xmlrpc_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestClientSendsOnce: with these fields net/http takes a request for one that may be sent again when
// a connection that was kept ends. Whether it may is not for the transport to say: the method has run.
func TestClientSendsOnce(t *testing.T) {
	for _, field := range []string{"Idempotency-Key", "X-Idempotency-Key", "x-idempotency-key"} {
		t.Run(field, func(t *testing.T) {
			var came atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				if came.Add(1) == 1 {
					document, _ := xmlrpc.AppendResponse(nil, true, nil)
					w.Write(document)
					return
				}
				panic(http.ErrAbortHandler) // cuts the connection behind the method
			}))
			defer server.Close()
			client, err := xmlrpc.NewClient(server.URL, &xmlrpc.ClientOptions{Header: http.Header{field: {"k"}}})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if _, err := client.Call(t.Context(), "pay"); err != nil {
				t.Fatal(err)
			}
			_, err = client.Call(t.Context(), "pay")
			var failure *wire.Failure
			if !errors.As(err, &failure) || failure.Delivered != wire.Maybe {
				t.Errorf("the second call ends with %v, want that it may have run", err)
			}
			if n := came.Load(); n != 2 {
				t.Errorf("two calls were sent %d times", n)
			}
		})
	}
}
