package systemtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// website is a gateway behind Go's own HTTP, with a client that keeps connections.
type website struct {
	t       *testing.T
	conn    *service.Conn
	members *xmlrpc.Members
	url     string
	client  *http.Client
}

func newWebsite(t *testing.T, conn *service.Conn, s xmlrpc.Selection, opts *xmlrpc.GatewayOptions) *website {
	t.Helper()
	members, err := xmlrpc.NewMembers(conn, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(members.Close)
	gateway, err := xmlrpc.NewGateway(members, opts)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gateway)
	t.Cleanup(server.Close)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &website{t: t, conn: conn, members: members, url: server.URL, client: &http.Client{Transport: transport}}
}

// answer is what a client of the website gets.
type answer struct {
	status int
	header http.Header
	value  any           // of an answer without fault
	fault  *xmlrpc.Fault // nil for none
	err    error         // there is no answer
}

// told is what the header says of a failure: its word, number, delivered and instance.
func (a answer) told() string {
	h := a.header
	return strings.TrimSpace(h.Get("Netsvc-Code") + " " + h.Get("Netsvc-Number") + " " + h.Get("Netsvc-Delivered") + " " + h.Get("Netsvc-Instance"))
}

// absent reports whether the answer says that the exchange or the service is not there yet.
func (a answer) absent() bool {
	return a.status == http.StatusServiceUnavailable || a.status == http.StatusNotFound
}

// call posts one call in the hand-written form that every client sends.
func (w *website) call(path, method string, params ...int) answer {
	return w.post(context.Background(), path, document(method, params...))
}

// document writes a call by hand.
func document(method string, params ...int) string {
	var b strings.Builder
	b.WriteString("<?xml version='1.0'?>\n<methodCall><methodName>" + method + "</methodName><params>")
	for _, p := range params {
		b.WriteString("<param><value><int>" + strconv.Itoa(p) + "</int></value></param>")
	}
	b.WriteString("</params></methodCall>\n")
	return b.String()
}

func (w *website) post(ctx context.Context, path, body string) answer {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+path, strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	r.Header.Set("Content-Type", "text/xml")
	response, err := w.client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	a := answer{status: response.StatusCode, header: response.Header, err: err}
	if a.status != http.StatusOK || err != nil {
		return a
	}
	a.value, a.err = xmlrpc.DecodeResponse(data, response.Header.Get("Content-Type"), nil)
	if errors.As(a.err, &a.fault) {
		a.err = nil
	}
	return a
}
