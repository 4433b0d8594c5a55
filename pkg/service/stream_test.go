package service_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// result sends one result of a stream.
func (p *peer) result(id uint64, instance uint32, v any) {
	p.t.Helper()
	encoded, err := value.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	p.send(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResult, ID: id, Target: instance}, encoded))
}

// endStream sends the end of a stream.
func (p *peer) endStream(id uint64, instance uint32) {
	p.t.Helper()
	h := wire.Header{Kind: wire.KindResponse, Flags: wire.FlagStream, ID: id, Target: instance}
	p.send(wire.AppendFrame(nil, &h, []byte{0xf6}))
}

// gather ranges over a stream and returns what came and the failure behind it.
func gather[T any](seq iter.Seq2[T, error]) (got []T, err error) {
	for v, failed := range seq {
		if failed != nil {
			return got, failed
		}
		got = append(got, v)
	}
	return got, nil
}

// streamed is the outcome of a range in a goroutine.
type streamed struct {
	got []any
	err error
}

func startStream(ctx context.Context, e *service.Endpoint, args ...any) <-chan streamed {
	ended := make(chan streamed, 1)
	go func() {
		got, err := gather(e.Stream(ctx, "series", args...))
		ended <- streamed{got, err}
	}()
	return ended
}

func TestStreamYieldsResultsAndHowItEnded(t *testing.T) {
	tests := []struct {
		name string
		end  func(p *peer, id uint64)
		want string
		code wire.Code // zero: none
	}{
		{"the end", func(p *peer, id uint64) { p.result(id, 3, 1); p.result(id, 3, 2); p.endStream(id, 3) }, "[1 2]", 0},
		{"nothing", func(p *peer, id uint64) { p.endStream(id, 3) }, "[]", 0},
		{"a method that is no stream", func(p *peer, id uint64) { p.respond(id, 3, "x") }, "[x]", 0},
		{"a failure", func(p *peer, id uint64) {
			p.result(id, 3, 1)
			p.fail(id, 3, wire.Failf(wire.CodeApplication, wire.Yes, "torn"))
		}, "[1]", wire.CodeApplication},
		{"the link's end", func(p *peer, id uint64) { p.result(id, 3, 1); synctest.Wait(); p.lose() }, "[1]", wire.CodeUnreachable},
		{"the deadline", func(p *peer, id uint64) { p.result(id, 3, 1) }, "[1]", wire.CodeTimeout},
		{"a result that cannot be read", func(p *peer, id uint64) {
			p.send(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResult, ID: id}, []byte{0xff}))
		}, "[]", wire.CodeDecodeValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				ended := startStream(t.Context(), conn.Endpoint("math").With(service.CallOptions{Timeout: 5 * time.Second}), 5)
				p.bound("math")
				tt.end(p, p.request().ID)
				o := <-ended
				if fmt.Sprint(o.got) != tt.want {
					t.Errorf("got %v, want %s", o.got, tt.want)
				}
				if tt.code == 0 && o.err != nil {
					t.Errorf("got error %v, want none", o.err)
				}
				if tt.code != 0 {
					wantFailure(t, o.err, tt.code, wire.Yes)
				}
			})
		})
	}
}

func TestCallGathersAStream(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		for name, n := range map[string]int{"three results": 3, "none": 0} {
			ended := start(t.Context(), conn.Endpoint("math"), "series", n)
			if f := p.next(); f.Kind == wire.KindBind {
				f = p.next()
				answerSeries(p, f.ID, n)
			} else {
				answerSeries(p, f.ID, n)
			}
			list, ok := (<-ended).value.([]any)
			if !ok || len(list) != n {
				t.Errorf("%s: Call = %v, want a list of %d", name, list, n)
			}
		}
	})
}

func answerSeries(p *peer, id uint64, n int) {
	p.t.Helper()
	for i := range n {
		p.result(id, 3, i)
	}
	p.endStream(id, 3)
}

// TestGatheredStreamIsBounded: what does not fit one value ends the call, and the handler.
func TestGatheredStreamIsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ended := start(t.Context(), conn.Endpoint("math"), "series")
		p.bound("math")
		id := p.request().ID
		chunk := strings.Repeat("x", 128<<10)
		for range 32 {
			p.result(id, 3, chunk)
		}
		f := wantFailure(t, (<-ended).err, wire.CodeTooLarge, wire.Yes)
		if f.Instance.Number != 3 {
			t.Errorf("failure of instance %v, want number 3", f.Instance)
		}
		granted := 0
		for f := p.next(); f.Kind != wire.KindCancel; f = p.next() {
			n, err := wire.ParseCredit(f.body)
			if err != nil || f.Kind != wire.KindCredit {
				t.Fatalf("got %s, %v, want Credit and then Cancel", f.Kind, err)
			}
			granted += int(n)
		}
		if granted < 3<<20 {
			t.Errorf("granted %d bytes of 4 MiB", granted)
		}
		p.fail(id, 3, wire.Failf(wire.CodeCanceled, wire.Yes, "the caller gave up"))
		synctest.Wait()
		if n := conn.Stats().Pending; n != 0 {
			t.Errorf("%d calls are open, want none", n)
		}
	})
}

// TestCreditIsGrantedAsTheCallerTakes: nothing is granted for what waits to be taken.
func TestCreditIsGrantedAsTheCallerTakes(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		take := make(chan bool)
		go func() {
			for range conn.Endpoint("math").Stream(t.Context(), "series") {
				if !<-take {
					break
				}
			}
			close(take)
		}()
		p.bound("math")
		id := p.request().ID
		chunk := strings.Repeat("x", 60<<10)
		for range 4 {
			p.result(id, 3, chunk)
		}
		synctest.Wait()
		p.quiet() // one is taken
		take <- true
		synctest.Wait()
		p.quiet() // two make 120 KiB
		take <- true
		f := p.expect(wire.KindCredit)
		if n, err := wire.ParseCredit(f.body); err != nil || f.ID != id || n < 180<<10 || n > 181<<10 {
			t.Errorf("credit of %d for %#x, %v, want three results' for %#x", n, f.ID, err, id)
		}
		take <- false // break
		if f := p.expect(wire.KindCancel); f.ID != id {
			t.Errorf("cancel of %#x, want %#x", f.ID, id)
		}
		<-take
		p.result(id, 3, chunk) // on its way then, and no fault
		p.fail(id, 3, wire.Failf(wire.CodeCanceled, wire.Yes, "the caller gave up"))
		synctest.Wait()
		if !conn.Connected() {
			t.Error("the link has ended")
		}
	})
}

func TestResultsBeyondTheCreditEndTheLink(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		hold := make(chan bool)
		go func() {
			for range conn.Endpoint("math").Stream(t.Context(), "series") {
				<-hold
			}
		}()
		p.bound("math")
		id := p.request().ID
		encoded, err := value.Marshal(strings.Repeat("x", 100<<10))
		if err != nil {
			t.Fatal(err)
		}
		var frames []byte
		for range 4 {
			frames = wire.AppendFrame(frames, &wire.Header{Kind: wire.KindResult, ID: id, Target: 3}, encoded)
		}
		p.send(frames) // in one piece: the link ends before the last of them
		for range p.frames {
			t.Error("got a frame, want the end of the link")
		}
		close(hold)
	})
}

// TestStreamWaitsForCredit: the handler is held up beyond 256 KiB until its caller grants more.
func TestStreamWaitsForCredit(t *testing.T) {
	svc := service.New("math", nil)
	yielded := 0
	svc.Export("chunks", func() iter.Seq[string] {
		return func(yield func(string) bool) {
			for yielded = 0; yielded < 6 && yield(strings.Repeat("x", 100<<10)); yielded++ {
			}
		}
	}, nil)
	tests := []struct {
		name string
		give func(p *peer)
		more int
		code wire.Code
	}{
		{"granted", func(p *peer) { p.send(wire.AppendCredit(nil, 5, 1<<20)) }, 4, 0},
		{"cancelled", func(p *peer) { p.cancel(5, false) }, 0, wire.CodeCanceled},
		{"expired", func(p *peer) { p.cancel(5, true) }, 0, wire.CodeTimeout},
	}
	serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		for _, tt := range tests {
			p.deliver(delivery{id: 5, instance: handle, method: "chunks"})
			p.expect(wire.KindResult)
			p.expect(wire.KindResult)
			synctest.Wait()
			p.quiet()
			if yielded != 2 {
				t.Errorf("%s: %d results were taken, want 2", tt.name, yielded)
			}
			tt.give(p)
			for range tt.more {
				p.expect(wire.KindResult)
			}
			f := p.next()
			if tt.code == 0 && (f.Kind != wire.KindResponse || f.Flags != wire.FlagStream) {
				t.Errorf("%s: ended by %s with flags %#x, want a stream's end", tt.name, f.Kind, f.Flags)
			}
			if tt.code != 0 {
				wantFailure(t, p.readAnswer(f).failure, tt.code, wire.Yes)
			}
		}
	})
}

func TestStreamsThatFail(t *testing.T) {
	svc := service.New("math", nil)
	svc.Export("torn", func() iter.Seq2[int, error] {
		return func(yield func(int, error) bool) { _ = yield(1, nil) && yield(0, service.Fail(17, "torn")) }
	}, nil)
	svc.Export("huge", func() iter.Seq[string] {
		return func(yield func(string) bool) { yield(strings.Repeat("x", 300<<10)) }
	}, nil)
	svc.Export("panics", func() iter.Seq[int] { return func(func(int) bool) { panic("no") } }, nil)
	svc.Export("refuses", func(n int) (iter.Seq[int], error) { return nil, errors.New("no") }, nil)
	tests := []struct {
		method  string
		args    []any
		results int
		code    wire.Code
		d       wire.Delivered
	}{
		{"torn", nil, 1, wire.CodeApplication, wire.Yes},
		{"huge", nil, 0, wire.CodeTooLarge, wire.Yes},
		{"panics", nil, 0, wire.CodeApplication, wire.Yes},
		{"refuses", []any{1}, 0, wire.CodeApplication, wire.Yes},
		{"refuses", nil, 0, wire.CodeBadParams, wire.No},
	}
	serving(t, svc, func(t *testing.T, conn *service.Conn, p *peer, handle uint32) {
		for i, tt := range tests {
			p.deliver(delivery{id: uint64(i), instance: handle, method: tt.method, args: tt.args})
			for range tt.results {
				p.expect(wire.KindResult)
			}
			wantFailure(t, p.answerTo(uint64(i)).failure, tt.code, tt.d)
		}
	})
}

// counting is a service whose stream never ends by itself.
func counting(ended chan<- error) *service.Service {
	svc := service.New("math", nil)
	svc.Export("count", func(ctx context.Context, size int) iter.Seq[string] {
		return func(yield func(string) bool) {
			for yield(strings.Repeat("x", size)) {
				time.Sleep(time.Millisecond)
			}
			ended <- ctx.Err()
		}
	}, nil)
	svc.Export("series", func(n int) iter.Seq[int] {
		return func(yield func(int) bool) {
			for i := 0; i < n && yield(i); i++ {
			}
		}
	}, nil)
	return svc
}

func TestStreamsThroughAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		_, conn := pairUp(t, counting(ended))
		e := conn.Endpoint("math")
		const many = 100_000 // more than one credit
		next := 0
		for v, err := range service.Stream[int](t.Context(), e, "series", many) {
			if err != nil || v != next {
				t.Fatalf("result %d is %d, %v", next, v, err)
			}
			next++
		}
		if next != many {
			t.Errorf("%d results, want %d", next, many)
		}
		list, err := service.Call[[]int](t.Context(), e, "series", many)
		if err != nil || len(list) != many || list[many-1] != many-1 {
			t.Errorf("Call = %d elements, %v, want %d", len(list), err, many)
		}
		for range e.Stream(t.Context(), "count", 1000) {
			break
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the handler's context ended with %v, want canceled", err)
		}
	})
}

// TestSlowCallerHoldsTheHandlerUp: neither end stores more than the credit.
func TestSlowCallerHoldsTheHandlerUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		_, conn := pairUp(t, counting(ended))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		took := 0
		var last error
		for _, err := range conn.Endpoint("math").Stream(ctx, "count", 64<<10) {
			if last = err; err == nil {
				took++
				time.Sleep(time.Second)
			}
		}
		if took < 19 || took > 21 {
			t.Errorf("took %d results in 20 s, want one each second", took)
		}
		wantFailure(t, last, wire.CodeTimeout, wire.Yes)
		if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the handler's context ended with %v, want its deadline", err)
		}
	})
}
