package exchange

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// publishFrame publishes a value, mostly an integer, on a subject of the instance with that handle.
func publishFrame(id uint64, handle uint32, p wire.Publish, subject string, v any) []byte {
	body, ok := wire.AppendPublish(nil, &p, subject)
	if !ok {
		panic("no subject")
	}
	encoded, err := value.Marshal(v)
	if err != nil {
		panic(err)
	}
	return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindPublish, ID: id, Target: handle}, append(body, encoded...))
}

// publish publishes an integer and waits until it is in all queues.
func (p *process) publish(subject string, v int, how wire.Publish) {
	p.t.Helper()
	p.next++
	p.raw(publishFrame(p.next, 0, how, subject, v))
	p.expect(wire.KindDone)
}

// retain is a Publish whose value is kept while the publisher lives.
var retain = wire.Publish{Lifetime: wire.LifetimeOfPublisher}

// refused expects the refusal of the last control request.
func (p *process) refused(code wire.Code) *wire.Failure {
	p.t.Helper()
	f := p.expect(wire.KindRefused)
	failure := p.failure(f)
	if f.ID != p.next || failure.Code != code {
		p.t.Fatalf("request %d was refused with %v, want %d with %v", f.ID, failure, p.next, code)
	}
	return failure
}

// subscribe begins a subscription and returns when it has its Done; what is retained follows.
func (p *process) subscribe(s *wire.Subscribe) {
	p.t.Helper()
	p.ask(s)
	if f := p.expect(wire.KindDone); f.ID != p.next {
		p.t.Fatalf("done %d, want %d", f.ID, p.next)
	}
}

// subscribed begins a subscription for which nothing is retained.
func (p *process) subscribed(s *wire.Subscribe) {
	p.t.Helper()
	p.subscribe(s)
	p.heard(fmt.Sprintf("%d synced", s.ID))
}

// ofName is a subscription to the services of a name.
func ofName(id uint32, name string, patterns ...string) *wire.Subscribe {
	return &wire.Subscribe{ID: id, Scope: wire.ScopeGlob, Target: name, Patterns: patterns}
}

// heard reads as many frames of subscriptions as are wanted, and compares them.
func (p *process) heard(want ...string) {
	p.t.Helper()
	for i, w := range want {
		if got := heardText(p.t, p.read()); got != w {
			p.t.Fatalf("frame %d of %d is %q, want %q", i+1, len(want), got, w)
		}
	}
}

// heardText is a frame of a subscription in words: its number, and what it is.
func heardText(t testing.TB, f frame) string {
	t.Helper()
	switch f.Kind {
	case wire.KindReport:
		r, err := wire.ParseReport(f.body)
		if err != nil {
			t.Fatal(err)
		}
		mark := ""
		if f.Flags&wire.FlagRetained != 0 {
			mark = " retained"
		}
		return fmt.Sprintf("%d %s %s=%v%s", f.ID, r.Name, r.Subject, reported(t, r.Value), mark)
	case wire.KindGap:
		n, err := wire.ParseGap(f.body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d gap %d", f.ID, n)
	case wire.KindNotice:
		m, err := wire.ParseMessage(f.Kind, f.body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d %s", f.ID, [...]string{1: "synced", 2: "ended"}[m.(*wire.Notice).Kind])
	default:
		return f.Kind.String()
	}
}

// padded is an integer in a value of about so many bytes.
func padded(v, size int) any { return []any{v, make([]byte, size)} }

// reported is the integer of a report's value.
func reported(t testing.TB, encoded []byte) int64 {
	t.Helper()
	v, err := value.Decode(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if list, ok := v.([]any); ok {
		v = list[0]
	}
	return v.(int64)
}

// silent checks that nothing more came.
func (p *process) silent() {
	p.t.Helper()
	synctest.Wait()
	if n := len(p.frames); n > 0 {
		p.t.Errorf("%d frames came, the first %q; want none", n, heardText(p.t, p.read()))
	}
}

// trickle is a subscriber that reads as many bytes as a test lets it, and no more.
type trickle struct {
	t     testing.TB
	conn  net.Conn
	ended chan struct{}

	mu      sync.Mutex
	more    *sync.Cond
	allowed int // bytes it may read
	got     []byte
}

// newTrickle connects and subscribes, and reads nothing yet.
func newTrickle(t testing.TB, e *Exchange, subs ...*wire.Subscribe) *trickle {
	t.Helper()
	conn, err := e.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k := &trickle{t: t, conn: conn, ended: make(chan struct{})}
	k.more = sync.NewCond(&k.mu)
	opening := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [wire.KeySize]byte{9, 9}})
	for _, s := range subs {
		opening = wire.AppendMessage(opening, uint64(s.ID), 0, s)
	}
	k.send(opening)
	go k.read()
	t.Cleanup(func() { conn.Close(); k.allow(1); <-k.ended })
	synctest.Wait()
	return k
}

func (k *trickle) send(frames []byte) {
	k.t.Helper()
	if _, err := k.conn.Write(frames); err != nil {
		k.t.Fatal(err)
	}
}

// read takes what it is allowed to, until the connection is closed.
func (k *trickle) read() {
	defer close(k.ended)
	buf := make([]byte, 64<<10)
	for {
		n, err := k.conn.Read(buf[:min(len(buf), k.wait())])
		k.mu.Lock()
		k.allowed -= n
		k.got = append(k.got, buf[:n]...)
		k.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// wait waits until it is allowed something.
func (k *trickle) wait() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.allowed == 0 {
		k.more.Wait()
	}
	return k.allowed
}

func (k *trickle) allow(n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.allowed += n
	k.more.Signal()
}

// take lets it read so many bytes more, and waits until they have come or nothing else comes.
func (k *trickle) take(n int) {
	k.allow(n)
	synctest.Wait()
}

// all takes everything there is, and returns the frames that ever came.
func (k *trickle) all() []frame {
	k.t.Helper()
	k.take(1 << 40)
	k.mu.Lock()
	defer k.mu.Unlock()
	var frames []frame
	for data := k.got[wire.PrefaceSize:]; len(data) >= wire.HeaderSize; {
		h := wire.ParseHeader(data)
		size := int(h.Length) + 4
		if h.Kind != wire.KindBeat && h.Kind != wire.KindWelcome {
			frames = append(frames, frame{h, data[wire.HeaderSize:size]})
		}
		data = data[size:]
	}
	return frames
}

// number is the session's. Nothing may have been taken yet.
func (k *trickle) number() uint32 {
	k.take(wire.PrefaceSize + wire.HeaderSize)
	h := wire.ParseHeader(k.got[wire.PrefaceSize:])
	k.take(int(h.Length) + 4 - wire.HeaderSize)
	m, err := wire.ParseMessage(h.Kind, k.got[wire.PrefaceSize+wire.HeaderSize:])
	if err != nil {
		k.t.Fatal(err)
	}
	return m.(*wire.Welcome).Session
}

// tally is what a subscription got: reports that came live, those marked retained, and
// those it was told it misses.
type tally struct{ reports, retained, missing int }

// count adds up the frames of a subscription. Reports of one subject have to come in order, and
// with onlySubject every gap must be exactly as wide as what is missing there.
func count(t testing.TB, frames []frame, id uint64, onlySubject bool) (sum tally) {
	t.Helper()
	last, missing := map[string]int64{}, int64(0)
	for _, f := range frames {
		if f.ID != id {
			continue
		}
		switch f.Kind {
		case wire.KindGap:
			n, _ := wire.ParseGap(f.body)
			sum.missing += int(n)
			missing += int64(n)
		case wire.KindReport:
			r, _ := wire.ParseReport(f.body)
			v, before := reported(t, r.Value), last[string(r.Subject)]
			if again := f.Flags&wire.FlagRetained != 0 && v == before; v <= before && !again {
				t.Fatalf("%s=%d came after %d", r.Subject, v, before)
			}
			if f.Flags&wire.FlagRetained != 0 {
				sum.retained++
			} else {
				sum.reports++
				if onlySubject && v != before+1+missing {
					t.Fatalf("%s=%d came after %d and a gap of %d", r.Subject, v, before, missing)
				}
			}
			last[string(r.Subject)], missing = v, 0
		}
	}
	return sum
}

// small makes queues that a test fills quickly.
func small(l Limits) *Options {
	l.MaxFrame, l.Outbox = wire.MaxAnnounce, 448<<10
	return &Options{Limits: l}
}
