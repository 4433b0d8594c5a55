package exchange

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// session is the exchange's end of one link. It is the link's handler: its methods without
// another word run on the goroutine that reads the link.
type session struct {
	ex     *Exchange
	link   *link.Link
	number uint32 // zero until Hello was taken
	place  uint32 // in the exchange's table
	own    bool   // the exchange's own session

	strangers *strangerLog // of the listener it came by

	// touched by the reader only
	targets   []*target // by handle
	callers   callers
	dirty     flushes // at the end of the batch
	clock     time.Duration
	delivered uint64 // calls since the last batch ended
	frames    int    // since the last batch ended

	placed     map[uint32]*instance // by the process's handle; of some that are gone, too
	reportHead []byte               // room for one
	reports    reportCounts         // since the last batch ended
	millis     int64                // the time for people, read once in a batch

	callMu    sync.Mutex
	calls     calls       // calls to this session's instances
	instances []*instance // by place; nil where one is gone
	vacant    []uint16    // places to use again

	kept    kept         // what its instances retain
	matched atomic.Int64 // bytes of what its outlets remember of matching
	waiting backlogs     // what waits for its subscriptions

	feedMu sync.Mutex
	feeds  map[uint32]*feed
}

// errViolation is what every breach of the protocol is.
var errViolation = errors.New("protocol violation")

func violation(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errViolation}, args...)...)
}

func newSession(e *Exchange, conn net.Conn, own bool) *session {
	s := &session{ex: e, own: own, placed: map[uint32]*instance{}}
	s.link = link.New(conn, link.Options{
		Outbox:    e.limits.Outbox,
		MaxFrame:  wire.MaxHello,
		Asks:      !own,
		OnSuspect: s.onSuspect,
		OnDrain:   s.onDrain,
		OnEnd:     s.onEnd,
	})
	return s
}

// Frame handles one frame of the process. It implements link.Handler.
func (s *session) Frame(h *wire.Header, body []byte) error {
	s.frames++
	if h.Flags&wire.FlagExtended != 0 {
		return violation("an extended header, which this version does not take")
	}
	if s.number == 0 {
		return s.hello(h, body)
	}
	switch h.Kind {
	case wire.KindRequest:
		return s.request(h, body)
	case wire.KindResponse, wire.KindFailure:
		return s.answer(h, body)
	case wire.KindCancel:
		s.cancel(h)
		return nil
	case wire.KindResult:
		return s.result(h, body)
	case wire.KindCredit:
		return s.credit(h, body)
	case wire.KindForward:
		return s.forward(h, body)
	case wire.KindPublish:
		return s.publish(h, body)
	case wire.KindBeat:
		s.dirty.owe(s.link, s.link.TakeBeat(h))
		return nil
	default:
		return s.control(h, body)
	}
}

// EndBatch flushes the links that this batch has given something to write.
func (s *session) EndBatch() {
	s.flushOwed()
	s.frames, s.clock, s.millis = 0, 0, 0
	if s.delivered > 0 {
		s.ex.counts.calls.Add(s.delivered)
		s.delivered = 0
	}
	s.countReports()
}

// flushOwed writes what this batch has made its duty so far.
func (s *session) flushOwed() {
	s.dirty.write(s.frames <= 1) // a single frame: nobody else seems busy
}

// batchTime is the time on the exchange's clock, read once in a batch.
func (s *session) batchTime() time.Duration {
	if s.clock == 0 {
		s.clock = s.ex.now()
	}
	return s.clock
}

// target is what a handle is bound to, nil when it is not.
func (s *session) target(handle uint32) *target {
	if handle >= uint32(len(s.targets)) {
		return nil
	}
	return s.targets[handle]
}

// hello admits the process or turns it away.
func (s *session) hello(h *wire.Header, body []byte) error {
	if h.Kind != wire.KindHello {
		return violation("%s before Hello", h.Kind)
	}
	m, err := wire.ParseMessage(h.Kind, body)
	if err != nil {
		return err
	}
	hello := m.(*wire.Hello)
	if hello.Key == [wire.KeySize]byte{} {
		return violation("a connection key of zeros, which would displace all others who send it")
	}
	return s.ex.admit(s, hello)
}

// serve reads the link until it ends and waits for the last of its goroutines.
func (s *session) serve() error {
	s.link.Conn().SetReadDeadline(time.Now().Add(s.ex.opts.Handshake))
	return s.link.Run(s)
}

// onEnd ends the session when no frame comes any more, on the goroutine that read the link:
// its instances leave the routing, nothing more is appended to its outbox, its calls are
// told. So a retry made on lost never meets the same instance.
func (s *session) onEnd(err error) {
	s.ex.keeper.Remove(s.link)
	s.record(err)
	if s.number == 0 {
		s.farewell(err)
		return
	}
	if !s.ex.ending.Load() {
		s.ex.actAndWrite(func(c *core) []effect { return c.end(s.number, reasonOf(err)) })
	}
	s.farewell(err)
	if !s.ex.ending.Load() {
		s.endCallees()
		s.callers.close(s.abandon)
		s.EndBatch()
	}
	s.callers.forget()
	s.placed = nil
	s.targets = nil // they may lead to sessions that ended before, and those to others
	s.ex.depart(s)
}

// farewell closes the link, with a last word to a process that broke the protocol.
func (s *session) farewell(err error) {
	var version *wire.VersionError
	var limit *wire.FrameLimitError
	code := wire.CodeAborted
	switch {
	case errors.As(err, &version):
		s.link.CloseAfter(wire.AppendPreface(nil), err)
		return
	case errors.As(err, &limit):
		code = wire.CodeTooLarge
	case !brokeProtocol(err):
		s.link.Close(err)
		return
	}
	var last []byte
	if s.number == 0 {
		last = wire.AppendPreface(nil)
	}
	s.link.CloseAfter(wire.AppendMessage(last, 0, 0, &wire.Bye{Code: code, Text: err.Error(), Final: true}), err)
}

// brokeProtocol reports whether the process did something wrong, of which it is told.
func brokeProtocol(err error) bool {
	var limit *wire.FrameLimitError
	if errors.As(err, &limit) {
		return true
	}
	for _, v := range [...]error{errViolation, wire.ErrBadRequest, wire.ErrBadFailure, wire.ErrBadMessage, wire.ErrBadReport, wire.ErrShortLength} {
		if errors.Is(err, v) {
			return true
		}
	}
	return false
}

// record counts and logs the end of a link.
func (s *session) record(err error) {
	log := s.ex.log.With("session", s.number)
	switch {
	case s.number == 0 && errors.Is(err, os.ErrDeadlineExceeded):
		s.ex.counts.strangers.Add(1)
		s.strangers.note("connection turned away", fmt.Errorf("no handshake within %v: %w", s.ex.opts.Handshake, os.ErrDeadlineExceeded))
	case s.number == 0 && !isQuiet(err):
		s.ex.counts.strangers.Add(1)
		s.strangers.note("connection turned away", err)
	case errors.Is(err, io.EOF) && s.announces():
		log.Info("session lost: the process went without a goodbye", "err", err)
	case isQuiet(err):
		log.Debug("session ended", "err", err)
	case errors.Is(err, link.ErrTruncated):
		s.strangers.note("session ended inside a frame", err)
	case errors.Is(err, link.ErrSlow):
		s.ex.counts.slow.Add(1)
		log.Warn("session closed: it does not read", "err", err)
	case errors.Is(err, link.ErrFrozen), errors.Is(err, link.ErrStalled):
		s.ex.counts.frozen.Add(1)
		log.Warn("session closed: nothing came from it", "err", err)
	case brokeProtocol(err):
		s.ex.counts.violations.Add(1)
		s.strangers.note("session closed: it broke the protocol", err)
	default:
		log.Info("session lost", "err", err)
	}
}

// errGoodbye ends a session whose process said Bye.
var errGoodbye = errors.New("the process said goodbye")

// errReplaced ends a session whose key came again.
var errReplaced = errors.New("replaced by a newer connection of the same process")

// reasonOf turns the end of a link into the word of the registry.
func reasonOf(err error) wire.Reason {
	switch {
	case errors.Is(err, errGoodbye), errors.Is(err, ErrClosed):
		return wire.ReasonClosed
	case errors.Is(err, link.ErrFrozen):
		return wire.ReasonFrozen
	case errors.Is(err, link.ErrSlow):
		return wire.ReasonSlow
	case errors.Is(err, errReplaced):
		return wire.ReasonReplaced
	default:
		return wire.ReasonLost
	}
}

// endRun bounds the calls ended under one hold of a call mutex.
const endRun = 1_024

// endCallees ends the calls that were delivered to this session.
func (s *session) endCallees() {
	s.callMu.Lock()
	s.calls.close()
	s.callMu.Unlock()
	var owed flushes
	for from, more := uint32(0), true; more; {
		s.callMu.Lock()
		from, more = s.calls.drop(from, endRun, func(sl *slot) { s.conclude(sl, s.retire(sl), &lostAnswer, &owed) })
		s.callMu.Unlock()
		owed.write(true)
	}
}

// abandon cancels a call of this session that nobody waits for any more.
func (s *session) abandon(_ uint32, o *outgoing) {
	if o.isOpen() {
		s.giveUp(o, &s.dirty)
	}
}

// onSuspect runs on the keeper's or the reader's goroutine.
func (s *session) onSuspect(silent bool) {
	s.ex.actAndWrite(func(c *core) []effect { return c.suspect(s.number, silent) })
}

// put gives an instance its place in the session. It reports false when all are taken by
// instances that were withdrawn and whose calls have not been answered.
func (s *session) put(i *instance) bool {
	s.callMu.Lock()
	defer s.callMu.Unlock()
	i.accepting = true
	if n := len(s.vacant); n > 0 {
		i.place = s.vacant[n-1]
		s.vacant = s.vacant[:n-1]
		s.instances[i.place] = i
		return true
	}
	if len(s.instances) > int(^uint16(0)) {
		return false
	}
	i.place = uint16(len(s.instances))
	s.instances = append(s.instances, i)
	return true
}

// withdraw ends what put began, and puts the acknowledgement, if one is due, behind the
// last request.
func (s *session) withdraw(i *instance, ack []byte) link.Added {
	s.callMu.Lock()
	defer s.callMu.Unlock()
	i.accepting, i.gone = false, true
	s.forgetIfIdle(i)
	if ack == nil {
		return link.Queued
	}
	return s.link.AppendBytes(ack)
}

// forgetIfIdle frees the place of an instance that is gone and has no calls left. It is
// called with the call mutex held.
func (s *session) forgetIfIdle(i *instance) {
	if i.gone && i.taken == 0 {
		s.instances[i.place] = nil
		s.vacant = append(s.vacant, i.place)
	}
}

// announces reports whether the session has instances of its own.
func (s *session) announces() bool {
	s.ex.mu.Lock()
	defer s.ex.mu.Unlock()
	m := s.ex.core.sessions[s.number]
	return m != nil && len(m.placed) > 0
}

// isQuiet reports whether the end of a link is nothing to warn about.
func isQuiet(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, errGoodbye) || errors.Is(err, ErrClosed) ||
		errors.Is(err, errReplaced) || errors.Is(err, net.ErrClosed)
}
