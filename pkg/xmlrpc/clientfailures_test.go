package xmlrpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func TestClientExplainsStatus(t *testing.T) {
	plain := func(fields ...string) http.Header {
		header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
		for i := 0; i < len(fields); i += 2 {
			header.Set(fields[i], fields[i+1])
		}
		return header
	}
	tests := map[string]struct {
		status    int
		header    http.Header
		code      wire.Code
		delivered wire.Delivered
		text      string
	}{
		"not found":                {404, plain(), wire.CodeNoService, wire.No, "HTTP 404 Not Found: because of this"},
		"gone":                     {410, plain(), wire.CodeNoService, wire.No, "HTTP 410"},
		"no POST":                  {405, plain(), wire.CodeNoService, wire.No, "HTTP 405"},
		"moved":                    {301, plain("Location", "https://example.org/RPC2"), wire.CodeNoService, wire.No, "it has moved to https://example.org/RPC2"},
		"who are you":              {401, plain(), wire.CodeDenied, wire.No, "HTTP 401"},
		"not you":                  {403, plain(), wire.CodeDenied, wire.No, "HTTP 403"},
		"too large":                {413, plain(), wire.CodeTooLarge, wire.No, "HTTP 413"},
		"a wrong media type":       {415, plain(), wire.CodeDecodeArgs, wire.No, "HTTP 415"},
		"too often":                {429, plain("Retry-After", "7"), wire.CodeBusy, wire.No, "HTTP 429"},
		"unavailable":              {503, plain("Retry-After", "7"), wire.CodeUnreachable, wire.Maybe, "HTTP 503"},
		"unavailable and sure":     {503, plain("Netsvc-Delivered", "no"), wire.CodeUnreachable, wire.No, "HTTP 503"},
		"a bad gateway":            {502, plain(), wire.CodeUnreachable, wire.Maybe, "HTTP 502"},
		"a slow gateway":           {504, plain(), wire.CodeTimeout, wire.Maybe, "HTTP 504"},
		"broken":                   {500, plain(), wire.CodeUnknown, wire.Maybe, "HTTP 500"},
		"broken, with a long page": {500, http.Header{"Content-Type": {"text/html"}}, wire.CodeUnknown, wire.Maybe, "HTTP 500 Internal Server Error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			testnet.LeakCheck(t)
			client := newClient(t, serve(t, answering(test.status, test.header, []byte("because of this\nand that"))), nil)
			_, err := client.Call(t.Context(), "m")
			var transport *xmlrpc.TransportError
			if !errors.As(err, &transport) || transport.Status != test.status {
				t.Fatalf("error = %v, want a *TransportError of status %d", err, test.status)
			}
			if f := transport.Failure; f.Code != test.code || f.Delivered != test.delivered || !errors.Is(err, f) {
				t.Errorf("failure = %v, delivered %v, want %v, %v", f, f.Delivered, test.code, test.delivered)
			}
			if !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "and that") {
				t.Errorf("error = %v, want %q and one line", err, test.text)
			}
			if got, want := transport.RetryAfter == 7*time.Second, test.header.Get("Retry-After") != ""; got != want {
				t.Errorf("RetryAfter = %v", transport.RetryAfter)
			}
		})
	}
}

func TestClientKnowsThatNothingWasSent(t *testing.T) {
	testnet.LeakCheck(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := "http://" + closed.Addr().String()
	closed.Close()
	_, err = newClient(t, target, nil).Call(t.Context(), "m")
	wantFailure(t, "nobody listens", err, wire.CodeUnreachable, wire.No)

	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, err = newClient(t, target, nil).Call(ctx, "m")
	wantFailure(t, "no time", err, wire.CodeUnreachable, wire.No)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no time: %v, want it to be context.DeadlineExceeded, too", err)
	}

	breaking := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	})
	_, err = newClient(t, serve(t, breaking), nil).Call(t.Context(), "m")
	wantFailure(t, "a connection that breaks", err, wire.CodeLost, wire.Maybe)

	short := answering(200, http.Header{"Content-Length": {"100"}}, []byte("<methodResponse>"))
	_, err = newClient(t, serve(t, short), nil).Call(t.Context(), "m")
	wantFailure(t, "an answer that breaks", err, wire.CodeLost, wire.Maybe)

	silentWay := roundTripper(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	_, err = newClient(t, target, &xmlrpc.ClientOptions{Transport: silentWay}).Call(t.Context(), "m")
	wantFailure(t, "a transport that tells nothing", err, wire.CodeLost, wire.Maybe)
}

// roundTripper is a transport that is a func.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func wantFailure(t *testing.T, name string, err error, code wire.Code, delivered wire.Delivered) {
	t.Helper()
	var failure *wire.Failure
	if !errors.As(err, &failure) || failure.Code != code || failure.Delivered != delivered {
		t.Errorf("%s: %v, want %v, delivered %v", name, err, code, delivered)
	}
}

func TestClientDoesNotFollowRedirects(t *testing.T) {
	testnet.LeakCheck(t)
	reached := false
	end := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	for _, status := range []int{301, 302, 303, 307, 308} {
		client := newClient(t, serve(t, http.RedirectHandler(end, status)), nil)
		_, err := client.Call(t.Context(), "m")
		wantFailure(t, fmt.Sprint(status), err, wire.CodeNoService, wire.No)
	}
	if reached {
		t.Error("a redirect was followed")
	}
}

func TestClientSaysWhatIsNoXML(t *testing.T) {
	const page = "<!DOCTYPE html><html>Please log in</html>"
	document, err := xmlrpc.AppendResponse(nil, "yes", nil)
	if err != nil {
		t.Fatal(err)
	}
	for media, want := range map[string]string{"text/html; charset=utf-8": "the answer is text/html: ", "text/xml": "a document type"} {
		client := newClient(t, serve(t, answering(200, http.Header{"Content-Type": {media}}, []byte(page))), nil)
		_, err := client.Call(t.Context(), "m")
		if unread := (*xmlrpc.DecodeError)(nil); !errors.As(err, &unread) || !strings.HasPrefix(unread.Reason, want) {
			t.Errorf("a page as %s: %v, want %q", media, err, want)
		}
		client = newClient(t, serve(t, answering(200, http.Header{"Content-Type": {media}}, document)), nil)
		if v, err := client.Call(t.Context(), "m"); err != nil || v != "yes" {
			t.Errorf("an answer as %s: %v, %v, want yes", media, v, err)
		}
	}
}

func TestClientTakesFaultsWithAnyStatus(t *testing.T) {
	document := xmlrpc.AppendFault(nil, &xmlrpc.Fault{Code: 7, String: "no money"})
	client := newClient(t, serve(t, answering(500, http.Header{"Content-Type": {"text/xml"}}, document)), nil)
	if _, err := client.Call(t.Context(), "m"); !errors.Is(err, &xmlrpc.Fault{Code: 7, String: "no money"}) {
		t.Errorf("error = %v, want the fault", err)
	}
}

func TestFaultsTellAllThatAGatewayTells(t *testing.T) {
	testnet.LeakCheck(t)
	client := clientOfGateway(t, nil)
	_, err := client.Call(t.Context(), "web/shop.buy")
	results, err2 := client.Multicall(t.Context(), []xmlrpc.Call{{Method: "web/shop.buy"}})
	if err2 != nil {
		t.Fatal(err2)
	}
	for name, err := range map[string]error{"a call": err, "a call of many": results[0].Err} {
		var failure *wire.Failure
		if !errors.Is(err, &xmlrpc.Fault{Code: 7}) || !errors.As(err, &failure) {
			t.Fatalf("%s: %v, want fault 7", name, err)
		}
		want := wire.Failure{Code: wire.CodeApplication, Number: 7, Origin: "bank", Description: "no money",
			Details: "balance: 3\nprice: 4", Delivered: wire.Yes}
		if *failure != want {
			t.Errorf("%s: failure = %+v, want %+v", name, *failure, want)
		}
	}
	_, err = client.Call(t.Context(), "math.nothing")
	if !errors.Is(err, service.ErrNoMethod) {
		t.Errorf("error = %v, want service.ErrNoMethod", err)
	}
}

func TestFaultsOfOtherServers(t *testing.T) {
	tests := map[int]struct {
		code      wire.Code
		delivered wire.Delivered
	}{
		7:      {wire.CodeApplication, wire.Yes},
		-32500: {wire.CodeApplication, wire.Yes},
		-32601: {wire.CodeNoMethod, wire.No},
		-32602: {wire.CodeBadParams, wire.Maybe},
		-32700: {wire.CodeDecodeArgs, wire.No},
		-32600: {wire.CodeDecodeArgs, wire.No},
		-32603: {wire.CodeUnknown, wire.Maybe},
		-32300: {wire.CodeLost, wire.Maybe},
	}
	for code, want := range tests {
		f := (&xmlrpc.Fault{Code: code, String: "words"}).Failure()
		if f.Code != want.code || f.Delivered != want.delivered || f.Number != int64(code) || f.Origin != "xmlrpc" || f.Description != "words" {
			t.Errorf("%d: %+v, want %v, delivered %v", code, f, want.code, want.delivered)
		}
	}
	header := http.Header{"Content-Type": {"text/xml"}, "Netsvc-Code": {"lost"}, "Netsvc-Delivered": {"maybe"},
		"Netsvc-Number": {"60"}, "Netsvc-Instance": {"math@3"}}
	document := xmlrpc.AppendFault(nil, &xmlrpc.Fault{Code: -32001, String: "netsvc -- it ended"})
	for word, known := range map[string]bool{"lost": true, "of-tomorrow": false} {
		header.Set("Netsvc-Code", word)
		_, err := newClient(t, serve(t, answering(200, header, document)), nil).Call(t.Context(), "m")
		var f *wire.Failure
		if !errors.As(err, &f) || known != (f.Code == wire.CodeLost && f.Instance.String() == "math@3" && f.Description == "it ended") {
			t.Errorf("Netsvc-Code: %s: %+v", word, f)
		}
	}
}

func TestClientMulticall(t *testing.T) {
	testnet.LeakCheck(t)
	client := clientOfGateway(t, nil)
	calls := []xmlrpc.Call{
		{Method: "math.multiply", Params: []any{3, 4}},
		{Method: "math.nothing"},
		{Method: "math.multiply", Params: []any{5, 6}},
	}
	results, err := client.Multicall(t.Context(), calls)
	if err != nil || len(results) != 3 {
		t.Fatalf("Multicall = %v, %v, want 3 results", results, err)
	}
	if results[0] != (xmlrpc.Result{Value: int64(12)}) || !errors.Is(results[1].Err, service.ErrNoMethod) {
		t.Errorf("results = %v", results)
	}
	var product uint16
	if err := results[2].Scan(&product); err != nil || product != 30 {
		t.Errorf("Scan = %v, %v, want 30", product, err)
	}
	if err := results[1].Scan(&product); !errors.Is(err, &xmlrpc.Fault{Code: xmlrpc.CodeNoMethod}) {
		t.Errorf("Scan of a fault = %v", err)
	}
	if none, err := client.Multicall(t.Context(), nil); none != nil || err != nil {
		t.Errorf("Multicall of nothing = %v, %v", none, err)
	}
}

func TestClientMulticallRefuses(t *testing.T) {
	testnet.LeakCheck(t)
	client := newClient(t, "http://127.0.0.1:1", nil)
	refused := map[string]struct {
		calls []xmlrpc.Call
		want  string
	}{
		"too many":          {make([]xmlrpc.Call, 1001), "1,001 calls at once: the limit is 1,000"},
		"no method":         {[]xmlrpc.Call{{Method: "m"}, {}}, `calls[1]: "" cannot be a method name in XML-RPC`},
		"what has no form":  {[]xmlrpc.Call{{Method: "m", Params: []any{1, []any{"\x00"}}}}, "calls[0].params[1][0]: the character U+0000 is not representable in XML"},
		"what cannot be Go": {[]xmlrpc.Call{{Method: "m", Params: []any{make(chan int)}}}, "calls[0].params[0]: "},
	}
	for name, test := range refused {
		_, err := client.Multicall(t.Context(), test.calls)
		if unwritten := (*xmlrpc.EncodeError)(nil); !errors.As(err, &unwritten) || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	answers := map[string]any{
		"no list":         "x",
		"too few":         []any{},
		"two results":     []any{[]any{1, 2}},
		"no fault":        []any{map[string]any{"faultCode": 1}},
		"neither of both": []any{"x"},
	}
	for name, v := range answers {
		document, err := xmlrpc.AppendResponse(nil, v, nil)
		if err != nil {
			t.Fatal(err)
		}
		client := newClient(t, serve(t, answering(200, nil, document)), nil)
		_, err = client.Multicall(t.Context(), []xmlrpc.Call{{Method: "m"}})
		if unread := (*xmlrpc.DecodeError)(nil); !errors.As(err, &unread) || !strings.HasPrefix(unread.Path, "result") {
			t.Errorf("%s: %v, want a *DecodeError at the result", name, err)
		}
	}
}
