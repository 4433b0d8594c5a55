package xmlrpc

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netsvc/netsvc/pkg/wire"
)

// TransportError reports a call that HTTP has no answer of XML-RPC for. Its failure is one of
// these:
//
//	unreachable  there is no connection, or HTTP 502 or 503
//	timeout      the deadline passed, or HTTP 408 or 504
//	canceled     the caller's context was canceled
//	lost         the connection ended without a whole answer
//	no_service   HTTP 404 or 410, 405, or a redirect: XML-RPC is not spoken at this URL
//	denied       HTTP 401, 403 or 407
//	too_large    HTTP 413, 414 or 431
//	busy         HTTP 429
//	decode       any other HTTP 4xx: the request was not understood
//	unknown      any other status
//
// Failure.Delivered says whether the method may have run: no without a connection and for what a
// server refuses before it looks at the call, else maybe. A gateway of netsvc says so itself.
type TransportError struct {
	// Status is that of HTTP, zero when there was none.
	Status int
	// RetryAfter is what the server wants callers to wait, zero when it does not say.
	RetryAfter time.Duration
	// Failure is never nil.
	Failure *wire.Failure

	cause error
}

// Error returns the URL and what happened there.
func (e *TransportError) Error() string { return "xmlrpc: " + e.Failure.Description }

// Unwrap returns the failure, and what the transport said.
func (e *TransportError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Failure}
	}
	return []error{e.Failure, e.cause}
}

// refusals are what the statuses of HTTP say of a call. All others go by their class.
var refusals = map[int]struct {
	code      wire.Code
	delivered wire.Delivered
}{
	http.StatusUnauthorized:                {wire.CodeDenied, wire.No},
	http.StatusForbidden:                   {wire.CodeDenied, wire.No},
	http.StatusProxyAuthRequired:           {wire.CodeDenied, wire.No},
	http.StatusNotFound:                    {wire.CodeNoService, wire.No},
	http.StatusGone:                        {wire.CodeNoService, wire.No},
	http.StatusMethodNotAllowed:            {wire.CodeNoService, wire.No},
	http.StatusRequestTimeout:              {wire.CodeTimeout, wire.No},
	http.StatusRequestEntityTooLarge:       {wire.CodeTooLarge, wire.No},
	http.StatusRequestURITooLong:           {wire.CodeTooLarge, wire.No},
	http.StatusRequestHeaderFieldsTooLarge: {wire.CodeTooLarge, wire.No},
	http.StatusTooManyRequests:             {wire.CodeBusy, wire.No},
	http.StatusBadGateway:                  {wire.CodeUnreachable, wire.Maybe},
	http.StatusServiceUnavailable:          {wire.CodeUnreachable, wire.Maybe},
	http.StatusGatewayTimeout:              {wire.CodeTimeout, wire.Maybe},
}

// refused explains a status that is not 2xx. text is what the server has to say, or empty.
func (c *Client) refused(response *http.Response, text string) *TransportError {
	meaning, known := refusals[response.StatusCode]
	switch {
	case known:
	case response.StatusCode >= 500:
		meaning.code, meaning.delivered = wire.CodeUnknown, wire.Maybe
	case response.StatusCode >= 400:
		meaning.code = wire.CodeDecodeArgs
	default:
		meaning.code = wire.CodeNoService
	}
	if told, ok := deliveredNamed(response.Header.Get(headerDelivered)); ok {
		meaning.delivered = told
	}
	description := fmt.Sprintf("%s: HTTP %d %s", c.URL(), response.StatusCode, http.StatusText(response.StatusCode))
	if location := response.Header.Get("Location"); location != "" && response.StatusCode < 400 {
		text = "it has moved to " + location
	}
	if text != "" {
		description += ": " + text
	}
	return &TransportError{
		Status: response.StatusCode, RetryAfter: retryAfterOf(response.Header),
		Failure: wire.Failf(meaning.code, meaning.delivered, "%s", description),
	}
}

// retryAfterOf reads the form of the field that counts seconds.
func retryAfterOf(header http.Header) time.Duration {
	seconds, err := strconv.ParseUint(header.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// maxExplained bounds what is shown of the text of a refusal.
const maxExplained = 200

// explanation is the first line of a text that came with a status, when it is one for people.
func explanation(contentType string, body []byte) string {
	if mediaType(contentType) != "text/plain" || !utf8.Valid(body) {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	line = strings.TrimSpace(line)
	for len(line) > maxExplained {
		_, size := utf8.DecodeLastRuneInString(line)
		line = line[:len(line)-size]
	}
	return line
}

// mediaType is a Content-Type without its parameters, in small letters.
func mediaType(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}
