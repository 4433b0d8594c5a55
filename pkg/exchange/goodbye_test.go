package exchange

import (
	"context"
	"encoding/binary"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// echo is a service that answers every request at once, or forwards it to another one, and
// remembers which it was given.
type echo struct {
	link    *link.Link
	forward bool

	mu     sync.Mutex
	given  map[uint64]bool
	enough chan struct{} // closed when it was given so many
}

// enoughGiven is how many calls a service is given before the exchange shuts down.
const enoughGiven = 1_000

func newEcho(forward bool) *echo {
	return &echo{forward: forward, given: map[uint64]bool{}, enough: make(chan struct{})}
}

func (s *echo) note(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given[id] = true
	if len(s.given) == enoughGiven {
		close(s.enough)
	}
}

func (s *echo) Frame(h *wire.Header, body []byte) error {
	if h.Kind != wire.KindDeliver {
		return nil
	}
	_, req, err := wire.ParseDeliver(body)
	if err != nil {
		return err
	}
	s.note(binary.LittleEndian.Uint64(req.Args))
	out := wire.Header{Kind: wire.KindResponse, ID: h.ID, Depth: h.Depth + 1}
	if s.forward {
		out.Kind = wire.KindForward
		s.link.AppendFrame(&out, append(make([]byte, 4), body[4:]...))
	} else {
		s.link.AppendFrame(&out, nilValue)
	}
	return nil
}

func (s *echo) EndBatch() { s.link.Flush() }

// flood calls without a pause and remembers what has ended.
type flood struct {
	link   *link.Link
	number uint64
	flags  uint8
	depth  uint8
	sent   uint64
	ended  map[uint64]bool
	in     bool // it was welcomed; one that came too late was not
	bye    bool
}

// floodOpen is how many calls a flood has open.
const floodOpen = 64

func (f *flood) Frame(h *wire.Header, body []byte) error {
	switch h.Kind {
	case wire.KindWelcome:
		f.in = true
		for range floodOpen {
			f.call(uint32(f.sent), 0)
		}
	case wire.KindResponse, wire.KindFailure:
		n, gen := wire.SplitCallID(h.ID)
		f.ended[f.name(n, gen)] = true
		f.call(n, gen+1)
	case wire.KindBye:
		m, err := wire.ParseMessage(h.Kind, body)
		f.bye = err == nil && m.(*wire.Bye).Reason == wire.ReasonDrained
	}
	return nil
}

func (f *flood) EndBatch() { f.link.Flush() }

// name tells the calls of all floods apart.
func (f *flood) name(n, gen uint32) uint64 { return f.number<<56 | uint64(gen)<<16 | uint64(n) }

func (f *flood) call(n, gen uint32) {
	f.sent++
	head, _ := wire.AppendRequest(nil, "m", nil)
	h := wire.Header{Kind: wire.KindRequest, Flags: f.flags, Depth: f.depth, ID: wire.CallID(n, gen), TTL: 60_000}
	f.link.AppendRequest(&h, head, binary.LittleEndian.AppendUint64(nil, f.name(n, gen)))
}

// run connects a handler to an exchange, says hello and more, and serves it to its end.
func (w *crowd) run(key string, h link.Handler, set func(*link.Link), more []byte) {
	conn, err := w.ex.Dial(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	l := link.New(conn, link.Options{MaxFrame: 1 << 20})
	set(l)
	hello := &wire.Hello{}
	copy(hello.Key[:], key)
	l.AppendBytes(append(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, hello), more...))
	l.FlushNow()
	w.ended.Go(func() { l.Run(h) })
}

// crowd is a busy exchange.
type crowd struct {
	t     *testing.T
	ex    *Exchange
	ended sync.WaitGroup
}

// What a process finds without an outcome when it reads the goodbye was not executed, in
// whatever state the goodbye met it.
func TestShutdown_GoodbyeMeansTheRestWasNotExecuted(t *testing.T) {
	for range 30 {
		ex, err := New(nil)
		if err != nil {
			t.Fatal(err)
		}
		w := &crowd{t: t, ex: ex}
		back, front := newEcho(false), newEcho(true)
		w.run("back", back, func(l *link.Link) { back.link = l }, wire.AppendMessage(nil, 1, 0, &wire.Announce{Name: "back"}))
		w.run("front", front, func(l *link.Link) { front.link = l },
			append(bindFrame(0, "back"), wire.AppendMessage(nil, 1, 0, &wire.Announce{Name: "front"})...))
		floods := []*flood{{}, {}, {depth: 1}, {flags: wire.FlagOneWay}}
		for i, f := range floods {
			f.number, f.ended = uint64(i), map[uint64]bool{}
			target := [...]string{"back", "front"}[i%2]
			w.run(target+string(rune('0'+i)), f, func(l *link.Link) { f.link = l }, bindFrame(0, target))
		}
		<-front.enough
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		ex.Shutdown(ctx)
		cancel()
		w.ended.Wait()
		for _, f := range floods {
			f.check(t, back, front)
		}
	}
}

func (f *flood) check(t *testing.T, services ...*echo) {
	t.Helper()
	if f.in && !f.bye {
		t.Errorf("caller %d was told no goodbye: %v", f.number, f.link.Err())
	}
	for _, s := range services {
		for id := range s.given {
			if id>>56 == f.number && !f.ended[id] {
				t.Fatalf("call %#x was given to a service and its caller was told no outcome before the goodbye", id)
			}
		}
	}
}

// An answer that is being handed on when the goodbye is said gets there before it, however
// the two meet: the frames of the sessions are fed by hand, so that they meet closely.
func TestShutdown_GoodbyeStandsBehindAnAnswerOnItsWay(t *testing.T) {
	f := newForwarding(t, 16)
	for round := range uint32(3_000) {
		near, far := link.Pipe()
		s := newSession(f.caller.ex, far, false)
		hello := &wire.Hello{}
		binary.LittleEndian.PutUint32(hello.Key[4:], round+1)
		if err := s.ex.admit(s, hello); err != nil {
			t.Fatal(err)
		}
		f.feed(s, bindFrame(0, "math"))
		f.feed(s, f.request)
		answer := append([]byte(nil), f.answer...)
		binary.LittleEndian.PutUint64(answer[8:], wire.CallID(0, round))
		var met sync.WaitGroup
		var begun atomic.Uint32
		met.Go(func() { begun.Store(1); f.feed(f.callee, answer) })
		for turns := 0; begun.Load() == 0 && turns < 1<<16; turns++ { // a yield would miss it
		}
		for turns := uint32(0); turns < round%500; turns++ { // a little later each time
		}
		s.endCalls()
		s.link.CloseAfter(nil, ErrClosed)
		met.Wait()
		sent, err := io.ReadAll(near)
		if err != nil {
			t.Fatal(err)
		}
		if n := terminalFrames(sent); n != 1 {
			t.Fatalf("round %d: %d outcomes before the goodbye, want 1", round, n)
		}
		s.ex.actAndWrite(func(c *core) []effect { return c.end(s.number, wire.ReasonClosed) })
		s.ex.depart(s)
		near.Close()
	}
}

// terminalFrames counts them behind a preface.
func terminalFrames(sent []byte) (n int) {
	for sent = sent[wire.PrefaceSize:]; len(sent) > 0; {
		h := wire.ParseHeader(sent)
		if h.Kind == wire.KindResponse || h.Kind == wire.KindFailure {
			n++
		}
		sent = sent[4+binary.LittleEndian.Uint32(sent):]
	}
	return n
}
