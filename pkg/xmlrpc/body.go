package xmlrpc

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// statusError is trouble with a request that HTTP has a status for.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// bodies are buffers for requests. What is decoded shares no memory with them.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKept is the largest buffer that is kept for the next request.
const maxKept = 64 << 10

// receive reads the body of a request, unzipped. Who is done with the buffer gives it to keep.
// The error is a *statusError, or errFull.
func (g *Gateway) receive(w http.ResponseWriter, r *http.Request, held *claim) (*bytes.Buffer, error) {
	if err := checkMediaType(r); err != nil {
		return nil, err
	}
	buffer := bodies.Get().(*bytes.Buffer)
	buffer.Reset()
	if err := g.readBody(buffer, w, r, held); err != nil {
		keep(buffer)
		discard(r)
		return nil, err
	}
	return buffer, nil
}

// maxDiscarded is the most that is read of a body that was refused.
const maxDiscarded = 32 << 20

// discard reads the rest of a body, if it is not too long: most clients read no answer before
// they have sent all, and one whose connection is closed meanwhile never learns why.
func discard(r *http.Request) {
	if r.ContentLength <= maxDiscarded && r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, r.Body, maxDiscarded) // the answer is the same whatever comes of it
	}
}

func keep(buffer *bytes.Buffer) {
	if buffer.Cap() > maxKept {
		giveBack(buffer)
		return
	}
	bodies.Put(buffer)
}

// checkMediaType takes XML, and programs that do not say. Others are refused, also because a
// web page may send them without asking; that goes for no type, too, when a page sends it.
func checkMediaType(r *http.Request) error {
	media := mediaType(r.Header.Get("Content-Type"))
	if media == "text/xml" || media == "application/xml" || media == "" && r.Header.Get("Origin") == "" {
		return nil
	}
	return &statusError{http.StatusUnsupportedMediaType, "the media type has to be text/xml"}
}

// readBody reads the whole body into dst, unzipped. The limit holds for what
// comes over the wire and for what it unfolds to; the buffer grows with what has
// come, not with what is announced.
func (g *Gateway) readBody(dst *bytes.Buffer, w http.ResponseWriter, r *http.Request, held *claim) error {
	limit := int64(g.opts.Decode.Limits.Bytes)
	if r.ContentLength > limit {
		return g.tooLarge()
	}
	wired := http.MaxBytesReader(w, r.Body, limit)
	body, err := unzipped(wired, r.Header.Values("Content-Encoding"))
	if err != nil {
		return g.bodyError(err)
	}
	if err := held.read(dst, body, int(limit)+1); err != nil {
		return g.bodyError(err)
	}
	if int64(dst.Len()) > limit {
		return g.tooLarge()
	}
	// Only after the end of the body does the server look for a hang-up, and a
	// zipped body may end before it.
	if _, err := io.Copy(io.Discard, wired); err != nil {
		return g.bodyError(err)
	}
	// The server's read time-out is for the request. Left in place it would look
	// like a client that hangs up, and so cancel a long call.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // not every ResponseWriter has one
	return nil
}

func (g *Gateway) tooLarge() error {
	return &statusError{http.StatusRequestEntityTooLarge,
		"the body is too large: the limit is " + grouped(g.opts.Decode.Limits.Bytes) + " bytes"}
}

// bodyError says what kept a body from being read.
func (g *Gateway) bodyError(err error) error {
	if err == errFull {
		return err
	}
	if known := (*statusError)(nil); errors.As(err, &known) {
		return known
	}
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		return g.tooLarge()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &statusError{http.StatusRequestTimeout, "the body did not come in time"}
	}
	return &statusError{http.StatusBadRequest, "the body cannot be read"}
}

// unzipped returns a reader of what a body in that coding holds.
func unzipped(body io.Reader, codings []string) (io.Reader, error) {
	switch strings.ToLower(strings.TrimSpace(strings.Join(codings, ","))) {
	case "", "identity":
		return body, nil
	case codingGzip, "x-gzip":
		return gzip.NewReader(body)
	case codingDeflate:
		return inflated(body)
	}
	return nil, &statusError{http.StatusUnsupportedMediaType, "the content coding has to be gzip or deflate"}
}

// inflated reads deflate as HTTP means it, with the head of zlib, and as some
// senders do, without.
func inflated(body io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(body)
	head, err := buffered.Peek(2)
	if err != nil {
		return nil, err
	}
	const deflateMethod = 8
	if head[0]&0x0F == deflateMethod && (int(head[0])<<8|int(head[1]))%31 == 0 { // RFC 1950, section 2.2
		return zlib.NewReader(buffered)
	}
	return flate.NewReader(buffered), nil
}
