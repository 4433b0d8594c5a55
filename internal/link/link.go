package link

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// DefaultOutbox is the bound of an outbox in bytes when Options do not say.
const DefaultOutbox = 8 << 20

// Reasons for which a link ends by itself.
var (
	// ErrClosed reports a link closed without a reason of its own.
	ErrClosed = errors.New("link: closed")
	// ErrFrozen reports a peer from which nothing came for Times.Dead.
	ErrFrozen = errors.New("link: the peer was silent for too long")
	// ErrSlow reports a peer that took no byte for Times.Slow, or whose outbox was full
	// when something that must not be dropped was due.
	ErrSlow = errors.New("link: the peer does not read what it is sent")
	// ErrStalled reports a peer that stopped inside a frame for Times.Stall.
	ErrStalled = errors.New("link: the peer stopped in the middle of a frame")
	// ErrTruncated reports a connection that ended inside a frame.
	ErrTruncated = errors.New("link: the connection ended inside a frame")
)

// Handler receives what a link reads. Its methods run on the goroutine of Run, one at a
// time, and must not block.
type Handler interface {
	// Frame handles one frame. body is valid until Frame returns. An error ends the link.
	Frame(h *wire.Header, body []byte) error
	// EndBatch runs after the last frame that one read brought.
	EndBatch()
}

// Options tunes a link. The zero value serves.
type Options struct {
	// Outbox bounds the bytes waiting to be written. Zero means DefaultOutbox.
	Outbox int
	// MaxFrame is the largest whole frame taken, at first. Zero means wire.MaxHello.
	MaxFrame int
	// OnSuspect is told when the peer turns suspect and when it is heard again. It runs on
	// the keeper's or the reader's goroutine. Nil is allowed.
	OnSuspect func(suspect bool)
	// OnDrain runs, without any lock, after the outbox has become empty when WantDrain was
	// called before. Nil is allowed.
	OnDrain func()
}

// Link is one connection. Its methods may be called from any goroutine, except Run, which
// is called once, and SetMaxFrame, which is for the handler.
type Link struct {
	conn  net.Conn
	reads reader
	write writer
	opts  Options

	heardAt atomic.Int64 // when the last bytes came, on the clock of now
	partial atomic.Bool  // the reader waits inside a frame
	suspect atomic.Bool
	wrote   atomic.Bool // something was written since the keeper looked
	moved   atomic.Bool // the kernel took bytes since the keeper looked
	want    atomic.Bool // OnDrain is wanted

	mu      sync.Mutex
	out     []*chunk // appended, not yet taken by a write
	waiting int      // bytes in out
	unsent  int      // bytes a write has taken and the kernel has not
	writing bool     // one goroutine is writing, or about to
	closed  bool
	err     error
	done    chan struct{}

	wg sync.WaitGroup // the overflow writer

	keep keeping // the keeper's notes, touched by its goroutine only
}

// New makes a link of a connection. Nothing is read or written before Run and Flush.
func New(conn net.Conn, opts Options) *Link {
	if opts.Outbox <= 0 {
		opts.Outbox = DefaultOutbox
	}
	if opts.MaxFrame <= 0 {
		opts.MaxFrame = wire.MaxHello
	}
	l := &Link{conn: conn, opts: opts, done: make(chan struct{})}
	l.reads.limit = opts.MaxFrame
	l.reads.source, l.write = endpoints(conn)
	l.heardAt.Store(int64(now()))
	return l
}

// Conn is the connection the link was made of, for its addresses and deadlines. It must
// not be read or written.
func (l *Link) Conn() net.Conn { return l.conn }

// SetMaxFrame changes the largest frame taken from the next one on. Only the handler may
// call it, from Frame.
func (l *Link) SetMaxFrame(n int) { l.reads.limit = n }

// Suspect reports whether the peer has been silent for Times.Suspect.
func (l *Link) Suspect() bool { return l.suspect.Load() }

// Done is closed when the link has been closed; Run may still be about to return.
func (l *Link) Done() <-chan struct{} { return l.done }

// Err is why the link was closed, nil while it is open.
func (l *Link) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Close ends the link for a reason; nil means ErrClosed. The first reason wins and later
// calls do nothing. What is in the outbox is dropped.
func (l *Link) Close(reason error) {
	if reason == nil {
		reason = ErrClosed
	}
	if l.shut(reason) {
		l.conn.Close()
	}
}

// shut marks the link closed, after which nothing more is appended. It reports whether
// this call did it.
func (l *Link) shut(reason error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.closed, l.err = true, reason
	for _, c := range l.out {
		c.release()
	}
	l.out, l.waiting = nil, 0
	close(l.done)
	return true
}

// Run reads until the link ends and returns why. It checks the peer's preface first; the
// error is then a *StrangerError or a *wire.VersionError. It closes the connection.
func (l *Link) Run(h Handler) error {
	err := l.readLoop(h)
	l.Close(err)
	l.wg.Wait()
	l.reads.release()
	return l.Err()
}

// base anchors the package's clock, which is monotonic and starts near zero.
var base = time.Now()

// now is the time on the package's clock.
func now() time.Duration { return time.Since(base) }
