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
	// Frame handles one frame. h and body are valid until Frame returns. An error ends the link.
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
	// Asks makes the link's beats ask for answers, by which RoundTrip is measured.
	Asks bool
	// OnSuspect is told when the peer turns suspect and when it is heard again, in turn and
	// one call at a time. It runs on the keeper's or on Run's goroutine, without a lock of
	// appending or closing, and must not wait for either goroutine. Nil is allowed.
	OnSuspect func(suspect bool)
	// OnDrain runs when the outbox has become empty after a WantDrain, once for it, one
	// call at a time and without any lock, on whichever goroutine wrote last. What it
	// appends is written when it returns; it must not block. Nil is allowed.
	OnDrain func()
	// OnEnd runs once, on Run's goroutine, when the last frame has been handed on. reason
	// is why the link was closed, or why Run is about to close it: to say that to the peer,
	// call CloseAfter here. Run may afterwards spend up to a second on the peer's reading of
	// that, so whoever waits for the peer is to be told now. Nil is allowed.
	OnEnd func(reason error)
}

// state is how far a link's life has come. It only grows.
type state uint8

const (
	open   state = iota
	ending       // nothing more is appended or handed on; the outbox still goes out
	closed       // the connection is closed
)

// Link is one connection. Its methods may be called from any goroutine, except Run, which
// is called once, and SetMaxFrame and SetOutbox, which are for the handler.
type Link struct {
	conn  net.Conn
	reads reader
	write writer
	opts  Options

	heardAt atomic.Int64 // when the last bytes came, on the clock of now
	partial atomic.Bool  // the reader waits inside a frame
	// a batch is being handled: what the peer says meanwhile waits for us, and its silence
	// is not its own
	handling atomic.Bool
	ended    atomic.Bool // state is not open

	telling sync.Mutex  // held while OnSuspect runs, so that its calls keep their order
	suspect atomic.Bool // changed only with telling held

	mu       sync.Mutex
	state    state
	running  bool     // Run has been called
	err      error    // why, once the state is not open
	out      []*chunk // appended, not yet taken by a write
	waiting  int      // bytes in out
	unsent   int      // bytes a write has taken and the kernel has not
	writing  bool     // one goroutine is writing, or about to
	want     bool     // OnDrain is wanted
	draining bool     // the writing goroutine is in OnDrain
	wrote    bool     // the kernel took bytes since the keeper looked
	trip     roundTrip
	flushed  chan struct{} // set while an ending link is written; closed when it has been
	done     chan struct{}
	roomy    *sync.Cond // of those in WaitRoom; nil before the first

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

// Conn is the connection the link was made of, for its addresses and its read deadline. It
// must not be read, written or closed, and its write deadline is the link's own. The read
// deadline is the handler's to set, from Frame or before Run; a read that fails by it ends
// Run.
func (l *Link) Conn() net.Conn { return l.conn }

// SetMaxFrame changes the largest frame taken from the next one on. Only the handler may
// call it, from Frame.
func (l *Link) SetMaxFrame(n int) { l.reads.limit = n }

// SetOutbox changes the bound of the outbox. Only the handler may call it, from Frame, before
// anybody else appends.
func (l *Link) SetOutbox(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opts.Outbox = n
}

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

// Run reads until the link ends and returns why, after all goroutines of the link have
// ended. It checks the peer's preface first; the error is then a *StrangerError or a
// *wire.VersionError. It closes the connection. A Frame that is being handled when the link
// is closed is the last one.
func (l *Link) Run(h Handler) error {
	l.begin()
	err := l.readLoop(h)
	if l.opts.OnEnd != nil {
		l.opts.OnEnd(l.why(err))
	}
	l.linger()
	l.Abort(err)
	l.wg.Wait()
	l.reads.release()
	return l.Err()
}

// begin notes that there is a Run to end the link.
func (l *Link) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = true
}

// why is the reason the link has, or else the given one.
func (l *Link) why(err error) error {
	if reason := l.Err(); reason != nil {
		return reason
	}
	return err
}

// base anchors the package's clock, which is monotonic and starts near zero.
var base = time.Now()

// now is the time on the package's clock.
func now() time.Duration { return time.Since(base) }
