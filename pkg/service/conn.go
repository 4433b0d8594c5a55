package service

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
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
// Its locks are taken in this order: Conn.mu, Service.mu or follower.mu, controls.mu. Those
// of the stage, the handles, the table of calls and the link are leaves. Nothing is written
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
	spare   sync.Pool               // of *call
	sweep   *sweeper
	stage   stage
	crew    crew // handlers and callbacks
	counts  connCounts

	cancel context.CancelFunc // ends dialling and waiting
	done   chan struct{}
	wg     sync.WaitGroup // the link's loop, the sweeper, the states' teller

	states states

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
	nextWatch  uint32
}

// connCounts are counters of what else would go unseen.
type connCounts struct {
	late    atomic.Uint64
	dropped atomic.Uint64
	skipped atomic.Uint64
	lost    atomic.Uint64
}

// Stats are counters of a Conn since it was made, and what it has open now.
type Stats struct {
	Pending int    // calls waiting for their outcome, or for the frame that frees their slot
	Late    uint64 // answers that came after the call had been ended here
	Dropped uint64 // outcomes of handlers that the link was gone for, and requests it left behind
	Skipped uint64 // frames of kinds this version does not know
	Lost    uint64 // links that broke
}

// Stats counts.
func (c *Conn) Stats() Stats {
	s := Stats{
		Late: c.counts.late.Load(), Dropped: c.counts.dropped.Load(),
		Skipped: c.counts.skipped.Load(), Lost: c.counts.lost.Load(),
	}
	if session := c.session.Load(); session != nil {
		s.Pending = session.calls.taken()
	}
	return s
}

// Connect makes a Conn. addr is "11111" (loopback), "host:port" or "unix:/path". It waits
// for the exchange's welcome, unless Options.Background; when ctx ends first the error is a
// Failure with code unreachable. A refusal that trying again cannot change is returned at
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
		done: make(chan struct{}), changed: make(chan struct{}),
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

// enter makes a session that has been welcomed the Conn's, and puts everything back that
// was announced and watched. It runs on the reader's goroutine.
func (c *Conn) enter(s *session) {
	c.mu.Lock()
	if c.closing {
		c.mu.Unlock()
		s.link.Close(ErrClosed)
		return
	}
	c.origin, c.trouble = s.origin, nil
	s.instances.set(wire.OwnInstance, c.own)
	c.own.placed.Store(&placement{s, s.number})
	c.session.Store(s)
	for _, w := range c.followers {
		w.begin(s)
	}
	for _, handle := range slices.Sorted(maps.Keys(c.announced)) {
		s.announcing.push(c.announced[handle])
	}
	c.change()
	c.mu.Unlock()
	s.announceMore()
	s.link.FlushNow()
	c.log.Info("connected", "exchange", c.addr, "session", s.number)
	c.states.set(true, nil)
}

// leave takes everything back that hung on a session whose link has ended. It runs on the
// reader's goroutine.
func (c *Conn) leave(s *session, reason error) {
	c.mu.Lock()
	closing := c.closing
	c.session.CompareAndSwap(s, nil)
	c.trouble = reason
	c.own.displaced(s)
	for _, i := range c.announced {
		i.displaced(s)
	}
	for _, w := range c.followers {
		w.lost(s)
	}
	c.change()
	c.mu.Unlock()
	lost := func() *wire.Failure {
		return wire.Failf(wire.CodeUnreachable, wire.Maybe, "the link to the exchange broke: %v", reason)
	}
	for _, call := range s.calls.close() {
		call.finish(lost())
	}
	s.closeControls(lost())
	c.states.set(false, reason)
	if !closing {
		c.counts.lost.Add(1)
		c.log.Warn("the link to the exchange broke", "exchange", c.addr, "err", reason)
	}
	var open []*request
	s.delivered.each(func(r *request) { open = append(open, r) })
	waiting := c.stage.drop(open, context.Canceled)
	c.counts.dropped.Add(uint64(waiting))
}

// change wakes those who wait for the link to come or go. It is called with the mutex held.
func (c *Conn) change() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Ready waits until the link is up. The error is a Failure with code unreachable when ctx
// ends first, or why the Conn has ended.
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

// unreachable is the failure of what needs the link while it is down.
func (c *Conn) unreachable() *wire.Failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := wire.Failf(wire.CodeUnreachable, wire.No, "not connected to the exchange at %s", c.addr)
	switch {
	case c.err != nil:
		f.Description += ": " + c.err.Error()
	case c.trouble != nil:
		f.Description += ": " + c.trouble.Error()
	}
	return f
}

// Done is closed when the Conn has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err is why the Conn has ended: ErrClosed, or the refusal of the exchange; nil before.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the Conn at once: open calls end as unreachable, the contexts of running
// handlers are cancelled, what is in the outbox still goes out. It waits for the Conn's own
// goroutines, a second at most, but not for handlers. It may be called many times.
func (c *Conn) Close() error {
	c.mu.Lock()
	first := !c.closing
	c.closing = true
	current := c.current
	all := c.instances()
	c.mu.Unlock()
	if first {
		for _, i := range all {
			c.stage.abandonKept(i)
		}
		c.cancel()
		if current != nil {
			current.close()
		}
	}
	c.wg.Wait()
	return nil
}

// instances lists what the Conn announces, its own hidden one first. It is called with the
// mutex held.
func (c *Conn) instances() []*instance {
	all := []*instance{c.own}
	for _, i := range c.announced {
		all = append(all, i)
	}
	return all
}

// abort cuts the link, so that nothing is waited for any more.
func (c *Conn) abort() {
	c.mu.Lock()
	c.closing = true
	current := c.current
	c.mu.Unlock()
	c.cancel()
	if current != nil {
		current.link.Close(ErrClosed)
	}
}

// close ends the link with a goodbye if it has been welcomed.
func (s *session) close() {
	if s.conn.session.Load() != s {
		s.link.Close(ErrClosed)
		return
	}
	s.link.CloseAfter(wire.AppendMessage(nil, 0, 0, &wire.Bye{Reason: wire.ReasonClosed}), ErrClosed)
}

// programStarted is when this process began, or close to it.
var programStarted = time.Now()

func describeProcess(program string) wire.Process {
	host, _ := os.Hostname()
	return wire.Process{
		PID: os.Getpid(), Host: host, User: userName(), Program: program, Started: wallMillis(programStarted),
	}
}
