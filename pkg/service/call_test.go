package service_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// inBubble runs f in virtual time with a connected Conn. When f returns nothing may be left.
func inBubble(t *testing.T, f func(t *testing.T, s *script, conn *service.Conn, p *peer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		conn, p := s.connect(nil)
		defer s.close(conn)
		f(t, s, conn, p)
	})
}

// outcome is what a call ended with, and when.
type outcome struct {
	value any
	err   error
	after time.Duration
}

// start runs a call on its own goroutine.
func start(ctx context.Context, e *service.Endpoint, method string, args ...any) <-chan outcome {
	ended := make(chan outcome, 1)
	began := time.Now()
	go func() {
		v, err := e.Call(ctx, method, args...)
		ended <- outcome{v, err, time.Since(began)}
	}()
	return ended
}

func TestRequestSaysWhatTheContractWants(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math").With(service.CallOptions{Timeout: 1500 * time.Millisecond, Headers: map[string]any{"trace": "x1"}})
		ended := start(t.Context(), e, "multiply", 3, "four")
		handle := p.bound("math")
		r := p.request()
		if r.method != "multiply" || fmt.Sprint(r.args) != "[3 four]" {
			t.Errorf("request is %s%v, want multiply[3 four]", r.method, r.args)
		}
		if r.Target != handle || r.TTL != 1500 || r.Depth != 0 || r.Hops != 0 || r.Flags != 0 {
			t.Errorf("header is %+v, want handle %d, ttl 1500, depth, hops and flags 0", r.Header, handle)
		}
		if headers, err := value.Decode([]byte(r.headers)); err != nil || fmt.Sprint(headers) != "map[trace:x1]" {
			t.Errorf("headers are %v, %v, want map[trace:x1]", headers, err)
		}
		p.respond(r.ID, 3, int64(12))
		if o := <-ended; o.err != nil || o.value != int64(12) {
			t.Errorf("Call = %v, %v, want 12", o.value, o.err)
		}
	})
}

func TestEndpointsOfOneTargetShareAHandle(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		a, b, other := conn.Endpoint("math"), conn.Endpoint("math"), conn.Endpoint("math@3")
		start(t.Context(), a, "x")
		handle := p.bound("math")
		p.respond(p.request().ID, 3, nil)
		start(t.Context(), b, "x")
		r := p.request()
		if r.Target != handle {
			t.Errorf("second endpoint uses handle %d, want %d", r.Target, handle)
		}
		p.respond(r.ID, 3, nil)
		start(t.Context(), other, "x")
		b2, _ := message[*wire.Bind](p, wire.KindBind)
		if b2.Handle == handle || b2.Origin != testOrigin {
			t.Errorf("address is bound as %+v, want another handle than %d, and the origin", b2, handle)
		}
		p.respond(p.request().ID, 3, nil)
	})
}

// TestEveryCodeArrives checks that a failure is the same error here as where it was made.
func TestEveryCodeArrives(t *testing.T) {
	tests := []struct {
		code     wire.Code
		sentinel error
		also     error
	}{
		{wire.CodeUnknown, service.ErrUnknown, nil},
		{wire.CodeEncodeArgs, service.ErrEncode, nil},
		{wire.CodeDecodeValue, service.ErrDecode, nil},
		{wire.CodeNoService, service.ErrNoService, nil},
		{wire.CodeTimeout, service.ErrTimeout, context.DeadlineExceeded},
		{wire.CodeCanceled, service.ErrCanceled, context.Canceled},
		{wire.CodeEncodeValue, service.ErrEncode, nil},
		{wire.CodeDecodeArgs, service.ErrDecode, nil},
		{wire.CodeNoMethod, service.ErrNoMethod, nil},
		{wire.CodeBadParams, service.ErrBadParams, nil},
		{wire.CodeApplication, service.ErrApplication, nil},
		{wire.CodeAborted, service.ErrAborted, nil},
		{wire.CodeLost, service.ErrLost, nil},
		{wire.CodeUnreachable, service.ErrUnreachable, nil},
		{wire.CodeBusy, service.ErrBusy, nil},
		{wire.CodeDenied, service.ErrDenied, nil},
		{wire.CodeTooLarge, service.ErrTooLarge, nil},
		{wire.CodeDraining, service.ErrDraining, nil},
	}
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math")
		for i, tt := range tests {
			ended := start(t.Context(), e, "x")
			if i == 0 {
				p.bound("math")
			}
			d := wire.Delivered(i % 3)
			p.fail(p.request().ID, 3, &wire.Failure{
				Code: tt.code, Delivered: d, Description: "why", Details: "more", Number: 5, Origin: "math",
			})
			o := <-ended
			f := wantFailure(t, o.err, tt.code, d)
			if o.value != nil {
				t.Errorf("%s: a failure came with the value %v", tt.code, o.value)
			}
			if !errors.Is(o.err, tt.sentinel) || tt.also != nil && !errors.Is(o.err, tt.also) {
				t.Errorf("%s: %v is not %v and %v", tt.code, o.err, tt.sentinel, tt.also)
			}
			want := service.Address{Origin: testOrigin, Name: "math", Number: 3}
			if f.Description != "why" || f.Details != "more" || f.Number != 5 || f.Origin != "math" || f.Instance != want {
				t.Errorf("%s: got %+v, want what was sent, from %v", tt.code, f, want)
			}
		}
	})
}

func TestCallsThatAreNotSent(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name   string
		target string
		opts   service.CallOptions
		ctx    context.Context
		past   bool // with a context whose deadline has passed
		method string
		arg    any
		code   wire.Code
		says   string
	}{
		{name: "context cancelled", ctx: canceled, code: wire.CodeCanceled},
		{name: "deadline passed", past: true, code: wire.CodeTimeout},
		{name: "negative timeout", opts: service.CallOptions{Timeout: -1}, code: wire.CodeTimeout},
		{name: "empty target", target: " none", code: wire.CodeNoService, says: "no target"},
		{name: "broken address", target: "math@x", code: wire.CodeNoService, says: "no target"},
		{name: "empty method", method: " none", code: wire.CodeNoMethod},
		{name: "long method", method: strings.Repeat("m", 256), code: wire.CodeNoMethod, says: "256"},
		{name: "argument that cannot travel", arg: make(chan int), code: wire.CodeEncodeArgs, says: "argument 1"},
		{name: "argument too large", arg: make([]byte, 4<<20), code: wire.CodeTooLarge, says: "4194304"},
		{name: "header that cannot travel", opts: service.CallOptions{Headers: map[string]any{"f": func() {}}}, code: wire.CodeEncodeArgs, says: "headers"},
		{name: "headers too large", opts: service.CallOptions{Headers: map[string]any{"h": make([]byte, 9000)}}, code: wire.CodeTooLarge, says: "8192"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				ctx := t.Context()
				if tt.ctx != nil {
					ctx = tt.ctx
				}
				if tt.past {
					past, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
					defer cancel()
					ctx = past
				}
				target, method := orElse(tt.target, "math"), orElse(tt.method, "x")
				var args []any
				if tt.arg != nil {
					args = append(args, tt.arg)
				}
				_, err := conn.Endpoint(target).With(tt.opts).Call(ctx, method, args...)
				f := wantFailure(t, err, tt.code, wire.No)
				if !strings.Contains(f.Description, tt.says) {
					t.Errorf("description %q does not say %q", f.Description, tt.says)
				}
				synctest.Wait()
				p.quiet()
			})
		})
	}
}

// orElse reads a table's cell: empty means the standard, " none" means empty.
func orElse(cell, standard string) string {
	switch cell {
	case "":
		return standard
	case " none":
		return ""
	}
	return cell
}

// TestSlotIsReusedAfterItsTerminalFrame: ids of retired calls are not given away.
func TestSlotIsReusedAfterItsTerminalFrame(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math")
		ctx, cancel := context.WithCancel(t.Context())
		first := start(ctx, e, "x")
		p.bound("math")
		retired := p.request().ID
		cancel()
		<-first
		p.expect(wire.KindCancel)

		second := start(t.Context(), e, "x")
		r := p.request()
		if slotOf(r.ID) == slotOf(retired) {
			t.Errorf("the slot of %#x was used again before its terminal frame", retired)
		}
		p.respond(r.ID, 1, "second")
		p.respond(retired, 1, "late")
		if o := <-second; o.value != "second" {
			t.Errorf("second call got %v, want its own answer", o.value)
		}
		synctest.Wait()
		third := start(t.Context(), e, "x")
		r = p.request()
		if slot, gen := wire.SplitCallID(r.ID); slot > 1 || gen != 1 {
			t.Errorf("third call has slot %d, generation %d, want a used slot and generation 1", slot, gen)
		}
		p.respond(r.ID, 1, "third")
		if o := <-third; o.value != "third" {
			t.Errorf("third call got %v", o.value)
		}
	})
}

func slotOf(id uint64) uint32 {
	slot, _ := wire.SplitCallID(id)
	return slot
}

func TestLimitOfOpenCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		s.welcome.Limits.Pending = 2
		conn, p := s.connect(nil)
		defer s.close(conn)
		e := conn.Endpoint("math")
		ctx, cancel := context.WithCancel(t.Context())
		a, b := start(ctx, e, "a"), start(t.Context(), e, "b")
		p.bound("math")
		first, second := p.request(), p.request()
		_, err := e.Call(t.Context(), "c")
		if f := wantFailure(t, err, wire.CodeBusy, wire.No); !strings.Contains(f.Description, "2") {
			t.Errorf("description %q does not name the limit", f.Description)
		}
		cancel()
		p.expect(wire.KindCancel)
		if _, err = e.Call(t.Context(), "c"); !errors.Is(err, service.ErrBusy) {
			t.Errorf("with a retired slot Call = %v, want busy", err)
		}
		p.respond(first.ID, 1, nil)
		p.respond(second.ID, 1, nil)
		<-a
		<-b
		synctest.Wait()
		c := start(t.Context(), e, "c")
		p.respond(p.request().ID, 1, nil)
		if o := <-c; o.err != nil {
			t.Errorf("after both answers Call = %v, want a result", o.err)
		}
	})
}

// TestCallsInTurnNeedOneSlot: a caller who has his answer has his slot, too.
func TestCallsInTurnNeedOneSlot(t *testing.T) {
	s := newScript(t)
	s.welcome.Limits.Pending = 1
	conn, p := s.connect(nil)
	defer s.close(conn)
	go func() {
		p.bound("math")
		for range 2000 {
			p.respond(p.request().ID, 1, nil)
		}
	}()
	e := conn.Endpoint("math")
	for i := range 2000 {
		if _, err := e.Call(t.Context(), "x"); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
}

// A gateway meets more instances in its life than a session has handles. Those beyond share
// the last, each request bringing its own Bind, so calls at the same time do not mix.
func TestTargetsBeyondTheLimitOfHandlesShareTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		s.welcome.Limits.Handles = 2
		conn, p := s.connect(nil)
		defer s.close(conn)
		for i, target := range []string{"a", "b", "c", "b", "a"} {
			ended := start(t.Context(), conn.Endpoint(target), "x")
			if i < 4 { // "a" keeps its own handle
				p.bound(target)
			}
			r := p.request()
			if want := uint32(min(len(target)*int(target[0]-'a'), 1)); r.Target != want {
				t.Errorf("call of %s went to handle %d, want %d", target, r.Target, want)
			}
			p.respond(r.ID, 1, nil)
			<-ended
		}
	})
}

// TestFullOutbox: a process whose exchange does not read gets busy, and what is answered
// still fits.
func TestFullOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := newStuckPipe()
		conn, err := service.Connect(t.Context(), "stuck", &service.Options{Dial: dialOf(near)})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		e := conn.Endpoint("math")
		var last *service.Pending
		for range 20 {
			last = e.Go(t.Context(), "x", make([]byte, 1<<20))
		}
		_, err = last.Result()
		wantFailure(t, err, wire.CodeBusy, wire.No)
		far.Close()
	})
}

func TestResultsThatCannotBeRead(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math")
		ended := start(t.Context(), e, "x")
		p.bound("math")
		r := p.request()
		p.send(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, ID: r.ID, Target: 3}, []byte{0xff, 0xff}))
		o := <-ended
		if f := wantFailure(t, o.err, wire.CodeDecodeValue, wire.Yes); f.Instance.Number != 3 {
			t.Errorf("instance is %v, want number 3", f.Instance)
		}
		go func() { p.respond(p.request().ID, 3, "text") }()
		_, err := service.Call[int64](t.Context(), e, "x")
		f := wantFailure(t, err, wire.CodeDecodeValue, wire.Yes)
		if !strings.Contains(f.Description, "expected int") {
			t.Errorf("description %q does not say what was expected", f.Description)
		}
	})
}

type point struct{ X, Y int }

func TestCallDecodesIntoAnyType(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math")
		go func() {
			p.bound("math")
			for range 7 {
				r := p.request()
				p.respond(r.ID, 1, r.args[0])
			}
		}()
		checkCall(t, e, int64(-5))
		checkCall(t, e, 7)
		checkCall(t, e, 2.5)
		checkCall(t, e, true)
		checkCall(t, e, "text")
		checkCall(t, e, point{1, 2})
		checkCall[any](t, e, "any")
	})
}

func checkCall[T comparable](t *testing.T, e *service.Endpoint, want T) {
	t.Helper()
	if got, err := service.Call[T](t.Context(), e, "echo", want); err != nil || got != want {
		t.Errorf("Call[%T] = %v, %v, want %v", want, got, err, want)
	}
}

func TestCallRaw(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math")
		args, _ := value.AppendArgs(nil, []any{1, 2})
		go func() {
			p.bound("math")
			r := p.request()
			p.respond(r.ID, 3, r.args)
			r = p.request()
			p.respond(r.ID, 3, int64(len(r.args)))
		}()
		r, err := e.CallRaw(t.Context(), "x", args, nil)
		if err != nil || string(r.Value) != string(args) || r.Instance.String() != "math@3" {
			t.Errorf("CallRaw = %+v, %v, want the arguments back from math@3", r, err)
		}
		r, err = e.CallRaw(t.Context(), "x", nil, &service.CallOptions{Timeout: time.Second})
		if err != nil || string(r.Value) != "\x00" {
			t.Errorf("CallRaw without arguments = %+v, %v, want 0", r, err)
		}
	})
}
