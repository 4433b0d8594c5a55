package service

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// session is one link of a Conn, from its dial to its end. It is the link's handler: the
// methods that say so run on the goroutine that reads the link. They wait for nobody but, where
// an answer of theirs finds the outbox full, for its room: an exchange never stops reading.
type session struct {
	conn  *Conn
	link  *link.Link
	calls *calls

	// set by Welcome, before the session is published by Conn.session
	origin      uint64
	number      uint32
	limits      wire.Limits
	maxFrame    int
	maxDeadline time.Duration
	keeper      *link.Keeper

	handles   handles
	controls  controls
	instances instances // what it has announced, by handle
	spare     sync.Pool // of *request

	announcing announcing
	audiences  audiences

	// touched by the reader only
	welcomed  bool
	refused   error // the exchange will say the same again
	drained   bool  // its goodbye came behind all outcomes that there will be
	delivered deliveredSlots
	batch     []*request
	freed     []uint32  // slots of calls whose terminal frames this batch has brought
	decided   []*call   // those of them that wait here
	owes      bool      // this batch has answered something itself
	clock     time.Time // read once in a batch
	scratch   []byte    // encoded answers of the reader's own, used again
}

// errViolation is what every breach of the protocol by the exchange is.
var errViolation = errors.New("protocol violation by the exchange")

func violation(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errViolation}, args...)...)
}

// errRestart ends a link whose exchange said goodbye.
var errRestart = errors.New("the exchange said goodbye")

// newSession makes the session of a fresh connection and says hello.
func newSession(c *Conn, conn net.Conn) *session {
	s := &session{conn: c}
	s.spare.New = func() any { return new(request) }
	s.link = link.New(conn, link.Options{MaxFrame: wire.MaxHello, OnSuspect: s.onSuspect, OnEnd: s.onEnd})
	hello := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &c.hello)
	s.link.AppendBytes(hello)
	return s
}

// serve reads the link until it ends and returns why.
func (s *session) serve() error {
	s.link.Conn().SetReadDeadline(time.Now().Add(handshakeTimeout))
	s.link.FlushNow()
	err := s.link.Run(s)
	if s.keeper != nil {
		s.keeper.Close()
	}
	switch {
	case s.refused != nil:
		return s.refused
	case !s.welcomed && errors.Is(err, errTimeoutRead):
		return fmt.Errorf("the exchange did not answer within %v", handshakeTimeout)
	}
	return err
}

// Frame handles one frame of the exchange. It implements link.Handler.
func (s *session) Frame(h *wire.Header, body []byte) error {
	if h.Flags&wire.FlagExtended != 0 {
		return violation("an extended header, which this version does not take")
	}
	if !s.welcomed {
		return s.greeted(h, body)
	}
	switch h.Kind {
	case wire.KindResponse, wire.KindFailure:
		return s.terminal(h, body)
	case wire.KindDeliver:
		return s.deliver(h, body)
	case wire.KindResult:
		return s.result(h, body)
	case wire.KindCredit:
		return s.credit(h, body)
	case wire.KindReport:
		return s.report(h, body)
	case wire.KindCancel:
		s.cancel(h)
		return nil
	case wire.KindBeat:
		s.owes = s.link.TakeBeat(h) == link.Flush || s.owes
		return nil
	default:
		return s.control(h, body)
	}
}

// EndBatch starts the requests and ends the calls that a batch has brought, and writes what
// was answered at once.
func (s *session) EndBatch() {
	s.admit()
	s.wakeCallers()
	if s.owes {
		s.owes = false
		s.link.Flush()
	}
	s.clock = time.Time{}
}

// wakeCallers tells callers their outcomes. Their slots are free by then, so that one who
// calls again does not meet a limit that he is the cause of himself.
func (s *session) wakeCallers() {
	if len(s.freed) == 0 {
		return
	}
	s.calls.recycle(s.freed)
	s.freed = s.freed[:0]
	for i, c := range s.decided {
		c.done <- struct{}{} // has room
		s.decided[i] = nil
	}
	s.decided = s.decided[:0]
}

// greeted takes the exchange's answer to Hello.
func (s *session) greeted(h *wire.Header, body []byte) error {
	if h.Kind != wire.KindWelcome && h.Kind != wire.KindBye {
		return violation("%s before Welcome", h.Kind)
	}
	m, err := wire.ParseMessage(h.Kind, body)
	if err != nil {
		return err
	}
	switch m := m.(type) {
	case *wire.Bye:
		return s.goodbye(m)
	case *wire.Welcome:
		return s.open(m)
	}
	return nil
}

// open begins the session's life: from now on calls may use it.
func (s *session) open(w *wire.Welcome) error {
	if w.Limits.MaxFrame < wire.MaxAnnounce || w.Session == 0 {
		return violation("a frame limit of %d bytes, session %d", w.Limits.MaxFrame, w.Session)
	}
	s.welcomed = true
	s.origin, s.number, s.limits = w.Origin, w.Session, w.Limits
	s.maxFrame = int(w.Limits.MaxFrame)
	s.maxDeadline = time.Duration(w.Limits.DeadlineMS) * time.Millisecond
	if s.maxDeadline == 0 {
		s.maxDeadline = defaultMaxDeadline
	}
	s.calls = newCalls(w.Limits.Pending)
	s.link.SetMaxFrame(s.maxFrame)
	s.link.SetOutbox(max(link.DefaultOutbox, 2*s.maxFrame)) // requests fill three quarters
	s.link.Conn().SetReadDeadline(time.Time{})
	s.keeper = link.NewKeeper(s.conn.times(w))
	s.keeper.Add(s.link)
	s.conn.enter(s)
	return nil
}

// defaultMaxDeadline is the longest deadline of a call when the exchange names none.
const defaultMaxDeadline = time.Hour

// times are the beat times of the exchange, or the Conn's own.
func (c *Conn) times(w *wire.Welcome) link.Times {
	pick := func(own time.Duration, ms uint32) time.Duration {
		if own > 0 {
			return own
		}
		return time.Duration(ms) * time.Millisecond
	}
	return link.Times{
		Beat:    pick(c.opts.Beat, w.BeatMS),
		Suspect: pick(c.opts.Suspect, w.SuspectMS),
		Dead:    pick(c.opts.Dead, w.DeadMS),
	}
}

// terminal takes the one terminal frame of a call.
func (s *session) terminal(h *wire.Header, body []byte) error {
	c, ok := s.calls.end(h.ID)
	if !ok {
		return violation("an answer to a call that is not open")
	}
	n, _ := wire.SplitCallID(h.ID)
	s.freed = append(s.freed, n)
	if c == nil {
		s.conn.counts.late.Add(1)
		return nil
	}
	s.decided = append(s.decided, c)
	c.instance = h.Target
	if h.Kind == wire.KindResponse {
		c.streamed = h.Flags&wire.FlagStream != 0
		c.respond(body)
		return nil
	}
	f, err := wire.ParseFailure(h.Flags, body)
	if err != nil {
		f = wire.Failf(wire.CodeUnknown, wire.Maybe, "a failure that cannot be read: %v", err)
	}
	c.failure = f
	return nil
}

// turnedAway is why an exchange did not let the process in, this time: it is full, or about
// to end. It is no *Failure, because those are final.
type turnedAway struct {
	code wire.Code
	text string
}

func (e *turnedAway) Error() string { return e.code.String() + ": " + e.text }

// goodbye ends the link for the exchange's reason.
func (s *session) goodbye(b *wire.Bye) error {
	s.drained = b.Reason == wire.ReasonDrained
	switch {
	case b.Final:
		s.refused = &wire.Failure{Code: b.Code, Delivered: wire.No, Description: b.Text}
		return s.refused
	case !s.welcomed && b.Code != 0:
		return &turnedAway{code: b.Code, text: b.Text}
	}
	return fmt.Errorf("%w: %s", errRestart, b.Text)
}

// onSuspect runs on the keeper's or the reader's goroutine.
func (s *session) onSuspect(silent bool) {
	if silent {
		s.conn.log.Warn("nothing comes from the exchange", "exchange", s.conn.addr)
	} else {
		s.conn.log.Info("the exchange is heard again", "exchange", s.conn.addr)
	}
}

// onEnd runs on the reader's goroutine when the last frame has been handled. Nothing is sent from
// now on: leave ends the contexts of handlers, and what they make of that is no answer to a caller
// who has not given up.
func (s *session) onEnd(reason error) {
	s.link.Close(reason)
	if s.welcomed {
		s.conn.leave(s, reason)
	}
}
