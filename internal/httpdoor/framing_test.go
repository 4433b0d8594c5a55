package httpdoor_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/netsvc/netsvc/internal/httpdoor"
)

// checked is a connection's bytes as a server sees them.
type checked struct {
	io.Reader
	framing httpdoor.Framing
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.framing.Check(p[:n])
	return n, err
}

// requests reads requests as Go's server does, until one cannot be read, and returns their
// bodies.
func requests(in io.Reader) (bodies []string, err error) {
	r := bufio.NewReader(&checked{Reader: in})
	for {
		request, err := http.ReadRequest(r)
		if err != nil {
			return bodies, err
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return bodies, err
		}
		bodies = append(bodies, string(body))
	}
}

const (
	withLength  = "POST / HTTP/1.1\r\nHost: a:80\r\nContent-Length: 5\r\n\r\na\n\n:b"
	withChunks  = "POST http://a/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n3;x=\"y\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n"
	withNeither = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	withBoth    = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
)

func TestFraming(t *testing.T) {
	tests := map[string]struct {
		sent    string
		want    []string // bodies
		refused bool
	}{
		"a length":            {sent: withLength, want: []string{"a\n\n:b"}},
		"chunks":              {sent: withChunks, want: []string{"abc0123456789"}},
		"neither":             {sent: withNeither, want: []string{""}},
		"one after the other": {sent: withLength + withChunks + withNeither + withChunks, want: []string{"a\n\n:b", "abc0123456789", "", "abc0123456789"}},
		"only line feeds":     {sent: strings.ReplaceAll(withNeither, "\r", ""), want: []string{""}},
		"both":                {sent: withBoth, refused: true},
		"both, after others":  {sent: withChunks + withLength + withBoth, want: []string{"abc0123456789", "a\n\n:b"}, refused: true},
		"both, turned":        {sent: "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding:chunked\r\nCONTENT-LENGTH:0\r\n\r\n0\r\n\r\n", refused: true},
		"both, by HTTP/1.0":   {sent: strings.ReplaceAll(withBoth, "1.1", "1.0"), refused: true},
		"chunks, by HTTP/1.0": {sent: strings.ReplaceAll(withChunks, "1.1", "1.0"), refused: true},
		"chunks, HTTP/1.0 that stays": {
			sent:    strings.Replace(withChunks, "1.1\r\n", "1.0\r\nConnection: keep-alive\r\n", 1) + withNeither,
			refused: true,
		},
		"both, in two lines":  {sent: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n 5\r\n\r\n12345", refused: true},
		"both, in a body":     {sent: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + strconv.Itoa(len(withBoth)) + "\r\n\r\n" + withBoth, want: []string{withBoth}},
		"names in a value":    {sent: "POST / HTTP/1.1\r\nHost: a\r\nX: Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", want: []string{""}},
		"a size that is none": {sent: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n" + withBoth, refused: true},
		"a negative length":   {sent: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n" + withBoth, refused: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for ways, in := range map[string]io.Reader{
				"at once": strings.NewReader(test.sent), "byte by byte": iotest.OneByteReader(strings.NewReader(test.sent)),
			} {
				got, err := requests(in)
				if strings.Join(got, "|") != strings.Join(test.want, "|") || len(got) != len(test.want) {
					t.Errorf("%s: bodies = %q, want %q", ways, got, test.want)
				}
				if refused := !errors.Is(err, io.EOF); refused != test.refused {
					t.Errorf("%s: ended with %v, want it refused: %v", ways, err, test.refused)
				}
			}
		})
	}
}

// FuzzFraming: what is spoiled has both headers, and a request with both is never taken.
func FuzzFraming(f *testing.F) {
	for _, seed := range []string{withLength, withChunks, withNeither, withBoth, withLength + withBoth} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		lower := bytes.ToLower(sent)
		var framing httpdoor.Framing
		seen := bytes.Clone(sent)
		framing.Check(seen)
		reason := bytes.Contains(lower, []byte("content-length")) || bytes.Contains(sent, []byte(" HTTP/1.0"))
		if !bytes.Equal(seen, sent) && !reason {
			t.Errorf("spoiled without a length, and not by HTTP/1.0: %q became %q", sent, seen)
		}
		in := &checked{Reader: bytes.NewReader(sent)}
		head, _, found := bytes.Cut(lower, []byte("\r\n\r\n"))
		request, err := http.ReadRequest(bufio.NewReader(in))
		if err == nil && found && request.ProtoAtLeast(1, 1) && len(request.TransferEncoding) > 0 && bytes.Contains(head, []byte("\ncontent-length:")) &&
			!bytes.Contains(head, []byte("\n\n")) {
			t.Errorf("taken with both: %q", sent)
		}
	})
}

// TestFramingIsRefusedByTheServer: the answer is 400, and the connection is closed.
func TestFramingIsRefusedByTheServer(t *testing.T) {
	near, far := net.Pipe()
	server := &http.Server{Handler: http.NotFoundHandler()}
	l := &single{conn: far, closed: make(chan struct{})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	defer func() { server.Close(); <-served }()
	sent := make(chan error, 1)
	go func() { _, err := io.WriteString(near, withNeither+withBoth); sent <- err }()
	in := bufio.NewReader(near)
	for _, want := range []int{404, 400} {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != want {
			t.Errorf("status = %d, %v, want %d", response.StatusCode, err, want)
		}
	}
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("after the refusal: %v, want the end", err)
	}
	near.Close()
	<-sent
}

// single is a listener with one connection, whose framing is checked.
type single struct {
	conn   net.Conn
	closed chan struct{}
}

func (l *single) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return &checkedConn{Conn: conn}, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *single) Close() error {
	close(l.closed)
	return nil
}

func (l *single) Addr() net.Addr { return &net.UnixAddr{Net: "pipe"} }

type checkedConn struct {
	net.Conn
	framing httpdoor.Framing
}

func (c *checkedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.framing.Check(p[:n])
	return n, err
}
