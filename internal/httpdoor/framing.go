package httpdoor

import (
	"bytes"
	"strconv"
)

// Framing watches what a client sends on one connection of HTTP/1, and spoils a request whose
// end is not sure. One has both Content-Length and Transfer-Encoding: Go's server takes it by its
// chunks. The other has Transfer-Encoding by HTTP/1.0, which does not know it: Go's server sees
// no body then, and the next request in what was sent as one. A proxy in front that goes by the
// other of the two sees another request, and so one client can put words into the mouth of the
// next. A spoiled request is answered 400 and is the last one on its connection.
//
// The zero value is ready for the first byte. It is for one goroutine at a time.
type Framing struct {
	step    step
	line    []byte // of the line that is being read
	named   bool   // the name of this header line is over
	length  []byte // of Content-Length, not yet read as a number; nil for none
	old     bool   // the request is of HTTP/1.0
	chunked bool   // there is a Transfer-Encoding; the server takes no other than chunked
	left    int64  // bytes of a body, or of a chunk, that are still to come
}

// step is what comes next on a connection.
type step uint8

const (
	stepRequest step = 0 // the line with the method
	stepHead    step = 1 // a line of the header
	stepChunk   step = 2 // the line with the size of a chunk
	stepChunked step = 3 // the end of the line behind a chunk
	stepTrailer step = 4 // a line behind the last chunk
	stepLost    step = 5 // nothing more: the server takes this for no request and closes
)

// maxLine is the longest line that is followed. The server's own limit for the whole header is
// not longer.
const maxLine = 128 << 10

// Check looks at bytes that come next. It spoils in place.
func (f *Framing) Check(p []byte) {
	for len(p) > 0 && f.step != stepLost {
		if f.left > 0 {
			n := min(f.left, int64(len(p)))
			f.left -= n
			p = p[n:]
			continue
		}
		f.take(&p[0])
		p = p[1:]
	}
}

// take follows one byte of a line.
func (f *Framing) take(b *byte) {
	switch {
	case *b == '\n':
		f.endLine(b)
		f.line, f.named = f.line[:0], false
		return
	case *b == ':' && f.step == stepHead && !f.named:
		f.named = true
		f.name(b)
	}
	if f.line = append(f.line, *b); len(f.line) > maxLine {
		f.step = stepLost
	}
}

var (
	nameLength   = []byte("content-length")
	nameEncoding = []byte("transfer-encoding")
	versionOld   = []byte(" HTTP/1.0")
)

// name looks at the name of a header field, at whose colon b is.
func (f *Framing) name(b *byte) {
	switch {
	case bytes.EqualFold(f.line, nameLength):
		if f.length = []byte{}; f.chunked {
			f.spoil(b)
		}
	case bytes.EqualFold(f.line, nameEncoding):
		if f.chunked = true; f.length != nil || f.old {
			f.spoil(b)
		}
	}
}

// spoil makes a header line unreadable.
func (f *Framing) spoil(b *byte) {
	*b = 0
	f.step = stepLost
}

func (f *Framing) endLine(b *byte) {
	line := bytes.TrimSuffix(f.line, []byte{'\r'})
	switch f.step {
	case stepRequest:
		if len(line) > 0 { // some clients send an empty line behind a body
			f.step, f.length, f.chunked = stepHead, nil, false
			f.old = bytes.HasSuffix(line, versionOld)
		}
	case stepHead:
		f.endHeadLine(line, b)
	case stepChunk:
		f.endSize(line)
	case stepChunked:
		f.step = stepChunk
	case stepTrailer:
		if len(line) == 0 {
			f.step = stepRequest
		}
	case stepLost:
	}
}

// endHeadLine looks at a whole line of the header. A length that goes on in the next line is
// spoiled: nobody who means well sends one.
func (f *Framing) endHeadLine(line []byte, b *byte) {
	if name, text, ok := bytes.Cut(line, []byte{':'}); ok && bytes.EqualFold(name, nameLength) {
		if f.length = append([]byte{}, bytes.TrimSpace(text)...); len(f.length) == 0 {
			f.spoil(b)
		}
		return
	}
	if len(line) > 0 {
		return
	}
	f.step = stepRequest
	if f.chunked {
		f.step = stepChunk
	} else if f.length != nil {
		f.left = f.number(f.length, 10)
	}
}

// endSize looks at the line with the size of a chunk.
func (f *Framing) endSize(line []byte) {
	size, _, _ := bytes.Cut(line, []byte{';'})
	f.left = f.number(bytes.TrimSpace(size), 16)
	switch {
	case f.step == stepLost:
	case f.left == 0:
		f.step = stepTrailer
	default:
		f.step = stepChunked
	}
}

// number reads a count of bytes. What is none the server does not take, either.
func (f *Framing) number(digits []byte, radix int) int64 {
	n, err := strconv.ParseUint(string(digits), radix, 63)
	if err != nil {
		f.step = stepLost
		return 0
	}
	return int64(n)
}
