package xmlrpc

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// traceNames are the headers of W3C Trace Context, the one to be kept first.
var traceNames = []string{"traceparent", "tracestate"}

// tracedKey is the context key of the headers that a request brought for its calls.
type tracedKey struct{}

// TraceHeaders returns the headers traceparent and tracestate of the HTTP request that a call
// of a [Backend] is made for, nil when it had none. They are texts, and fit the 8 KiB that
// headers of a call may have. The map is shared by all calls of the request: for reading only.
func TraceHeaders(ctx context.Context) map[string]any {
	headers, _ := ctx.Value(tracedKey{}).(map[string]any)
	return headers
}

// traced returns ctx with the trace headers of a request. Several fields of one name are one
// list, as RFC 9110 has it. What cannot be the header of a call is left out: a trace is no
// reason to refuse one.
func traced(ctx context.Context, from http.Header) context.Context {
	var headers map[string]any
	for _, name := range traceNames {
		text := strings.Join(from.Values(name), ",")
		if text == "" || !utf8.ValidString(text) {
			continue
		}
		if headers == nil {
			headers = map[string]any{}
		}
		if headers[name] = text; !fitHeaders(headers) {
			delete(headers, name)
		}
	}
	if len(headers) == 0 {
		return ctx
	}
	return context.WithValue(ctx, tracedKey{}, headers)
}

func fitHeaders(headers map[string]any) bool {
	encoded, err := value.Append(nil, headers)
	return err == nil && len(encoded) <= wire.MaxHeaders
}

// endpoint is a handle whose calls take the trace of the request they are made for along.
type endpoint struct{ *service.Endpoint }

func (e endpoint) Call(ctx context.Context, method string, args ...any) (any, error) {
	if headers := TraceHeaders(ctx); headers != nil {
		return e.With(service.CallOptions{Headers: headers}).Call(ctx, method, args...)
	}
	return e.Endpoint.Call(ctx, method, args...)
}
