package xmlrpc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/netsvc/netsvc/pkg/wire"
)

// receive reads an answer.
func (c *Client) receive(ctx context.Context, response *http.Response) (any, error) {
	buffer := bodies.Get().(*bytes.Buffer)
	defer keep(buffer)
	buffer.Reset()
	err := c.readAnswer(ctx, buffer, response)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, c.failed(response, buffer.Bytes(), err)
	}
	if err != nil {
		return nil, err
	}
	contentType := response.Header.Get("Content-Type")
	v, err := DecodeResponse(buffer.Bytes(), contentType, &c.opts.Decode)
	var fault *Fault
	var unread *DecodeError
	switch {
	case errors.As(err, &fault):
		fault.tellOf(response.Header.Get)
	case errors.As(err, &unread) && !mayBeXML(contentType):
		unread.Reason = "the answer is " + mediaType(contentType) + ": " + unread.Reason
	}
	return v, err
}

// failed explains an answer whose status is none of success. Some servers send faults with one.
func (c *Client) failed(response *http.Response, body []byte, unread error) error {
	contentType := response.Header.Get("Content-Type")
	if unread == nil && mayBeXML(contentType) {
		_, err := DecodeResponse(body, contentType, &c.opts.Decode)
		if fault := (*Fault)(nil); errors.As(err, &fault) {
			fault.tellOf(response.Header.Get)
			return fault
		}
	}
	return c.refused(response, explanation(contentType, body))
}

// mayBeXML reports whether a media type is that of XML, or not said.
func mayBeXML(contentType string) bool {
	media := mediaType(contentType)
	return media == "" || media == "text/xml" || media == "application/xml" || strings.HasSuffix(media, "+xml")
}

// restBytes is how much of an answer is read behind its end, so that the connection can be used
// again.
const restBytes = 4 << 10

// readAnswer reads the body of an answer into dst, unzipped. The limit holds for what comes over
// the wire and for what it unfolds to.
func (c *Client) readAnswer(ctx context.Context, dst *bytes.Buffer, response *http.Response) error {
	limit := int64(c.opts.Decode.Limits.Bytes)
	if response.ContentLength > limit {
		return c.longAnswer()
	}
	wired := &watchedReader{reader: io.LimitReader(response.Body, limit+1)}
	body, err := unzipped(wired, response.Header.Values("Content-Encoding"))
	if err == nil {
		_, err = dst.ReadFrom(io.LimitReader(body, limit+1))
	}
	switch {
	case wired.err != nil:
		return c.unanswered(ctx, wired.err, wire.Maybe)
	case wired.count > limit, int64(dst.Len()) > limit:
		return c.longAnswer()
	case err != nil:
		return &DecodeError{Code: CodeInvalidRequest, Reason: "the answer cannot be unzipped: " + err.Error()}
	}
	_, _ = io.CopyN(io.Discard, response.Body, restBytes) // if it fails, the connection is not used again
	return nil
}

func (c *Client) longAnswer() error {
	return &DecodeError{Code: CodeInvalidRequest,
		Reason: "the answer is too long: the limit is " + grouped(c.opts.Decode.Limits.Bytes) + " bytes"}
}

// watchedReader knows how much it has read, and what went wrong with it, whatever is made of that
// by those who read from it.
type watchedReader struct {
	reader io.Reader
	count  int64
	err    error // nil at the end
}

// Read reads.
func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.reader.Read(p)
	w.count += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
