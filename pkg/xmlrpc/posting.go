package xmlrpc

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/wire"
)

const (
	codingGzip    = "gzip"
	codingDeflate = "deflate"
)

// post sends a document and reads the answer.
func (c *Client) post(ctx context.Context, document []byte) (any, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.opts.Timeout)
		defer cancel()
	}
	if err := ctx.Err(); err != nil {
		return nil, c.unanswered(ctx, err, wire.No)
	}
	var way progress
	request, err := c.request(httptrace.WithClientTrace(ctx, way.trace()), document)
	if err != nil {
		return nil, err
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, c.unanswered(ctx, err, way.delivered())
	}
	defer response.Body.Close()
	return c.receive(ctx, response)
}

// request makes the request that carries a document.
func (c *Client) request(ctx context.Context, document []byte) (*http.Request, error) {
	coding := ""
	if c.opts.Zip != "" && len(document) >= c.opts.ZipBytes {
		coding, document = c.opts.Zip, packed(c.opts.Zip, document)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL(), bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	for name, values := range c.opts.Header {
		request.Header[name] = values
	}
	set := map[string]string{
		"Content-Type": "text/xml; charset=utf-8", "Accept-Encoding": "gzip, deflate",
		"Content-Encoding": coding, "Authorization": c.authorization,
	}
	for name, text := range set {
		if text != "" {
			request.Header.Set(name, text)
		}
	}
	if replayed(request.Header) {
		request.GetBody = nil
	}
	return request, nil
}

// replayed reports whether net/http would send a request again that may have been read, when it
// can have the body anew.
func replayed(header http.Header) bool {
	return header["Idempotency-Key"] != nil || header["X-Idempotency-Key"] != nil
}

// packed is a document in a coding.
func packed(coding string, document []byte) []byte {
	if coding == codingGzip {
		return zipped(document)
	}
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(document) // a bytes.Buffer takes everything
	_ = z.Close()
	return out.Bytes()
}

// progress is how far a request has come. The transport tells it, by goroutines of its own.
type progress struct{ asked, connected atomic.Bool }

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { // also when an idle connection has turned out to be dead
			p.asked.Store(true)
			p.connected.Store(false)
		},
		GotConn: func(httptrace.GotConnInfo) { p.connected.Store(true) },
	}
}

// delivered says whether anything may have been sent. A transport that tells nothing may have
// sent it.
func (p *progress) delivered() wire.Delivered {
	if p.asked.Load() && !p.connected.Load() {
		return wire.No
	}
	return wire.Maybe
}

// unanswered explains why a request has no answer.
func (c *Client) unanswered(ctx context.Context, err error, delivered wire.Delivered) error {
	code, text := wire.CodeLost, "the connection ended without an answer: "+err.Error()
	var slow net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		code, text = wire.CodeCanceled, "the caller gave up"
	case delivered == wire.No && ctx.Err() != nil:
		code, text = wire.CodeUnreachable, "no connection before the deadline"
	case delivered == wire.No:
		code, text = wire.CodeUnreachable, "no connection: "+err.Error()
	case ctx.Err() != nil, errors.As(err, &slow) && slow.Timeout():
		code, text = wire.CodeTimeout, "no answer before the deadline"
	}
	return &TransportError{Failure: wire.Failf(code, delivered, "%s: %s", c.URL(), text), cause: err}
}
