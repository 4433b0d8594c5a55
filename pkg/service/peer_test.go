package service_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// script is an exchange that does what a test tells it. Each dial of it makes a peer.
type script struct {
	t       testing.TB
	welcome wire.Welcome
	silent  bool       // answers no Hello
	bye     *wire.Bye  // answers Hello, instead of Welcome
	dialErr error      // what dialling gets
	peers   chan *peer // one for each dial
	mu      sync.Mutex
	dials   int
	wg      sync.WaitGroup
}

const testOrigin = 0xabc

func newScript(t testing.TB) *script {
	return &script{t: t, peers: make(chan *peer, 64), welcome: wire.Welcome{
		Session: 7, Origin: testOrigin, BeatMS: 2000, SuspectMS: 4500, DeadMS: 14500,
		Limits: wire.Limits{
			MaxFrame: 4 << 20, Outbox: 8 << 20, Pending: 65536, Instances: 1024, Handles: 16384,
			Watches: 1024, Groups: 64, Methods: 1024, DeadlineMS: 3_600_000,
		},
	}}
}

// dial is for Options.Dial.
func (s *script) dial(context.Context) (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dials++
	if s.dialErr != nil {
		return nil, s.dialErr
	}
	near, far := link.Pipe()
	s.peers <- s.serve(far)
	return near, nil
}

func (s *script) serve(conn net.Conn) *peer {
	p := &peer{t: s.t, script: s, frames: make(chan frame, 100_000)}
	p.link = link.New(conn, link.Options{MaxFrame: 16 << 20, Outbox: 64 << 20})
	s.wg.Go(func() { p.ended = p.link.Run(p); close(p.frames) })
	return p
}

// set changes the script between dials.
func (s *script) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *script) dialled() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dials
}

// peer is the exchange's end of one link.
type peer struct {
	t      testing.TB
	script *script
	link   *link.Link
	frames chan frame
	hello  wire.Hello
	ended  error
	paused atomic.Pointer[chan struct{}] // closed by resume
}

type frame struct {
	wire.Header
	body []byte
}

// Frame answers Hello by the script and keeps all other frames for the test.
func (p *peer) Frame(h *wire.Header, body []byte) error {
	if h.Kind == wire.KindHello {
		return p.greet(body)
	}
	if paused := p.paused.Load(); paused != nil {
		<-*paused
	}
	if h.Kind != wire.KindBeat {
		p.frames <- frame{*h, append([]byte(nil), body...)}
	}
	return nil
}

func (p *peer) EndBatch() { p.link.FlushNow() }

func (p *peer) greet(body []byte) error {
	m, err := wire.ParseMessage(wire.KindHello, body)
	if err != nil {
		return err
	}
	p.hello = *m.(*wire.Hello)
	p.script.mu.Lock()
	defer p.script.mu.Unlock()
	switch {
	case p.script.silent:
	case p.script.bye != nil:
		p.link.AppendBytes(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, p.script.bye))
	default:
		w := p.script.welcome
		p.link.AppendBytes(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &w))
	}
	return nil
}

// next waits for the next frame.
func (p *peer) next() frame {
	p.t.Helper()
	select {
	case f, ok := <-p.frames:
		if !ok {
			p.t.Fatalf("the link has ended (%v) where a frame was due", p.ended)
		}
		return f
	case <-time.After(time.Minute):
		p.t.Fatal("no frame came for a minute")
	}
	return frame{}
}

// expect waits for the next frame, which must be of a kind.
func (p *peer) expect(k wire.Kind) frame {
	p.t.Helper()
	f := p.next()
	if f.Kind != k {
		p.t.Fatalf("got a frame of kind %s, want %s", f.Kind, k)
	}
	return f
}

// message is expect for a frame of the control plane.
func message[M wire.Message](p *peer, k wire.Kind) (M, frame) {
	p.t.Helper()
	f := p.expect(k)
	m, err := wire.ParseMessage(k, f.body)
	if err != nil {
		p.t.Fatal(err)
	}
	return m.(M), f
}

// quiet checks that no frame waits.
func (p *peer) quiet() {
	p.t.Helper()
	select {
	case f, ok := <-p.frames:
		if ok {
			p.t.Errorf("got a frame of kind %s, want none", f.Kind)
		}
	default:
	}
}

// request is a Request as the exchange reads it.
type request struct {
	frame
	method, headers string
	args            []any
}

func (p *peer) request() request {
	p.t.Helper()
	f := p.expect(wire.KindRequest)
	r, err := wire.ParseRequest(f.body)
	if err != nil {
		p.t.Fatal(err)
	}
	args, err := value.ReadArgs(r.Args)
	if err != nil {
		p.t.Fatal(err)
	}
	return request{frame: f, method: string(r.Method), headers: string(r.Headers), args: args.Decode()}
}

// bound checks that a target is bound and returns its handle.
func (p *peer) bound(target string) uint32 {
	p.t.Helper()
	b, _ := message[*wire.Bind](p, wire.KindBind)
	if b.Target != target {
		p.t.Fatalf("bound %q, want %q", b.Target, target)
	}
	return b.Handle
}

func (p *peer) send(frames []byte) {
	p.t.Helper()
	if !p.link.AppendBytes(frames).Taken() {
		p.t.Fatal("the link took no frame")
	}
	p.link.FlushNow()
}

// respond answers a call.
func (p *peer) respond(id uint64, instance uint32, v any) {
	p.t.Helper()
	encoded, err := value.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	p.send(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, ID: id, Target: instance}, encoded))
}

func (p *peer) fail(id uint64, instance uint32, f *wire.Failure) {
	p.t.Helper()
	p.send(wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: id, Target: instance}, f))
}

func (p *peer) done(f frame) {
	p.t.Helper()
	p.send(wire.AppendHeader(nil, &wire.Header{Kind: wire.KindDone, ID: f.ID}, 0))
}

func (p *peer) refuse(f frame, failure *wire.Failure) {
	p.t.Helper()
	p.send(wire.AppendFailure(nil, wire.Header{Kind: wire.KindRefused, ID: f.ID}, failure))
}

// announced takes an Announce and gives the instance a number.
func (p *peer) announced(number uint32) *wire.Announce {
	p.t.Helper()
	a, f := message[*wire.Announce](p, wire.KindAnnounce)
	p.send(wire.AppendMessage(nil, f.ID, 0, &wire.Announced{Number: number, Hash: value.HashMethods(a.Methods), Rev: 1}))
	return a
}

// delivery is a request to one of the process's instances.
type delivery struct {
	id       uint64
	instance uint32
	method   string
	args     []any
	rawArgs  []byte
	headers  []byte
	ttl      time.Duration // zero: a minute
	depth    uint8
	flags    uint8
}

const testCaller = 99

func (p *peer) deliver(d delivery) {
	p.t.Helper()
	p.send(appendDelivery(p.t, nil, d))
}

func appendDelivery(t testing.TB, dst []byte, d delivery) []byte {
	t.Helper()
	body, ok := wire.AppendRequest(nil, d.method, d.headers)
	if !ok {
		t.Fatalf("no request of method %q", d.method)
	}
	args := d.rawArgs
	if args == nil {
		var err error
		if args, err = value.AppendArgs(nil, d.args); err != nil {
			t.Fatal(err)
		}
	}
	if d.ttl == 0 {
		d.ttl = time.Minute
	}
	h := wire.Header{Kind: wire.KindDeliver, ID: d.id, Target: testCaller, TTL: wire.Millis(d.ttl), Depth: d.depth, Flags: d.flags}
	return wire.AppendDeliver(dst, &h, d.instance, append(body, args...))
}

func (p *peer) cancel(id uint64, expired bool) {
	p.t.Helper()
	h := wire.Header{Kind: wire.KindCancel, ID: id}
	if expired {
		h.Flags = wire.FlagExpired
	}
	p.send(wire.AppendHeader(nil, &h, 0))
}

// answer is the outcome of a delivered request.
type answer struct {
	id      uint64
	value   any
	failure *wire.Failure
}

// answer waits for the answer to some delivered request.
func (p *peer) answer() answer {
	p.t.Helper()
	return p.readAnswer(p.next())
}

func (p *peer) readAnswer(f frame) answer {
	p.t.Helper()
	a := answer{id: f.ID}
	var err error
	switch f.Kind {
	case wire.KindResponse:
		a.value, err = value.Decode(f.body)
	case wire.KindFailure:
		a.failure, err = wire.ParseFailure(f.Flags, f.body)
	default:
		err = errors.New("no answer but " + f.Kind.String())
	}
	if err == nil && f.Target != 0 {
		err = errors.New("an answer with a target")
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

// answerTo waits for an answer, which must be to one request.
func (p *peer) answerTo(id uint64) answer {
	p.t.Helper()
	a := p.answer()
	if a.id != id {
		p.t.Fatalf("answer to request %d, want one to %d", a.id, id)
	}
	return a
}

// pause stops the peer's reading at the next frame, until resume.
func (p *peer) pause() {
	paused := make(chan struct{})
	p.paused.Store(&paused)
}

func (p *peer) resume() { close(*p.paused.Swap(nil)) }

// lose breaks the link.
func (p *peer) lose() { p.link.Close(errors.New("the test broke the link")) }

// connect makes a Conn to the script and waits for it. Its end is checked by the test's.
func (s *script) connect(opts *service.Options) (*service.Conn, *peer) {
	s.t.Helper()
	var o service.Options
	if opts != nil {
		o = *opts
	}
	o.Dial = s.dial
	conn, err := service.Connect(s.t.Context(), "script", &o)
	if err != nil {
		s.t.Fatal(err)
	}
	return conn, <-s.peers
}

// close ends a Conn and the script's peers.
func (s *script) close(conn *service.Conn) {
	conn.Close()
	s.wg.Wait()
}

// wantFailure checks code and delivered of a failure and returns it.
func wantFailure(t testing.TB, err error, code wire.Code, d wire.Delivered) *wire.Failure {
	t.Helper()
	var f *wire.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got error %v, want a failure %s", err, code)
	}
	if f.Code != code || f.Delivered != d {
		t.Fatalf("got %d %v, delivered %s, want %d %s, delivered %s", f.Code, f, f.Delivered, code, code, d)
	}
	return f
}

// announce announces a service and returns its handle.
func announce(t testing.TB, conn *service.Conn, p *peer, s *service.Service, number uint32) uint32 {
	t.Helper()
	result := make(chan error, 1)
	go func() { result <- conn.Announce(t.Context(), s) }()
	a := p.announced(number)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	return a.Handle
}
