package service_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// serving runs f in virtual time with a service announced as number 3.
func serving(t *testing.T, svc *service.Service, f func(t *testing.T, conn *service.Conn, p *peer, handle uint32)) {
	t.Helper()
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		f(t, conn, p, announce(t, conn, p, svc, 3))
	})
}

// gate is a handler that blocks until the test lets it go on, or its context ends.
type gate struct {
	started chan string
	release chan struct{}
}

func newGate() *gate { return &gate{make(chan string, 100), make(chan struct{})} }

func (g *gate) enter(ctx context.Context, name string) (string, error) {
	g.started <- name
	select {
	case <-g.release:
		return name, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func TestAnyFuncCanBeExported(t *testing.T) { // OSE's B10
	svc := service.New("math", nil)
	funcs := map[string]any{
		"nothing":  func() {},
		"add":      func(x, y int64) int64 { return x + y },
		"join":     func(sep string, parts ...string) string { return strings.Join(parts, sep) },
		"fails":    func() error { return errors.New("no") },
		"point":    func(p point) (point, error) { return point{p.Y, p.X}, nil },
		"context":  func(ctx context.Context) bool { _, ok := ctx.Deadline(); return ok },
		"anything": func(v any) any { return v },
		"slice":    func(list []float64) float64 { return list[0] },
		"method":   (&counter{}).add,
	}
	for name, fn := range funcs {
		if err := svc.Export(name, fn, nil); err != nil {
			t.Errorf("Export(%s) = %v", name, err)
		}
	}
	tests := []struct {
		method string
		args   []any
		want   string
	}{
		{"nothing", nil, "<nil>"},
		{"add", []any{3, 4}, "7"},
		{"join", []any{"-", "a", "b"}, "a-b"},
		{"point", []any{map[string]any{"X": 1, "Y": 2}}, "map[X:2 Y:1]"},
		{"context", nil, "true"},
		{"anything", []any{nil}, "<nil>"},
		{"slice", []any{[]any{1.5}}, "1.5"},
		{"method", []any{2}, "2"},
	}
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		conn, p := s.connect(nil)
		defer s.close(conn)
		handle := announce(t, conn, p, svc, 3)
		for i, tt := range tests {
			p.deliver(delivery{id: uint64(i), instance: handle, method: tt.method, args: tt.args})
			if a := p.answerTo(uint64(i)); a.failure != nil || fmt.Sprint(a.value) != tt.want {
				t.Errorf("%s%v = %v, %v, want %s", tt.method, tt.args, a.value, a.failure, tt.want)
			}
		}
	})
}

type counter struct{ n int }

func (c *counter) add(n int) int { c.n += n; return c.n }

// TestOutcomesOfHandlers: what a handler does decides code, number, origin and delivered.
func TestOutcomesOfHandlers(t *testing.T) {
	nested := &service.Failure{
		Code: wire.CodeNoService, Description: `no service "db" is announced`, Delivered: service.No,
		Instance: service.Address{Name: "db", Number: 8},
	}
	own := service.Fail(17, "out of paper")
	own.Details = "tray 2"
	foreign := &service.Failure{Code: wire.CodeApplication, Number: 4, Origin: "printer", Description: "jam"}
	tests := []struct {
		name string
		fn   any
		args []any
		raw  []byte
		want wire.Failure
	}{
		{name: "error", fn: func() error { return errors.New("broken") },
			want: wire.Failure{Code: wire.CodeApplication, Delivered: wire.Yes, Description: "broken"}},
		{name: "number of its own", fn: func() error { return own },
			want: wire.Failure{Code: wire.CodeApplication, Delivered: wire.Yes, Number: 17, Origin: "math", Description: "out of paper", Details: "tray 2"}},
		{name: "number of its own, wrapped", fn: func() error { return fmt.Errorf("print: %w", own) },
			want: wire.Failure{Code: wire.CodeApplication, Delivered: wire.Yes, Number: 17, Origin: "math", Description: "print: out of paper", Details: "tray 2"}},
		{name: "made by hand, without a code", fn: func() error { return &service.Failure{Number: 4711, Description: "by hand"} },
			want: wire.Failure{Code: wire.CodeApplication, Delivered: wire.Yes, Number: 4711, Origin: "math", Description: "by hand"}},
		{name: "failure with an origin", fn: func() error { return foreign },
			want: wire.Failure{Code: wire.CodeApplication, Delivered: wire.Yes, Number: 4, Origin: "printer", Description: "jam"}},
		{name: "failure of a call it made", fn: func() error { return nested },
			want: wire.Failure{Code: wire.CodeApplication, Delivered: wire.Yes, Description: `no_service: no service "db" is announced`,
				Details: "a call made by the handler to db@8 ended with no_service (46), delivered no"}},
		{name: "timeout that is not its caller's", fn: func() error { return context.DeadlineExceeded },
			want: wire.Failure{Code: wire.CodeApplication, Delivered: wire.Yes, Description: "context deadline exceeded"}},
		{name: "panic", fn: func() { panic("oh") },
			want: wire.Failure{Code: wire.CodeApplication, Delivered: wire.Yes, Description: "panic: oh"}},
		{name: "panic with an error", fn: func() { panic(errors.New("oh")) },
			want: wire.Failure{Code: wire.CodeApplication, Delivered: wire.Yes, Description: "panic: oh"}},
		{name: "end of the goroutine", fn: func() { runtime.Goexit() },
			want: wire.Failure{Code: wire.CodeAborted, Delivered: wire.Yes, Description: "the handler ended its goroutine without an answer"}},
		{name: "result that cannot travel", fn: func() any { return make(chan int) },
			want: wire.Failure{Code: wire.CodeEncodeValue, Delivered: wire.Yes, Description: "result: cannot encode: Go type chan int has no encoded form"}},
		{name: "result too large", fn: func() []byte { return make([]byte, 4<<20) },
			want: wire.Failure{Code: wire.CodeTooLarge, Delivered: wire.Yes, Description: "the result makes a frame of 4194333 bytes, over the limit of 4194304"}},
		{name: "too few arguments", fn: func(x, y int) int { return x }, args: []any{1},
			want: wire.Failure{Code: wire.CodeBadParams, Delivered: wire.No, Description: "expected 2 arguments, got 1"}},
		{name: "argument of another type", fn: func(x int) int { return x }, args: []any{"a"},
			want: wire.Failure{Code: wire.CodeBadParams, Delivered: wire.No, Description: `argument arg1: expected int, got text "a"`}},
		{name: "arguments that are no list", fn: func() {}, raw: []byte{0x01},
			want: wire.Failure{Code: wire.CodeDecodeArgs, Delivered: wire.No, Description: "arguments: cannot decode: arguments are not a list at byte 0"}},
		{name: "arguments that are garbage", fn: func(any) {}, raw: []byte{0x81, 0xff},
			want: wire.Failure{Code: wire.CodeDecodeArgs, Delivered: wire.No}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			svc := service.New("math", nil)
			svc.Export("x", tt.fn, nil)
			svc.Export("ok", func() string { return "ok" }, nil)
			serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
				p.deliver(delivery{id: 1, instance: handle, method: "x", args: tt.args, rawArgs: tt.raw})
				a := p.answerTo(1)
				if a.failure == nil {
					t.Fatalf("got the value %v, want a failure", a.value)
				}
				if tt.want.Description == "" {
					tt.want.Description = a.failure.Description
				}
				if *a.failure != tt.want {
					t.Errorf("got  %+v\nwant %+v", *a.failure, tt.want)
				}
				p.deliver(delivery{id: 1<<32 | 1, instance: handle, method: "ok"})
				if a := p.answerTo(1<<32 | 1); a.value != "ok" {
					t.Errorf("the next call got %v, %v, want ok: the process lives", a.value, a.failure)
				}
			})
		})
	}
}

func TestUnknownMethodNamesTheNearest(t *testing.T) { // and OSE's B8: it is not a withdrawal
	svc := service.New("math", nil)
	svc.Export("multiply", func() {}, nil)
	serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		p.deliver(delivery{id: 1, instance: handle, method: "multipy"})
		f := wantFailure(t, p.answerTo(1).failure, wire.CodeNoMethod, wire.No)
		if !strings.Contains(f.Description, `math`) || f.Details != "did you mean multiply?" {
			t.Errorf("got %q, %q, want the service and the nearest name", f.Description, f.Details)
		}
		p.deliver(delivery{id: 2, instance: handle + 1, method: "multiply"})
		wantFailure(t, p.answerTo(2).failure, wire.CodeNoService, wire.No)
	})
}

func TestSerialRunsInOrderOfArrival(t *testing.T) {
	var ran []int
	running := 0
	svc := service.New("math", &service.ServiceOptions{Serial: true})
	svc.Export("x", func(n int) int {
		if running++; running != 1 {
			t.Errorf("%d handlers run at a time", running)
		}
		runtime.Gosched()
		ran = append(ran, n)
		running--
		return n
	}, nil)
	serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		const calls = 500
		var frames []byte
		for i := range calls {
			frames = appendDelivery(t, frames, delivery{id: uint64(i), instance: handle, method: "x", args: []any{i}})
		}
		p.send(frames)
		for i := range calls {
			if a := p.answerTo(uint64(i)); a.value != int64(i) {
				t.Fatalf("answer %d is %v, %v", i, a.value, a.failure)
			}
		}
		if !slices.IsSorted(ran) || len(ran) != calls {
			t.Errorf("ran %d calls in the order %v", len(ran), ran)
		}
	})
}

// TestBlockedHandlersHoldUpNobody: 255 of them leave room for one more, and that serves.
func TestBlockedHandlersHoldUpNobody(t *testing.T) {
	g := newGate()
	g.started = make(chan string, 1000)
	svc := service.New("math", nil)
	svc.Export("block", g.enter, nil)
	svc.Export("quick", func(n int) int { return n }, nil)
	synctest.Test(t, func(t *testing.T) {
		g.release = make(chan struct{})
		g.started = make(chan string, 1000)
		s := newScript(t)
		conn, p := s.connect(nil)
		defer s.close(conn)
		handle := announce(t, conn, p, svc, 3)
		var frames []byte
		for i := range 255 {
			frames = appendDelivery(t, frames, delivery{id: uint64(i), instance: handle, method: "block", args: []any{"b"}})
		}
		p.send(frames)
		for i := range 300 {
			p.deliver(delivery{id: uint64(1000 + i), instance: handle, method: "quick", args: []any{i}})
			if a := p.answerTo(uint64(1000 + i)); a.value != int64(i) {
				t.Fatalf("quick call %d got %v, %v", i, a.value, a.failure)
			}
		}
		close(g.release)
		for range 255 {
			if a := p.answer(); a.value != "b" {
				t.Errorf("blocked call got %v, %v", a.value, a.failure)
			}
		}
	})
}

// bubbleGate makes a service in a bubble whose method "block" waits at a gate.
func bubbleGate(opts *service.ServiceOptions) (*service.Service, *gate) {
	g := newGate()
	svc := service.New("math", opts)
	svc.Export("block", g.enter, nil)
	return svc, g
}

// TestCancelOfWaitingRequests: the handler was not started, so delivered is no.
func TestCancelOfWaitingRequests(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc, g := bubbleGate(&service.ServiceOptions{Serial: true})
		handle := announce(t, conn, p, svc, 3)
		for i := range 4 {
			p.deliver(delivery{id: uint64(i), instance: handle, method: "block", args: []any{fmt.Sprint(i)}})
		}
		p.cancel(1, false)
		wantFailure(t, p.answerTo(1).failure, wire.CodeCanceled, wire.No)
		p.cancel(2, true)
		wantFailure(t, p.answerTo(2).failure, wire.CodeTimeout, wire.No)
		p.cancel(2, true) // again: nothing is left to cancel
		close(g.release)
		if a, b := p.answerTo(0), p.answerTo(3); a.value != "0" || b.value != "3" {
			t.Errorf("others got %v and %v, want their results", a, b)
		}
		synctest.Wait()
		p.quiet()
		if len(g.started) != 2 {
			t.Errorf("%d handlers ran, want 2", len(g.started))
		}
	})
}

// TestCancelReachesTheHandler is OSE's B14 at the callee. The request is still answered.
func TestCancelReachesTheHandler(t *testing.T) {
	tests := []struct {
		name    string
		expired bool
		code    wire.Code
	}{{"given up", false, wire.CodeCanceled}, {"expired", true, wire.CodeTimeout}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				svc, g := bubbleGate(nil)
				handle := announce(t, conn, p, svc, 3)
				p.deliver(delivery{id: 1, instance: handle, method: "block", args: []any{"a"}})
				<-g.started
				p.cancel(1, tt.expired)
				wantFailure(t, p.answerTo(1).failure, tt.code, wire.Yes)
				synctest.Wait()
				p.quiet()
			})
		})
	}
}

// TestCancelInTheSameBatch: a request that was delivered a moment ago is found.
func TestCancelInTheSameBatch(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc, _ := bubbleGate(nil)
		handle := announce(t, conn, p, svc, 3)
		for i := range 100 {
			id := uint64(i)<<32 | 1
			frames := appendDelivery(t, nil, delivery{id: id, instance: handle, method: "block", args: []any{"a"}})
			p.send(wire.AppendHeader(frames, &wire.Header{Kind: wire.KindCancel, ID: id}, 0))
			a := p.answerTo(id)
			if a.failure == nil || a.failure.Code != wire.CodeCanceled {
				t.Fatalf("answer is %v, %v, want canceled", a.value, a.failure)
			}
		}
	})
}

// TestAnswersWithoutALink: contexts end with the link, results are dropped and counted.
func TestAnswersWithoutALink(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc, g := bubbleGate(&service.ServiceOptions{Serial: true})
		stubborn := make(chan struct{})
		svc.Export("stubborn", func() string { g.started <- "s"; <-stubborn; return "late" }, nil)
		handle := announce(t, conn, p, svc, 3)
		p.deliver(delivery{id: 0, instance: handle, method: "stubborn"})
		p.deliver(delivery{id: 1, instance: handle, method: "block", args: []any{"waits"}})
		<-g.started
		p.lose()
		p = <-s.peers
		a := p.announced(5)
		synctest.Wait()
		if got := conn.Stats().Dropped; got != 1 {
			t.Errorf("%d dropped, want the one that waited", got)
		}
		// The stubborn handler still has the one place there is.
		p.deliver(delivery{id: 0, instance: a.Handle, method: "block", args: []any{"new"}})
		synctest.Wait()
		if len(g.started) != 0 {
			t.Error("a serial service runs two handlers after a reconnection")
		}
		close(stubborn)
		close(g.release)
		if a := p.answerTo(0); a.value != "new" {
			t.Errorf("after the reconnection: %v, %v", a.value, a.failure)
		}
		if got := conn.Stats().Dropped; got != 2 {
			t.Errorf("%d dropped, want 2", got)
		}
	})
}

func TestOwnInstanceOfAConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		if err := conn.Export("notify", func(s string) string { return "got " + s }, nil); err != nil {
			t.Fatal(err)
		}
		if a := conn.Address(); a != (service.Address{Origin: testOrigin, Number: 7}) || a.String() != "@7" {
			t.Errorf("Address = %v, want @7", a)
		}
		p.deliver(delivery{id: 1, instance: wire.OwnInstance, method: "notify", args: []any{"it"}})
		if a := p.answerTo(1); a.value != "got it" {
			t.Errorf("got %v, %v", a.value, a.failure)
		}
		p.deliver(delivery{id: 2, instance: wire.OwnInstance, method: "other"})
		wantFailure(t, p.answerTo(2).failure, wire.CodeNoMethod, wire.No)
		p.deliver(delivery{id: 3, instance: wire.OwnInstance, method: "system.ping"})
		if a := p.answerTo(3); a.value != "pong" {
			t.Errorf("ping: %v, %v", a.value, a.failure)
		}
		synctest.Wait()
		p.quiet() // the registry is told of no methods of a hidden instance
	})
}

// TestSerialServiceThatCallsItself ends by its deadline, with a hint (F32).
func TestSerialServiceThatCallsItself(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		var inner error
		svc := service.New("math", &service.ServiceOptions{Serial: true})
		svc.Export("x", func(ctx context.Context) {
			_, inner = conn.Endpoint("math").With(service.CallOptions{Timeout: time.Second}).Call(ctx, "x")
		}, nil)
		handle := announce(t, conn, p, svc, 3)
		p.deliver(delivery{id: 1, instance: handle, method: "x"})
		p.bound("math")
		r := p.request()
		p.deliver(delivery{id: 2, instance: handle, method: "x", depth: 1, ttl: time.Second})
		time.Sleep(time.Second)
		p.fail(r.ID, 3, wire.Failf(wire.CodeTimeout, wire.Maybe, "the deadline passed"))
		p.cancel(2, true)
		a, b := p.answer(), p.answer()
		if a.id == 1 {
			a, b = b, a
		}
		wantFailure(t, a.failure, wire.CodeTimeout, wire.No)
		if b.failure != nil {
			t.Errorf("the outer call got %v", b.failure)
		}
		if f := wantFailure(t, inner, wire.CodeTimeout, wire.Maybe); !strings.Contains(f.Details, "its own service") {
			t.Errorf("details are %q, want a hint", f.Details)
		}
	})
}
