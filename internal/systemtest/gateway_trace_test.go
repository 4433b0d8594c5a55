package systemtest

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestGateway_TraceContext: the trace of an HTTP request goes with its calls, to the handlers
// and on to those that these call.
func TestGateway_TraceContext(t *testing.T) {
	const parent, state = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=1,b=2"
	full := map[string]any{"traceparent": parent, "tracestate": state}
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		n.announce(newTracing(n))
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		whole := newWebsite(t, n.connect(nil), xmlrpc.Selection{All: true}, nil)
		for _, tt := range []struct {
			name string
			sent http.Header
			want map[string]any
		}{
			{"none", http.Header{}, map[string]any{}},
			{"both, the state in two fields", http.Header{"Traceparent": {parent}, "Tracestate": {"a=1", "b=2"}}, full},
			{"a parent alone", http.Header{"Traceparent": {parent}}, map[string]any{"traceparent": parent}},
			{"no UTF-8", http.Header{"Traceparent": {parent}, "Tracestate": {"a=\xff"}}, map[string]any{"traceparent": parent}},
			{"too large a state", http.Header{"Traceparent": {parent}, "Tracestate": {strings.Repeat("a", 9000)}}, map[string]any{"traceparent": parent}},
			{"another header", http.Header{"X-Trace": {"1"}, "Traceparent": {parent}}, map[string]any{"traceparent": parent}},
		} {
			for _, site := range []*website{web, whole} {
				for _, method := range []string{"trace", "ask"} {
					wantHeaders(t, tt.name+", "+method, site.traced(tt.sent, document(method)), tt.want)
				}
				inner := site.traced(tt.sent, multicallDocument("trace", "ask"))
				answers, _ := inner.value.([]any)
				if len(answers) != 2 {
					t.Fatalf("%s: multicall is %+v, want two answers", tt.name, inner)
				}
				for _, each := range answers {
					list, _ := each.([]any)
					wantHeaders(t, tt.name+", multicall", answer{value: append(list, nil)[0]}, tt.want)
				}
			}
		}
	})
}

// newTracing makes a service that returns the headers of its request, and those of the request
// that it makes of itself.
func newTracing(n *network) *service.Service {
	host := n.connect(nil)
	host.Use(service.Propagate("traceparent", "tracestate"))
	svc := service.New("tracing", &service.ServiceOptions{Groups: []string{"web"}})
	svc.Export("trace", func(ctx context.Context) (map[string]any, error) {
		caller, ok := service.CallerFrom(ctx)
		if !ok {
			return nil, errors.New("no caller")
		}
		return caller.Headers, nil
	}, nil)
	svc.Export("ask", func(ctx context.Context) (any, error) {
		return host.Endpoint("tracing").Call(ctx, "trace")
	}, nil)
	return svc
}

// traced posts a document with header fields to the service tracing.
func (w *website) traced(fields http.Header, body string) answer {
	w.t.Helper()
	before := w.client
	defer func() { w.client = before }()
	w.client = &http.Client{Transport: withFields{fields, before.Transport}}
	return w.post(w.t.Context(), "/xmlrpc/service/tracing", body)
}

// withFields adds fields to the header of each request.
type withFields struct {
	fields http.Header
	next   http.RoundTripper
}

func (f withFields) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	maps.Copy(r.Header, f.fields)
	return f.next.RoundTrip(r)
}

// multicallDocument calls methods without arguments.
func multicallDocument(methods ...string) string {
	var b strings.Builder
	for _, m := range methods {
		b.WriteString("<value><struct><member><name>methodName</name><value>" + m + "</value></member></struct></value>")
	}
	return "<methodCall><methodName>system.multicall</methodName><params><param><value><array><data>" +
		b.String() + "</data></array></value></param></params></methodCall>"
}

func wantHeaders(t *testing.T, what string, a answer, want map[string]any) {
	t.Helper()
	got, ok := a.value.(map[string]any)
	if !maps.Equal(got, want) || !ok && len(want) > 0 {
		t.Errorf("%s: the handler got %+v, want %v", what, a, want)
	}
}
