package link_test

import (
	"bytes"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// transports are the kinds of connections a link is made of. "plain" is one that cannot
// be tried, as TLS will be.
var transports = []struct {
	name string
	pair func(t testing.TB) (near, far net.Conn)
}{
	{"memory", memoryPair},
	{"tcp", func(t testing.TB) (net.Conn, net.Conn) { return socketPair(t, "tcp", "127.0.0.1:0") }},
	{"unix", func(t testing.TB) (net.Conn, net.Conn) {
		return socketPair(t, "unix", filepath.Join(t.TempDir(), "s"))
	}},
	{"plain", func(t testing.TB) (net.Conn, net.Conn) {
		near, far := socketPair(t, "tcp", "127.0.0.1:0")
		return plainConn{near}, far
	}},
}

// plainConn hides what else a connection can do.
type plainConn struct{ net.Conn }

// overEach runs a test that needs no clock over every transport.
func overEach(t *testing.T, body func(t *testing.T, near, far net.Conn)) {
	for _, tr := range transports {
		t.Run(tr.name, func(t *testing.T) {
			testnet.LeakCheck(t)
			near, far := tr.pair(t)
			body(t, near, far)
		})
	}
}

func memoryPair(t testing.TB) (near, far net.Conn) {
	near, far = link.Pipe()
	closeAfter(t, near, far)
	return near, far
}

func socketPair(t testing.TB, network, address string) (near, far net.Conn) {
	t.Helper()
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	far, err = net.Dial(network, ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err = ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, near, far)
	return near, far
}

func closeAfter(t testing.TB, conns ...net.Conn) {
	t.Cleanup(func() {
		for _, c := range conns {
			c.Close()
		}
	})
}

// recorder is a handler that keeps what it gets. on, when set, is asked about each frame.
type recorder struct {
	on func(h *wire.Header, body []byte) error

	mu      sync.Mutex
	bodies  []string
	kinds   []wire.Kind
	batches int
	open    bool // a frame came after the last EndBatch
}

func (r *recorder) Frame(h *wire.Header, body []byte) error {
	r.mu.Lock()
	r.bodies = append(r.bodies, string(body))
	r.kinds = append(r.kinds, h.Kind)
	r.open = true
	r.mu.Unlock()
	if r.on != nil {
		return r.on(h, body)
	}
	return nil
}

func (r *recorder) EndBatch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches++
	r.open = false
}

// got is the bodies handed on so far.
func (r *recorder) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.bodies...)
}

// start runs l and returns what Run will return.
func start(t testing.TB, l *link.Link, h link.Handler) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- l.Run(h) }()
	t.Cleanup(func() { l.Close(nil) })
	return ended
}

// end waits for Run's answer.
func end(t testing.TB, ended <-chan error) error {
	t.Helper()
	return testnet.Receive(t, "Run to return", ended)
}

// frame is a whole frame of kind Response.
func frame(body string) []byte {
	return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse}, []byte(body))
}

// session is a preface and frames with these bodies.
func session(bodies ...string) []byte {
	b := wire.AppendPreface(nil)
	for _, body := range bodies {
		b = append(b, frame(body)...)
	}
	return b
}

// send writes b from a goroutine of its own, so that it may be more than fits.
func send(t testing.TB, c net.Conn, b []byte) {
	var wg sync.WaitGroup
	wg.Go(func() { c.Write(b) })
	t.Cleanup(func() { c.Close(); wg.Wait() })
}

// receive reads exactly len(want) bytes and compares them.
func receive(t testing.TB, c net.Conn, want []byte) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil {
		t.Fatalf("read %d of %d bytes: %v", n, len(want), err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("the %d bytes read are not those sent", len(want))
	}
}

// halfClose ends what c sends.
func halfClose(t testing.TB, c net.Conn) {
	t.Helper()
	if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
}
