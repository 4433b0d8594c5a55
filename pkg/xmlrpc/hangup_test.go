package xmlrpc_test

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func TestGatewayCancelsWhenTheClientHangsUp(t *testing.T) {
	for _, coding := range []string{"", "deflate"} { // the end of a zipped body is not the end of the request
		started, ended := make(chan struct{}), make(chan error, 1)
		backend := newFakeBackend()
		backend.call["math.wait"] = func(ctx context.Context, _ []any) (any, error) {
			close(started)
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return nil, ctx.Err()
		}
		address := listen(t, newGatewayOver(t, backend, nil))
		body := []byte("<methodCall><methodName>math.wait</methodName></methodCall>")
		if coding != "" {
			body = zip(t, "zlib", bytes.NewReader(body))
		}
		ctx, hangUp := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/RPC2", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Encoding", coding)
		go func() {
			<-started
			hangUp()
		}()
		if response, err := http.DefaultClient.Do(r); err == nil {
			response.Body.Close()
			t.Error("the call was answered, want it cancelled")
		}
		select {
		case err := <-ended:
			if err != context.Canceled {
				t.Errorf("coding %q: the call ended with %v, want context.Canceled", coding, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("coding %q: the call goes on after the client has gone", coding)
		}
	}
}

// TestGatewayCallsLongerThanTheReadTimeout is for a trap in net/http: a read
// time-out that passes during a call looks like a client that hangs up.
func TestGatewayCallsLongerThanTheReadTimeout(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	synctest.Test(t, func(t *testing.T) { // virtual time
		near, far := net.Pipe()
		server := &http.Server{Handler: newGateway(t, nil), ReadTimeout: 15 * time.Second, WriteTimeout: 5 * time.Second}
		served := make(chan error, 1)
		go func() { served <- server.Serve(&oneConn{conn: far, closed: make(chan struct{})}) }()
		body, err := xmlrpc.AppendCall(nil, "math.sleep", []any{25}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/RPC2", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Write(near); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(near), r)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := xmlrpc.DecodeResponse(readAnswer(t, response).body, "", nil); err != nil || v != true {
			t.Errorf("a call of 25 s: %v, %v, want true", v, err)
		}
		near.Close()
		server.Close()
		<-served
	})
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn   net.Conn
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error {
	close(l.closed)
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.UnixAddr{Net: "pipe"} }
