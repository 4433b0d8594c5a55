package service_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestAnnounceSaysWhatTheServiceIs(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc := service.New("math", &service.ServiceOptions{
			Groups: []string{"web", "all"}, Version: "1.2", Description: "Sums.", Labels: map[string]string{"zone": "a"},
			Hidden: true, Limit: 5, Queue: 6, QueueBytes: 7,
		})
		svc.Export("add", func(x, y int64) int64 { return x + y }, &service.MethodOptions{Doc: "Adds.", Params: []string{"x", "y"}, ReadOnly: true})
		result := make(chan error, 1)
		go func() { result <- conn.Announce(t.Context(), svc) }()
		a := p.announced(3)
		if err := <-result; err != nil {
			t.Fatal(err)
		}
		methods, err := value.DecodeMethods(a.Methods)
		if err != nil || len(methods) != 1 || methods[0].Name != "add" || methods[0].Doc != "Adds." || !methods[0].ReadOnly {
			t.Errorf("methods are %+v, %v, want add alone, as described", methods, err)
		}
		a.Methods = nil
		want := &wire.Announce{
			Handle: a.Handle, Name: "math", Groups: []string{"all", "web"}, Hidden: true, Version: "1.2", Description: "Sums.",
			Labels: map[string]string{"zone": "a"}, Limit: 5, Queue: 6, QueueBytes: 7,
		}
		if !reflect.DeepEqual(a, want) {
			t.Errorf("announced %+v\nwant %+v", a, want)
		}
		if got := svc.Address(); got != (service.Address{Origin: testOrigin, Name: "math", Number: 3}) {
			t.Errorf("Address = %v, want math@3", got)
		}
	})
}

func TestServicesThatCannotBeAnnounced(t *testing.T) {
	manyGroups := make([]string, 65)
	for i := range manyGroups {
		manyGroups[i] = fmt.Sprint("g", i)
	}
	tests := []struct {
		name string
		svc  func() *service.Service
		says string
	}{
		{"reserved name", func() *service.Service { return service.New("_x", nil) }, "reserved"},
		{"no name", func() *service.Service { return service.New("", nil) }, "may not be empty"},
		{"bad group", func() *service.Service {
			return service.New("math", &service.ServiceOptions{Groups: []string{"a b"}})
		}, "group name"},
		{"too many groups", func() *service.Service {
			return service.New("math", &service.ServiceOptions{Groups: manyGroups})
		}, "limit of 64"},
		{"negative limit", func() *service.Service { return service.New("math", &service.ServiceOptions{Limit: -1}) }, "negative"},
		{"bad method", func() *service.Service {
			s := service.New("math", nil)
			s.Export("system.x", func() {}, nil)
			s.Export("ok", func() {}, nil)
			return s
		}, "system."},
		{"no func", func() *service.Service {
			s := service.New("math", nil)
			s.Export("x", 3, nil)
			return s
		}, "method x: value: not a func"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				svc := tt.svc()
				err := conn.Announce(t.Context(), svc)
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("Announce = %v, want an error that says %q", err, tt.says)
				}
				if again := svc.Export("later", func() {}, nil); !errors.Is(again, err) {
					t.Errorf("a later Export = %v, want the first error", again)
				}
				synctest.Wait()
				p.quiet()
			})
		})
	}
}

func TestRefusedAnnouncement(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc := service.New("math", nil)
		result := make(chan error, 1)
		go func() { result <- conn.Announce(t.Context(), svc) }()
		_, f := message[*wire.Announce](p, wire.KindAnnounce)
		p.refuse(f, wire.Failf(wire.CodeBusy, wire.No, "the session has its limit of 0 instances"))
		wantFailure(t, <-result, wire.CodeBusy, wire.No)
		if !svc.Address().IsZero() {
			t.Errorf("Address = %v, want none", svc.Address())
		}
		announce(t, conn, p, svc, 4) // it may be tried again
		if err := conn.Announce(t.Context(), svc); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("second Announce = %v, want an error", err)
		}
	})
}

func TestAnnounceGivesUpWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		svc := service.New("math", nil)
		err := conn.Announce(ctx, svc)
		wantFailure(t, err, wire.CodeTimeout, wire.Maybe)
		a, f := message[*wire.Announce](p, wire.KindAnnounce)
		w, g := message[*wire.Withdraw](p, wire.KindWithdraw)
		if w.Handle != a.Handle {
			t.Errorf("withdrew %d, want %d", w.Handle, a.Handle)
		}
		p.send(wire.AppendMessage(nil, f.ID, 0, &wire.Announced{Number: 3}))
		p.done(g)
		s.set(func() { s.dialErr = errors.New("down") })
		p.lose()
		synctest.Wait()
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantFailure(t, conn.Announce(ctx, svc), wire.CodeUnreachable, wire.No)
	})
}

// TestChangesOfAService are told when it is announced, in the order made.
func TestChangesOfAService(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc := service.New("math", nil)
		svc.Join("early")
		handle := announce(t, conn, p, svc, 3)
		svc.Join("a", "b", "a")
		svc.Leave("a", "never")
		svc.SetHidden(true)
		svc.SetHidden(true) // no change
		svc.Export("x", func() {}, nil)
		if got := svc.Groups(); !slices.Equal(got, []string{"b", "early"}) {
			t.Errorf("Groups = %v, want b and early", got)
		}
		if err := svc.Join("no good"); err == nil {
			t.Error("Join took a name with a blank")
		}
		u, f := message[*wire.Update](p, wire.KindUpdate)
		if !slices.Equal(u.Join, []string{"a", "b", "a"}) || u.Handle != handle {
			t.Errorf("first update is %+v, want the join", u)
		}
		p.done(f)
		if u, _ := message[*wire.Update](p, wire.KindUpdate); !slices.Equal(u.Leave, []string{"a", "never"}) {
			t.Errorf("second update is %+v, want the leave", u)
		}
		if u, _ := message[*wire.Update](p, wire.KindUpdate); u.Hidden == nil || !*u.Hidden {
			t.Errorf("third update is %+v, want hidden", u)
		}
		u, f = message[*wire.Update](p, wire.KindUpdate)
		if methods, err := value.DecodeMethods(*u.Methods); err != nil || len(methods) != 1 || methods[0].Name != "x" {
			t.Errorf("fourth update is %+v, want the methods", u)
		}
		p.refuse(f, wire.Failf(wire.CodeBusy, wire.No, "no")) // is logged
		synctest.Wait()
		p.quiet()
	})
}

// TestRestore: everything comes back without the user's doing, under new addresses.
func TestRestore(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		math, echo := service.New("math", nil), service.New("echo", nil)
		announce(t, conn, p, math, 3)
		announce(t, conn, p, echo, 4)
		gone := service.New("gone", nil)
		announce(t, conn, p, gone, 5)
		withdrawn := make(chan error, 1)
		go func() { withdrawn <- conn.Withdraw(t.Context(), gone) }()
		p.done(p.expect(wire.KindWithdraw))
		if err := <-withdrawn; err != nil {
			t.Fatal(err)
		}
		key := p.hello.Key
		s.set(func() { s.welcome.Session = 20 })
		p.lose()
		synctest.Wait()
		if !math.Address().IsZero() || conn.Connected() || !conn.Address().IsZero() {
			t.Errorf("while down: %v, %v, %v", math.Address(), conn.Connected(), conn.Address())
		}
		math.Join("late")
		p = <-s.peers
		if a := p.announced(21); a.Name != "math" || !slices.Equal(a.Groups, []string{"late"}) {
			t.Errorf("first announced %+v, want math with its groups", a)
		}
		if a := p.announced(22); a.Name != "echo" {
			t.Errorf("then announced %+v, want echo", a)
		}
		synctest.Wait()
		p.quiet()
		if p.hello.Key != key || key == [wire.KeySize]byte{} {
			t.Errorf("key is %x, want the first one, %x", p.hello.Key, key)
		}
		if math.Address().Number != 21 || conn.Address().Number != 20 {
			t.Errorf("addresses are %v and %v, want new ones", math.Address(), conn.Address())
		}
	})
}

// TestManyLargeServices: a thousand announcements that are larger than any outbox.
func TestManyLargeServices(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		doc := strings.Repeat("d", 100_000)
		const services = 200
		for i := range services {
			svc := service.New(fmt.Sprint("s", i), nil)
			svc.Export("x", func() {}, &service.MethodOptions{Doc: doc})
			announce(t, conn, p, svc, uint32(i+10))
		}
		p.lose()
		p = <-s.peers
		for i := range services {
			if a := p.announced(uint32(1000 + i)); a.Name != fmt.Sprint("s", i) {
				t.Fatalf("announced %s, want s%d", a.Name, i)
			}
		}
		synctest.Wait()
		if n := conn.Stats().Lost; n != 1 {
			t.Errorf("%d links lost, want 1", n)
		}
	})
}

// TestWithdrawWaitsForCalls that were delivered before the exchange's Done.
func TestWithdrawWaitsForCalls(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc, g := bubbleGate(nil)
		handle := announce(t, conn, p, svc, 3)
		result := make(chan error, 1)
		go func() { result <- conn.Withdraw(t.Context(), svc) }()
		w, f := message[*wire.Withdraw](p, wire.KindWithdraw)
		if w.Reason != wire.ReasonClosed {
			t.Errorf("reason is %s, want closed", w.Reason)
		}
		p.deliver(delivery{id: 1, instance: handle, method: "block", args: []any{"a"}})
		<-g.started
		p.done(f)
		synctest.Wait()
		select {
		case err := <-result:
			t.Fatalf("Withdraw returned %v with a call in flight", err)
		default:
		}
		close(g.release)
		if a := p.answerTo(1); a.value != "a" {
			t.Errorf("the call got %v, %v", a.value, a.failure)
		}
		if err := <-result; err != nil {
			t.Errorf("Withdraw = %v", err)
		}
		if err := conn.Withdraw(t.Context(), svc); err == nil {
			t.Error("second Withdraw succeeded")
		}
	})
}

// TestShutdownDrains by S7: withdraw, finish, goodbye.
func TestShutdownDrains(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc, g := bubbleGate(&service.ServiceOptions{Serial: true})
		handle := announce(t, conn, p, svc, 3)
		for i := range 3 {
			p.deliver(delivery{id: uint64(i), instance: handle, method: "block", args: []any{fmt.Sprint(i)}})
		}
		<-g.started
		result := make(chan error, 1)
		go func() { result <- conn.Shutdown(t.Context()) }()
		w, f := message[*wire.Withdraw](p, wire.KindWithdraw)
		if w.Reason != wire.ReasonDrained {
			t.Errorf("reason is %s, want drained", w.Reason)
		}
		p.done(f)
		close(g.release)
		for i := range 3 {
			if a := p.answerTo(uint64(i)); a.value != fmt.Sprint(i) {
				t.Errorf("call %d got %v, %v, want its result", i, a.value, a.failure)
			}
		}
		b, _ := message[*wire.Bye](p, wire.KindBye)
		if b.Reason != wire.ReasonClosed {
			t.Errorf("goodbye for %s, want closed", b.Reason)
		}
		p.lose()
		if err := <-result; err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		if !errors.Is(conn.Err(), service.ErrClosed) {
			t.Errorf("Err = %v, want ErrClosed", conn.Err())
		}
	})
}

// TestGraceEnds: waiting calls get draining, no; running ones have their contexts ended.
func TestGraceEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ended := make(chan error, 1)
		svc := service.New("math", &service.ServiceOptions{Serial: true})
		svc.Export("hang", func(ctx context.Context) { <-ctx.Done(); ended <- ctx.Err() }, nil)
		handle := announce(t, conn, p, svc, 3)
		for i := range 3 {
			p.deliver(delivery{id: uint64(i), instance: handle, method: "hang"})
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		result := make(chan error, 1)
		go func() { result <- conn.Shutdown(ctx) }()
		p.done(p.expect(wire.KindWithdraw))
		for _, id := range []uint64{1, 2} {
			wantFailure(t, p.answerTo(id).failure, wire.CodeDraining, wire.No)
		}
		p.expect(wire.KindBye)
		p.lose()
		if err := <-result; !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("Shutdown = %v after %v, want the deadline after 5 s", err, time.Since(began))
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the handler's context ended with %v", err)
		}
	})
}

// TestDrainingServiceMayCall: handlers in flight finish their own calls.
func TestDrainingServiceMayCall(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		svc := service.New("math", nil)
		proceed := make(chan struct{})
		svc.Export("x", func(ctx context.Context) (any, error) {
			<-proceed
			return conn.Endpoint("db").Call(ctx, "get")
		}, nil)
		handle := announce(t, conn, p, svc, 3)
		p.deliver(delivery{id: 1, instance: handle, method: "x"})
		synctest.Wait()
		result := make(chan error, 1)
		go func() { result <- conn.Shutdown(t.Context()) }()
		p.done(p.expect(wire.KindWithdraw))
		close(proceed)
		p.bound("db")
		p.respond(p.request().ID, 8, "found")
		if a := p.answerTo(1); a.value != "found" {
			t.Errorf("got %v, %v", a.value, a.failure)
		}
		p.expect(wire.KindBye)
		p.lose()
		if err := <-result; err != nil {
			t.Errorf("Shutdown = %v", err)
		}
	})
}
