package xmlrpc

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/netsvc/netsvc/pkg/wire"
)

// minZipped is the size from which an answer is zipped, for those who take that.
const minZipped = 1024

// retryAfter is what a client is told to wait: as long as the gateway's own
// connection needs to try again.
const retryAfter = "2"

// write sends a document. It always has a length: old clients cannot read
// chunks.
func (g *Gateway) write(w http.ResponseWriter, r *http.Request, document []byte) {
	header := g.header(w, "text/xml; charset=utf-8")
	if len(document) > minZipped {
		header.Add("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Values("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
			document = zipped(document)
		}
	}
	header.Set("Content-Length", strconv.Itoa(len(document)))
	_, _ = w.Write(document) // a client that is gone misses it
}

// header begins the header of an answer.
func (g *Gateway) header(w http.ResponseWriter, contentType string) http.Header {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	g.part(header)
	return header
}

// part makes an answer the last one on its connection while the gateway drains.
func (g *Gateway) part(header http.Header) {
	if g.draining.Load() {
		header.Set("Connection", "close")
	}
}

// refuse answers a request that could not be read.
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var status *statusError
	var refused *DecodeError
	switch {
	case err == errEnding:
		g.away(w, errEnding)
	case err == errFull:
		g.away(w, errFull)
	case errors.As(err, &status):
		g.refuseHTTP(w, status.status, status.text)
	case errors.As(err, &refused):
		g.writeFault(w, r, notRead(refused.Fault()))
	default:
		g.writeFault(w, r, g.internal(err))
	}
}

// writeFault sends a fault, with what it has no place for in the header.
func (g *Gateway) writeFault(w http.ResponseWriter, r *http.Request, b blame) {
	tell(w.Header(), b.failure)
	g.write(w, r, AppendFault(nil, b.fault))
}

// refuseHTTP answers with a status and a line of text.
func (g *Gateway) refuseHTTP(w http.ResponseWriter, status int, text string) {
	header := g.header(w, "text/plain; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(text)+1))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // a client that is gone misses it
}

// away answers that nothing was called and that trying later may help.
func (g *Gateway) away(w http.ResponseWriter, f *wire.Failure) {
	tell(w.Header(), f)
	w.Header().Set("Retry-After", retryAfter)
	g.refuseHTTP(w, http.StatusServiceUnavailable, f.Description)
}

// notFound answers that nobody of that name is there.
func (g *Gateway) notFound(w http.ResponseWriter) {
	tell(w.Header(), wire.Failf(wire.CodeNoService, wire.No, ""))
	g.refuseHTTP(w, http.StatusNotFound, "no such service")
}

// takesGzip reports whether one of the codings a client takes is gzip.
func takesGzip(accepted []string) bool {
	for _, part := range strings.Split(strings.Join(accepted, ","), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, given := strings.CutPrefix(strings.TrimSpace(weight), "q=")
			n, err := strconv.ParseFloat(q, 64)
			return !given || (err == nil && n > 0)
		}
	}
	return false
}

// zippers are kept, because each takes a megabyte to make.
var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func zipped(document []byte) []byte {
	var out bytes.Buffer
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(&out)
	_, _ = z.Write(document) // a bytes.Buffer takes everything
	_ = z.Close()
	return out.Bytes()
}
