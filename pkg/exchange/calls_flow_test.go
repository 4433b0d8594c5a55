package exchange

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// pair is an exchange with a process that announces math and one that has bound it to 0.
func pair(t *testing.T, a *wire.Announce) (e *Exchange, svc, cli *process, number uint32) {
	t.Helper()
	e = newExchange(t, nil)
	svc, cli = connect(t, e, "svc"), connect(t, e, "cli")
	number = svc.announce(a)
	cli.bind(0, "math")
	return e, svc, cli, number
}

func TestCall_AnswerComesBackOnTheCallersID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, number := pair(t, &wire.Announce{Handle: 5, Name: "math"})
		cli.call(3, 9, 0, "multiply")
		d := svc.deliver()
		instance, req, err := wire.ParseDeliver(d.body)
		if err != nil || instance != 5 || string(req.Method) != "multiply" || d.Target != cli.welcome.Session {
			t.Fatalf("delivered %d %q from %d (%v), want 5 multiply from %d", instance, req.Method, d.Target, err, cli.welcome.Session)
		}
		svc.answer(d.ID, []byte{12})
		f := cli.expect(wire.KindResponse)
		if f.ID != wire.CallID(3, 9) || f.Target != number || f.body[0] != 12 {
			t.Errorf("response %+v %v, want id %#x from %d", f.Header, f.body, wire.CallID(3, 9), number)
		}
	})
}

func TestCall_FailureOfTheServicePassesUnchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, number := pair(t, &wire.Announce{Name: "math"})
		cli.call(0, 0, 0, "divide")
		want := wire.Failure{Code: wire.CodeApplication, Number: -7, Description: "by zero", Origin: "math", Details: "x/0", Delivered: wire.Yes}
		svc.raw(wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: svc.deliver().ID}, &want))
		f := cli.expect(wire.KindFailure)
		if got := *cli.failure(f); got != want || f.Target != number {
			t.Errorf("failure %+v from %d, want %+v from %d", got, f.Target, want, number)
		}
	})
}

func TestFault_03_NobodyHasTheName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		cli := connect(t, e, "cli")
		cli.bind(0, "math")
		cli.call(0, 0, 0, "multiply")
		cli.fails(0, 0, wire.CodeNoService, wire.No)
		svc := connect(t, e, "svc")
		svc.announce(&wire.Announce{Name: "math"})
		cli.call(0, 1, 0, "multiply") // the same handle reaches who came later
		svc.answer(svc.deliver().ID, []byte{1})
		cli.expect(wire.KindResponse)
	})
}

func TestFault_01_CalleeDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, number := pair(t, &wire.Announce{Name: "math", Groups: []string{"g"}})
		cli.raw(wire.AppendMessage(nil, 1, 0, &wire.Watch{ID: 1}))
		cli.events(4) // _exchange, math, its group, synced
		start := time.Now()
		for i := range uint32(3) {
			cli.call(i, 0, 0, "multiply")
			svc.deliver()
		}
		svc.link.Close(nil)
		told, events := map[uint64]bool{}, 0
		for len(told) < 3 || events < 2 { // no order is promised between the two
			switch f := cli.read(); f.Kind {
			case wire.KindFailure:
				if fl := cli.failure(f); fl.Code != wire.CodeLost || fl.Delivered != wire.Maybe || f.Target != number || told[f.ID] {
					t.Fatalf("call %#x failed with %v from %d, want lost, maybe, once", f.ID, fl, f.Target)
				}
				told[f.ID] = true
			case wire.KindEvents:
				m, _ := wire.ParseMessage(f.Kind, f.body)
				for _, raw := range m.(*wire.Events).Events {
					ev, _ := wire.DecodeEvent(raw)
					want := [...]wire.EventKind{wire.Left, wire.Withdrawn}[events]
					if ev.Kind != want || ev.Reason != wire.ReasonLost {
						t.Fatalf("event %s %s, want %s lost", ev.Kind, ev.Reason, want)
					}
					events++
				}
			default:
				t.Fatalf("got %s", f.Kind)
			}
		}
		if d := time.Since(start); d > 0 {
			t.Errorf("it took %v of virtual time, want none", d)
		}
		cli.call(0, 1, 0, "multiply")
		cli.fails(0, 1, wire.CodeNoService, wire.No) // a retry never meets the dead one
	})
}

func TestCall_DeadlineIsKeptByTheExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		for _, ttl := range []time.Duration{time.Millisecond, 30 * time.Millisecond, time.Second, 10 * time.Second} {
			time.Sleep(3 * time.Millisecond) // not on a tick
			start := time.Now()
			cli.raw(requestFrame(0, uint32(ttl), 0, "hang", ttl))
			id := svc.deliver().ID
			cli.fails(0, uint32(ttl), wire.CodeTimeout, wire.Maybe)
			if late := time.Since(start) - ttl; late < 0 || late > 2*tickLength {
				t.Errorf("deadline of %v was told %v late, want 0 to %v", ttl, late, 2*tickLength)
			}
			c := svc.expect(wire.KindCancel)
			if c.ID != id || c.Flags&wire.FlagExpired == 0 {
				t.Errorf("cancel %+v, want expired call %#x", c.Header, id)
			}
			svc.answer(id, []byte{1}) // too late
		}
		synctest.Wait()
		if n := e.counts.late.Load(); n != 4 {
			t.Errorf("late responses = %d, want 4", n)
		}
	})
}

func TestFault_10_HungInstanceKeepsItsSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, _ := pair(t, &wire.Announce{Name: "math", Limit: 1, Queue: 1})
		cli.raw(requestFrame(0, 0, 0, "hang", time.Second))
		cli.raw(requestFrame(1, 0, 0, "hang", 2*time.Second))
		first := svc.deliver()
		svc.deliver()
		cli.fails(0, 0, wire.CodeTimeout, wire.Maybe)
		cli.fails(1, 0, wire.CodeTimeout, wire.Maybe)
		cli.call(2, 0, 0, "hang")
		cli.fails(2, 0, wire.CodeBusy, wire.No)
		cli.call(3, 0, 0, "system.ping") // beside the limit
		svc.expect(wire.KindCancel)
		svc.expect(wire.KindCancel)
		svc.answer(svc.deliver().ID, []byte{0xf6})
		cli.expect(wire.KindResponse)
		svc.answer(first.ID, []byte{1}) // gives the place back
		synctest.Wait()
		cli.call(4, 0, 0, "hang")
		svc.deliver()
	})
}

func TestFault_40_CancelledThenAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		cli.call(0, 7, 0, "hang")
		id := svc.deliver().ID
		cancel := wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCancel, ID: wire.CallID(0, 7)}, nil)
		cli.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCancel, ID: wire.CallID(0, 6)}, nil)) // an older call
		cli.raw(append(cancel, cancel...))
		cli.fails(0, 7, wire.CodeCanceled, wire.Maybe)
		if c := svc.expect(wire.KindCancel); c.ID != id || c.Flags != 0 {
			t.Errorf("cancel %+v, want call %#x", c.Header, id)
		}
		svc.answer(id, []byte{1})
		cli.call(0, 8, 0, "next") // the id is free for the next call
		svc.answer(svc.deliver().ID, []byte{2})
		if f := cli.expect(wire.KindResponse); f.ID != wire.CallID(0, 8) || f.body[0] != 2 {
			t.Errorf("response %#x %v, want that of the next call", f.ID, f.body)
		}
		if n := e.counts.late.Load(); n != 1 {
			t.Errorf("late responses = %d, want 1", n)
		}
	})
}

func TestFault_39_CallerVanishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		cli.call(0, 0, 0, "hang")
		id := svc.deliver().ID
		cli.link.Close(nil)
		if c := svc.expect(wire.KindCancel); c.ID != id {
			t.Errorf("cancel of %#x, want %#x", c.ID, id)
		}
		svc.answer(id, []byte{1})
		synctest.Wait()
		if late, open := e.counts.late.Load(), e.openCalls(); late != 1 || open != 0 {
			t.Errorf("late responses = %d, open calls = %d; want 1, 0", late, open)
		}
	})
}

func TestFault_42_SecondAnswerEndsTheSession(t *testing.T) {
	for name, id := range map[string]func(uint64) uint64{
		"a second answer":   func(id uint64) uint64 { return id },
		"a call not there":  func(uint64) uint64 { return wire.CallID(77, 0) },
		"an old generation": func(id uint64) uint64 { return id - 1<<32 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
				cli.call(0, 0, 0, "multiply")
				first := svc.deliver().ID
				svc.answer(first, []byte{1})
				cli.expect(wire.KindResponse)
				svc.answer(id(first), []byte{2})
				var bye wire.Bye
				svc.message(wire.KindBye, &bye)
				if bye.Code != wire.CodeAborted || !bye.Final {
					t.Errorf("bye %+v, want aborted and final", bye)
				}
				svc.ends()
				cli.call(0, 1, 0, "multiply")
				cli.fails(0, 1, wire.CodeNoService, wire.No)
			})
		})
	}
}

func TestFault_41_OddDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		cli.raw(requestFrame(0, 0, 0, "multiply", 0))
		cli.fails(0, 0, wire.CodeTimeout, wire.No)
		cli.raw(requestFrame(0, 1, 0, "multiply", 10*365*24*time.Hour))
		if d := svc.deliver(); d.TTL != wire.Millis(time.Hour) {
			t.Errorf("delivered ttl = %d ms, want an hour", d.TTL)
		}
	})
}

func TestFault_33_DeepCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		send := func(depth uint8, gen uint32) {
			f := requestFrame(0, gen, 0, "multiply", time.Second)
			f[6] = depth
			cli.raw(f)
		}
		send(wire.MaxDepth+1, 0)
		cli.fails(0, 0, wire.CodeAborted, wire.No)
		send(wire.MaxDepth, 1)
		if d := svc.deliver(); d.Depth != wire.MaxDepth {
			t.Errorf("delivered depth = %d, want %d", d.Depth, wire.MaxDepth)
		}
	})
}

func TestFault_13_CallsOverTheLimitAreBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, &Options{Limits: Limits{Pending: 3}})
		cli := connect(t, e, "cli")
		cli.bind(0, "math")
		cli.call(3, 0, 0, "multiply")
		if f := cli.fails(3, 0, wire.CodeBusy, wire.No); !strings.Contains(f.Description, "limit of 3 open calls") {
			t.Errorf("description %q does not name the limit", f.Description)
		}
	})
}

func TestCall_SharedByReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		a, b, cli := connect(t, e, "a"), connect(t, e, "b"), connect(t, e, "cli")
		a.announce(&wire.Announce{Name: "math"})
		second := b.announce(&wire.Announce{Name: "math"})
		cli.bind(0, "math")
		cli.bind(1, fmt.Sprintf("math@%d", second))
		cli.call(0, 0, 1, "hang") // b is busier by one
		b.deliver()
		for i := range uint32(3) {
			cli.call(1+i, 0, 0, "hang")
			synctest.Wait()
		}
		a.deliver() // a, then a tie, then the other of the two
		if na, nb := len(a.frames), len(b.frames); na+nb != 2 || na != 1 || nb != 1 {
			t.Errorf("%d and %d more calls, want one each", na, nb)
		}
	})
}

func TestCall_IdleReplicasTakeTurnsOverAllCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		a, b := connect(t, e, "a"), connect(t, e, "b")
		a.announce(&wire.Announce{Name: "math"})
		b.announce(&wire.Announce{Name: "math"})
		counts := map[*process]int{}
		for i := range 10 { // B6: ten one-shot callers
			cli := connect(t, e, fmt.Sprint("cli", i))
			cli.bind(0, "math")
			cli.call(0, 0, 0, "multiply")
			synctest.Wait()
			for _, p := range []*process{a, b} {
				if len(p.frames) > 0 {
					counts[p]++
					p.answer(p.deliver().ID, []byte{1})
				}
			}
			cli.expect(wire.KindResponse)
			cli.link.Close(nil)
		}
		if counts[a] != 5 || counts[b] != 5 {
			t.Errorf("calls shared %d to %d, want 5 to 5", counts[a], counts[b])
		}
	})
}

func TestWithdraw_NoRequestFollowsItsAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, _ := pair(t, &wire.Announce{Name: "math", Handle: 4})
		cli.call(0, 0, 0, "slow")
		synctest.Wait()
		svc.ask(&wire.Withdraw{Handle: 4, Reason: wire.ReasonDrained})
		id := svc.deliver().ID
		svc.expect(wire.KindDone)
		cli.call(1, 0, 0, "slow")
		cli.fails(1, 0, wire.CodeNoService, wire.No)
		svc.answer(id, []byte{1}) // calls delivered before are finished
		cli.expect(wire.KindResponse)
		svc.announce(&wire.Announce{Name: "math", Handle: 4}) // the handle is free again
		cli.call(1, 1, 0, "slow")
		svc.deliver()
	})
}

func TestSession_OwnInstanceTakesCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		a, b := connect(t, e, "a"), connect(t, e, "b")
		a.bind(0, fmt.Sprintf("@%d", b.welcome.Session))
		a.call(0, 0, 0, "hello")
		d := b.deliver()
		if instance, _, _ := wire.ParseDeliver(d.body); instance != wire.OwnInstance {
			t.Errorf("delivered to instance %d, want the session's own", instance)
		}
	})
}

// Calls of the exchange itself are outside the limit of an instance: one write of more of
// them than anybody else's instance is handed is answered to the last.
func TestCall_OfTheExchangeIsOutsideTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cli := connect(t, newExchange(t, nil), "cli")
		cli.bind(0, "_exchange")
		const calls = defaultLimit + defaultQueue + 200
		var frames []byte
		for i := range uint32(calls) {
			frames = append(frames, requestFrame(i, 0, 0, "limits", time.Minute)...)
		}
		if len(frames) > 64<<10 {
			t.Fatalf("%d bytes are more than one read brings", len(frames))
		}
		cli.raw(frames)
		for range calls {
			cli.expect(wire.KindResponse)
		}
	})
}
