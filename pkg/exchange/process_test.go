package exchange

import (
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// frame is what a process received, in a form that outlives the batch.
type frame struct {
	wire.Header
	body []byte
}

// process is a scripted process at the other end of a link: it sends exactly what a test
// says and keeps what comes.
type process struct {
	t       *testing.T
	ex      *Exchange // set by connect
	link    *link.Link
	frames  chan frame
	ended   chan error
	welcome wire.Welcome
	next    uint64                               // id of control requests
	onBeat  atomic.Pointer[func(h *wire.Header)] // nil ignores them
}

// Frame implements link.Handler.
func (p *process) Frame(h *wire.Header, body []byte) error {
	if h.Kind == wire.KindBeat {
		if on := p.onBeat.Load(); on != nil {
			(*on)(h)
		}
		return nil
	}
	p.frames <- frame{*h, append([]byte(nil), body...)}
	return nil
}

// EndBatch implements link.Handler.
func (p *process) EndBatch() {}

// newExchange makes an exchange that the test closes at its end.
func newExchange(t *testing.T, opts *Options) *Exchange {
	t.Helper()
	e, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// connect opens a session by the handshake of PROTOCOL.md.
func connect(t *testing.T, e *Exchange, key string) *process {
	t.Helper()
	conn, err := e.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := converse(t, conn, key)
	p.ex = e
	return p
}

// converse opens a session over a connection.
func converse(t *testing.T, conn net.Conn, key string) *process {
	t.Helper()
	p := attach(t, conn)
	hello := &wire.Hello{Process: wire.Process{PID: 7, Program: key}}
	copy(hello.Key[:], key)
	p.raw(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, hello))
	p.message(wire.KindWelcome, &p.welcome)
	return p
}

// attach reads a connection without saying anything.
func attach(t *testing.T, conn net.Conn) *process {
	p := &process{t: t, link: link.New(conn, link.Options{MaxFrame: 8 << 20}), frames: make(chan frame, 100_000), ended: make(chan error, 1)}
	go func() { p.ended <- p.link.Run(p) }()
	t.Cleanup(func() { p.link.Close(nil); <-p.link.Done() })
	return p
}

func (p *process) raw(frames []byte) {
	p.t.Helper()
	if a := p.link.AppendBytes(frames); !a.Taken() {
		p.t.Fatalf("append = %v", a)
	}
	p.link.FlushNow()
}

// patience is how long a test waits for what must come; in a bubble it is virtual.
const patience = 30 * time.Second

// read returns the next frame but for beats.
func (p *process) read() frame {
	p.t.Helper()
	select {
	case f := <-p.frames:
		return f
	case <-time.After(patience):
		p.t.Fatal("no frame came")
	}
	panic("not reached")
}

// expect returns the next frame, which must be of the kind.
func (p *process) expect(k wire.Kind) frame {
	p.t.Helper()
	f := p.read()
	if f.Kind != k {
		what := ""
		if f.Kind == wire.KindFailure || f.Kind == wire.KindRefused {
			what = fmt.Sprint(": ", p.failure(f))
		}
		p.t.Fatalf("got %s%s, want %s", f.Kind, what, k)
	}
	return f
}

// message reads the next frame into m.
func (p *process) message(k wire.Kind, m wire.Message) frame {
	p.t.Helper()
	f := p.expect(k)
	parsed, err := wire.ParseMessage(k, f.body)
	if err != nil {
		p.t.Fatal(err)
	}
	switch m := m.(type) {
	case *wire.Welcome:
		*m = *parsed.(*wire.Welcome)
	case *wire.Announced:
		*m = *parsed.(*wire.Announced)
	case *wire.Bye:
		*m = *parsed.(*wire.Bye)
	case *wire.Described:
		*m = *parsed.(*wire.Described)
	default:
		p.t.Fatalf("unexpected %T", m)
	}
	return f
}

// ends waits until the exchange has closed the link.
func (p *process) ends() error {
	p.t.Helper()
	select {
	case err := <-p.ended:
		return err
	case <-time.After(patience):
		p.t.Fatal("the link is open")
	}
	return nil
}

// ask sends a control request.
func (p *process) ask(m wire.Message) {
	p.t.Helper()
	p.next++
	p.raw(wire.AppendMessage(nil, p.next, 0, m))
}

// announce announces an instance and returns its number.
func (p *process) announce(a *wire.Announce) uint32 {
	p.t.Helper()
	p.ask(a)
	var m wire.Announced
	p.message(wire.KindAnnounced, &m)
	return m.Number
}

func (p *process) bind(handle uint32, target string) {
	p.t.Helper()
	p.raw(wire.AppendMessage(nil, 0, 0, &wire.Bind{Handle: handle, Target: target}))
}

// requestFrame is a call of a method without arguments.
func requestFrame(slot, gen, handle uint32, method string, ttl time.Duration) []byte {
	h := wire.Header{Kind: wire.KindRequest, ID: wire.CallID(slot, gen), Target: handle, TTL: wire.Millis(ttl)}
	head, _ := wire.AppendRequest(nil, method, nil)
	return wire.AppendFrame(nil, &h, append(head, 0x80))
}

// call sends a request on a slot.
func (p *process) call(slot, gen, handle uint32, method string) {
	p.t.Helper()
	p.raw(requestFrame(slot, gen, handle, method, 20*time.Second))
}

// deliver expects a request and returns the id to answer.
func (p *process) deliver() frame {
	p.t.Helper()
	return p.expect(wire.KindDeliver)
}

// answer answers a delivered call with an encoded value.
func (p *process) answer(id uint64, v []byte) {
	p.t.Helper()
	p.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, ID: id}, v))
}

func (p *process) failure(f frame) *wire.Failure {
	p.t.Helper()
	failure, err := wire.ParseFailure(f.Flags, f.body)
	if err != nil {
		p.t.Fatal(err)
	}
	return failure
}

// fails expects the failure of a call.
func (p *process) fails(slot, gen uint32, code wire.Code, d wire.Delivered) *wire.Failure {
	p.t.Helper()
	f := p.expect(wire.KindFailure)
	if f.ID != wire.CallID(slot, gen) {
		p.t.Fatalf("failure of call %#x, want %#x", f.ID, wire.CallID(slot, gen))
	}
	failure := p.failure(f)
	if failure.Code != code || failure.Delivered != d {
		p.t.Fatalf("call failed with %v, delivered %v; want %v, %v", failure, failure.Delivered, code, d)
	}
	return failure
}

// events reads n events of a watch.
func (p *process) events(n int) []string {
	p.t.Helper()
	var out []string
	for len(out) < n {
		f := p.expect(wire.KindEvents)
		m, err := wire.ParseMessage(f.Kind, f.body)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, raw := range m.(*wire.Events).Events {
			e, err := wire.DecodeEvent(raw)
			if err != nil {
				p.t.Fatal(err)
			}
			s := e.Kind.String()
			if e.Info != nil {
				s += " " + wire.Address{Name: e.Info.Name, Number: e.Info.Number}.String()
			}
			if e.Group != "" {
				s += " " + e.Group
			}
			if e.Reason != 0 {
				s += " " + e.Reason.String()
			}
			out = append(out, s)
		}
	}
	return out
}

// house calls a method of `_exchange` on slot 60000 and decodes the result into v.
func (p *process) house(method string, v any) {
	p.t.Helper()
	p.bind(16000, "_exchange")
	p.call(60000, uint32(p.next), 16000, method)
	p.next++
	f := p.expect(wire.KindResponse)
	if err := value.Unmarshal(f.body, v); err != nil {
		p.t.Fatal(err)
	}
}
