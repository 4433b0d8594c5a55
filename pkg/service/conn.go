package service

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// ErrClosed reports a Conn or a Watch that has been closed.
var ErrClosed = errors.New("service: closed")

// Conn is a process's connection to an exchange. It connects, and connects again when the
// link breaks, until it is closed.
//
// Its locks are taken in this order: rosters.mu; Conn.mu; Service.mu, follower.mu or
// Subscription.mu; audience.mu, roster.mu or controls.mu. Those of the stage, the handles, the
// tables of calls and of subscriptions, and the link are leaves. Nothing is written
// and no func of the user's is called while one is held.
type Conn struct {
	opts    Options
	addr    string
	dial    dialer
	log     *slog.Logger
	started time.Time // anchors the Conn's clock
	hello   wire.Hello
	own     *instance // the session's hidden one

	session atomic.Pointer[session] // nil while the link is down
	wrapped atomic.Pointer[Handler] // the middleware, as one; nil without any
	spare   sync.Pool               // of *call
	sweep   *sweeper
	stage   stage
	crew    crew // handlers and callbacks
	counts  connCounts
	rosters rosters

	cancel context.CancelFunc // ends dialling and waiting
	done   chan struct{}
	wg     sync.WaitGroup // the link's loop, the sweeper, the states' teller

	states states

	nextWatch     atomic.Uint32
	subscriptions subscriptions
	unwritten     chan struct{} // room for one: reports wait in the outbox

	mu         sync.Mutex
	current    *session // from its dial on, also before its welcome
	closing    bool     // Close or Shutdown has been called
	changed    chan struct{}
	trouble    error // why the link is down
	err        error // why the Conn has ended
	origin     uint64
	announced  map[uint32]*instance // by handle
	nextHandle uint32
	followers  map[uint32]*follower
	middleware []Middleware
}

// Connect makes a Conn. addr is "11111" (loopback), "host:port" or "unix:/path". It waits
// for the exchange's welcome, unless Options.Background; when ctx ends first the error is a
// Failure with code unreachable, or busy or draining when the exchange said that. A refusal that trying again cannot change is returned at
// once: a *Failure, a *wire.VersionError, or an error that is wire.ErrNotNetsvc. After
// Connect has returned, ctx has no say any more; Close ends the Conn.
func Connect(ctx context.Context, addr string, opts *Options) (*Conn, error) {
	c, err := newConn(addr, opts)
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	c.wg.Go(func() { c.run(running) }) // ends by Close, or when the exchange refuses for good
	c.wg.Go(c.keepDeadlines)           // ends when run does
	c.wg.Go(c.tellStates)              // ends when run does
	c.wg.Go(c.writeReports)            // ends when run does
	if c.opts.Background {
		return c, nil
	}
	if err := c.Ready(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func newConn(addr string, opts *Options) (*Conn, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	dial, err := dialerOf(addr, o.Dial)
	if err != nil {
		return nil, err
	}
	c := &Conn{
		opts: o, addr: addr, dial: dial, log: o.Logger, started: time.Now(), sweep: newSweeper(),
		done: make(chan struct{}), changed: make(chan struct{}), unwritten: make(chan struct{}, 1),
		announced: map[uint32]*instance{}, followers: map[uint32]*follower{},
	}
	c.stage.crew = &c.crew
	c.spare.New = func() any { return newCall() }
	c.hello = wire.Hello{Process: describeProcess(o.Program), Library: "netsvc-go"}
	if o.Beat > 0 {
		c.hello.BeatMS = wire.Millis(o.Beat)
	}
	rand.Read(c.hello.Key[:])
	c.own = newOwn(c)
	c.states.init()
	return c, nil
}

// now is the time on the Conn's clock. It begins at 1 s, so that zero stands for no time.
func (c *Conn) now() time.Duration { return time.Since(c.started) + time.Second }

// Ready waits until the link is up. The error is a Failure as Connect's when ctx ends first,
// or why the Conn has ended.
func (c *Conn) Ready(ctx context.Context) error {
	for {
		c.mu.Lock()
		changed, err := c.changed, c.err
		c.mu.Unlock()
		switch {
		case err != nil:
			return err
		case c.session.Load() != nil:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return c.unreachable()
		}
	}
}

// Connected reports whether the link is up.
func (c *Conn) Connected() bool { return c.session.Load() != nil }

// Address is that of the connection's own hidden instance, such as @7: the caller in all
// its requests. It is zero while the link is down.
func (c *Conn) Address() Address {
	s := c.session.Load()
	if s == nil {
		return Address{}
	}
	return Address{Origin: s.origin, Number: s.number}
}

// lastOrigin is that of the exchange connected to now or last, zero before the first.
func (c *Conn) lastOrigin() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.origin
}

// unreachable is the failure of what needs the link while it is down: that of an exchange
// which turned the connection away, where there is one.
func (c *Conn) unreachable() *wire.Failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.noLink(c.err)
	}
	return c.noLink(c.trouble)
}

// noLink is the failure of what needs the link that err keeps down, which may be nil.
func (c *Conn) noLink(err error) *wire.Failure {
	var away *turnedAway
	switch {
	case errors.As(err, &away):
		return wire.Failf(away.code, wire.No, "the exchange at %s lets nobody in: %s", c.addr, away.text)
	case err != nil:
		return wire.Failf(wire.CodeUnreachable, wire.No, "not connected to the exchange at %s: %v", c.addr, err)
	}
	return wire.Failf(wire.CodeUnreachable, wire.No, "not connected to the exchange at %s", c.addr)
}

// Done is closed when the Conn has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err is why the Conn has ended: ErrClosed, or the refusal of the exchange; nil before.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// programStarted is when this process began, or close to it.
var programStarted = time.Now()

func describeProcess(program string) wire.Process {
	host, _ := os.Hostname()
	return wire.Process{
		PID: os.Getpid(), Host: host, User: userName(), Program: program, Started: wallMillis(programStarted),
	}
}
