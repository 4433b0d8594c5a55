package exchange

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// ErrClosed reports an exchange that has been closed.
var ErrClosed = errors.New("exchange: closed")

// Options tunes an Exchange. Nil or the zero value is ready for production.
type Options struct {
	// Beat is how often each end of a link says something at least. Zero means 2 s.
	Beat time.Duration
	// Suspect is the silence after which a process gets no new calls. Zero means 4.5 s.
	Suspect time.Duration
	// Dead is the silence after which its session is ended. Zero means 14.5 s.
	Dead time.Duration
	// Stall is the silence inside a frame that ends a session. Zero means 10 s.
	Stall time.Duration
	// Slow is how long a process may take no byte of what waits for it. Zero means 15 s.
	Slow time.Duration
	// Handshake is how long a connection may take to say Hello. Zero means 5 s.
	Handshake time.Duration
	// Limits bound what sessions may take.
	Limits Limits
	// Software names the exchange to its clients and in its own registry entry.
	Software string
	// Logger receives a record for each session that ends badly and each listener's
	// trouble, and at debug level for every session and every instance that comes or goes.
	// Nil means discard.
	Logger *slog.Logger
}

// withDefaults checks the options and fills what is zero.
func (o *Options) withDefaults() (Options, error) {
	var out Options
	if o != nil {
		out = *o
	}
	if out.Handshake <= 0 {
		out.Handshake = 5 * time.Second
	}
	if out.Logger == nil {
		out.Logger = slog.New(slog.DiscardHandler)
	}
	out.Limits = out.Limits.withDefaults()
	t := out.times()
	out.Beat, out.Suspect, out.Dead, out.Stall, out.Slow = t.Beat, t.Suspect, t.Dead, t.Stall, t.Slow
	if !(t.Beat < t.Suspect && t.Suspect < t.Dead) {
		return out, fmt.Errorf("exchange: beat %v, suspect %v and dead %v must grow in this order", t.Beat, t.Suspect, t.Dead)
	}
	if out.Limits.MaxFrame < wire.MaxAnnounce || link.RequestBound(out.Limits.Outbox) < out.Limits.MaxFrame {
		return out, fmt.Errorf("exchange: a frame limit of %d needs at least %d, and three quarters of an outbox of %d at least the frame limit",
			out.Limits.MaxFrame, wire.MaxAnnounce, out.Limits.Outbox)
	}
	return out, nil
}

func (o *Options) times() link.Times {
	return link.Times{Beat: o.Beat, Suspect: o.Suspect, Dead: o.Dead, Stall: o.Stall, Slow: o.Slow}.WithDefaults()
}

// Exchange is the process that all others stay connected to, as an object.
type Exchange struct {
	opts       Options
	limits     Limits
	origin     uint64
	deadlineMS uint32
	tooLarge   answer    // to a request over the limit of a frame
	tooMany    answer    // to one over the limit of open calls
	started    time.Time // anchors the exchange's clock
	log        *slog.Logger

	keeper *link.Keeper
	clock  deadlines
	counts totals
	sweep  sweep
	table  sessionTable

	draining atomic.Bool
	ending   atomic.Bool   // all sessions end at once: none is told of another's end
	moving   atomic.Int64  // forwards under way, whose calls hold no slot
	moved    atomic.Uint64 // forwards begun
	stop     chan struct{} // closed by Close: the clock and the house end
	done     chan struct{} // closed when everything has ended
	once     sync.Once
	wg       sync.WaitGroup // the clock, the house, the listeners and the sessions

	mu        sync.Mutex // guards the core and what follows it
	core      *core
	sessions  map[uint32]*session
	instances map[uint32]*instance
	targets   map[key]*target

	subscriptions map[subID]*subscription
	listeners     map[net.Listener]struct{}
	opening       map[*session]struct{} // connections, also those without Hello
	closed        bool
}

// New makes an exchange and starts its clock. It listens nowhere yet. Close ends it.
func New(opts *Options) (*Exchange, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Exchange{
		opts: o, limits: o.Limits, origin: newOrigin(), started: time.Now(), log: o.Logger,
		deadlineMS: wire.Millis(o.Limits.Deadline),
		tooLarge: newAnswer(wire.Failf(wire.CodeTooLarge, wire.No,
			"the request is over the limit of %d bytes for a frame", o.Limits.MaxFrame)),
		tooMany: newAnswer(wire.Failf(wire.CodeBusy, wire.No,
			"the session has its limit of %d open calls", o.Limits.Pending)),
		keeper: link.NewKeeper(o.times()),
		clock:  deadlines{alarm: make(chan struct{}, 1)},
		table:  newSessionTable(o.Limits.Sessions + maxGuests),
		sweep:  sweep{alarm: make(chan struct{}, 1), instances: map[*instance]struct{}{}},
		stop:   make(chan struct{}), done: make(chan struct{}), subscriptions: map[subID]*subscription{},
		sessions: map[uint32]*session{}, instances: map[uint32]*instance{}, targets: map[key]*target{},
		listeners: map[net.Listener]struct{}{}, opening: map[*session]struct{}{},
	}
	e.core = newCore(o.Limits, e.origin)
	e.wg.Go(e.keepTime)      // ends when Close closes e.stop
	e.wg.Go(e.sweepRetained) // ends when Close closes e.stop
	if err := e.openHouse(); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// newOrigin draws the number that tells this exchange from all others.
func newOrigin() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:]) | 1 // never zero
}

// Origin is the random number that tells this exchange's addresses from those of others,
// its predecessor on the same port included.
func (e *Exchange) Origin() uint64 { return e.origin }

// now is the time on the exchange's clock, which is monotonic and begins at 1 s, so that
// zero stands for no time.
func (e *Exchange) now() time.Duration { return time.Since(e.started) + time.Second }

// openCalls is the number of calls that hold a slot.
func (e *Exchange) openCalls() int {
	n := 0
	for i := range e.table.places {
		if s := e.table.places[i].Load(); s != nil {
			n += int(s.calls.taken.Load())
		}
	}
	return n
}

// admit takes a process in: it gets its number, its place and its Welcome.
func (e *Exchange) admit(s *session, hello *wire.Hello) error {
	e.mu.Lock()
	r := run{e: e}
	e.core.now = wallMillis()
	number, failure, effects := e.core.connect(hello, s.own)
	if failure == nil {
		e.enter(s, number)
		r.added(s, s.link.AppendBytes(e.welcome(number)))
	}
	r.apply(effects)
	r.finish()
	e.mu.Unlock()
	r.farewells()
	r.record()
	r.dirty.write(true)
	if failure != nil {
		s.turnAway(failure)
		return failure
	}
	e.log.Debug("session began", "session", number, "program", clip(hello.Process.Program), "pid", hello.Process.PID,
		"from", s.link.Conn().RemoteAddr())
	e.counts.sessions.Add(1)
	e.keeper.Add(s.link)
	return nil
}

// enter makes a session known to the data plane. It is called with the mutex held.
func (e *Exchange) enter(s *session, number uint32) {
	s.number = number
	e.sessions[number] = s
	e.table.put(s)
	s.link.SetMaxFrame(e.limits.MaxFrame)
	s.link.Conn().SetReadDeadline(time.Time{})
}

// welcome is the preface and the Welcome of a session, in one piece.
func (e *Exchange) welcome(number uint32) []byte {
	return wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Welcome{
		Session: number, Origin: e.origin, Limits: e.limits.onWire(),
		BeatMS: wire.Millis(e.opts.Beat), SuspectMS: wire.Millis(e.opts.Suspect), DeadMS: wire.Millis(e.opts.Dead),
		Software: e.opts.Software,
	})
}

// turnAway tells a process why it is not let in, and closes.
func (s *session) turnAway(f *wire.Failure) {
	bye := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Bye{
		Code: f.Code, Text: f.Description, Final: f.Code == wire.CodeDenied,
	})
	s.link.CloseAfter(bye, f)
}

// depart forgets a session whose calls have all been ended.
func (e *Exchange) depart(s *session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sessions, s.number)
	e.table.remove(s)
}

// Close ends the exchange at once: open calls end as their callers see the link break, and
// not as lost, whichever session happens to end first. It waits for all its goroutines and may be called many times.
func (e *Exchange) Close() error {
	e.once.Do(e.close)
	<-e.done
	return nil
}

func (e *Exchange) close() {
	e.closeListeners()
	e.ending.Store(true)
	close(e.stop)
	e.mu.Lock()
	e.closed = true
	opening := make([]*session, 0, len(e.opening))
	for s := range e.opening {
		opening = append(opening, s)
	}
	e.mu.Unlock()
	for _, s := range opening {
		s.link.Close(ErrClosed)
	}
	e.keeper.Close()
	e.wg.Wait()
	close(e.done)
}

// Done is closed when the exchange has ended.
func (e *Exchange) Done() <-chan struct{} { return e.done }

// Err is ErrClosed when the exchange has ended, nil before.
func (e *Exchange) Err() error {
	select {
	case <-e.done:
		return ErrClosed
	default:
		return nil
	}
}
