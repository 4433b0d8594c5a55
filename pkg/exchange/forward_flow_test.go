package exchange

import (
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// forwardFrame passes the call of that id on to a handle.
func forwardFrame(id uint64, handle uint32, method string) []byte {
	body := binary.LittleEndian.AppendUint32(nil, handle)
	body, _ = wire.AppendRequest(body, method, nil)
	return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindForward, ID: id, Depth: 1}, append(body, 0x80))
}

// relayed is an exchange with a caller, a service that forwards to math, and math.
func relayed(t *testing.T) (e *Exchange, front, svc, cli *process, first uint64) {
	t.Helper()
	e, svc, cli, _ = pair(t, &wire.Announce{Name: "math"})
	front = connect(t, e, "front")
	front.announce(&wire.Announce{Name: "front", Limit: 1, Queue: 1})
	front.bind(0, "math")
	cli.bind(1, "front")
	cli.call(4, 2, 1, "multiply")
	return e, front, svc, cli, front.deliver().ID
}

func TestForward_AnswerGoesStraightToTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, front, svc, cli, id := relayed(t)
		front.raw(forwardFrame(id, 0, "times"))
		d := svc.deliver()
		if _, req, _ := wire.ParseDeliver(d.body); string(req.Method) != "times" || d.Target != cli.welcome.Session || d.TTL == 0 || d.TTL > 20_010 {
			t.Fatalf("delivered %q from %d with %d ms, want times from the caller with the time left", req.Method, d.Target, d.TTL)
		}
		front.link.Close(nil) // it has nothing to do with the call any more
		synctest.Wait()
		svc.answer(d.ID, []byte{12})
		if f := cli.expect(wire.KindResponse); f.ID != wire.CallID(4, 2) || f.body[0] != 12 {
			t.Errorf("response %#x %v, want the caller's id and 12", f.ID, f.body)
		}
		synctest.Wait()
		if n := e.openCalls(); n != 0 {
			t.Errorf("%d calls are open, want none", n)
		}
	})
}

func TestForward_CallerKeepsCancelDeadlineAndLoss(t *testing.T) {
	for name, end := range map[string]struct {
		do   func(svc, cli *process)
		code wire.Code
	}{
		"cancel": {func(_, cli *process) {
			cli.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCancel, ID: wire.CallID(4, 2)}, nil))
		}, wire.CodeCanceled},
		"deadline": {func(_, _ *process) {}, wire.CodeTimeout},
		"loss":     {func(svc, _ *process) { svc.link.Close(nil) }, wire.CodeLost},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, front, svc, cli, id := relayed(t)
				defer keepAlive(svc)()
				defer keepAlive(cli)()
				front.raw(forwardFrame(id, 0, "times"))
				svc.deliver()
				end.do(svc, cli)
				cli.fails(4, 2, end.code, wire.Maybe)
				if end.code != wire.CodeLost {
					svc.expect(wire.KindCancel)
				}
			})
		})
	}
}

func TestForward_NoFailureSaysNoAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, front, svc, cli, id := relayed(t)
		front.raw(forwardFrame(id, 0, "times"))
		refusal := wire.Failf(wire.CodeNoMethod, wire.No, "no times")
		svc.raw(wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: svc.deliver().ID}, refusal))
		cli.fails(4, 2, wire.CodeNoMethod, wire.Maybe)

		front.bind(1, "nobody")
		cli.call(4, 3, 1, "multiply")
		front.raw(forwardFrame(front.deliver().ID, 1, "times"))
		cli.fails(4, 3, wire.CodeNoService, wire.Maybe)
	})
}

func TestForward_OfAnEndedCallIsItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, front, svc, cli, id := relayed(t)
		cli.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCancel, ID: wire.CallID(4, 2)}, nil))
		cli.fails(4, 2, wire.CodeCanceled, wire.Maybe)
		front.expect(wire.KindCancel)
		front.raw(forwardFrame(id, 0, "times"))
		synctest.Wait()
		if n := e.openCalls(); n != 0 || len(svc.frames) != 0 {
			t.Errorf("%d calls are open and %d frames went on, want none", n, len(svc.frames))
		}
		if n := e.counts.late.Load(); n != 1 {
			t.Errorf("late responses = %d, want 1", n)
		}
		front.raw(forwardFrame(id, 0, "times")) // once is enough
		front.expect(wire.KindBye)
	})
}

func TestForward_AfterAResultIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, front, svc, cli, id := relayed(t)
		front.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResult, ID: id}, []byte{1}))
		cli.expect(wire.KindResult)
		front.raw(forwardFrame(id, 0, "times"))
		cli.fails(4, 2, wire.CodeAborted, wire.Yes)
		if len(svc.frames) != 0 {
			t.Error("the call went on, want it ended")
		}
	})
}

// A one-way request is passed on as what it was: from its caller, with the time it has left,
// and with nobody to tell.
func TestForward_OfAOneWayRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, front, svc, cli, first := relayed(t)
		front.answer(first, nilValue)
		cli.expect(wire.KindResponse)
		oneWay := requestFrame(4, 3, 1, "note", 10*time.Second)
		oneWay[5] = wire.FlagOneWay
		cli.raw(oneWay)
		cli.expect(wire.KindResponse)
		id := front.deliver().ID
		cli.call(4, 4, 0, "next") // its slot is another call's by now
		next := svc.deliver().ID
		time.Sleep(4 * time.Second)
		front.raw(forwardFrame(id, 0, "later"))
		d := svc.deliver()
		if d.Flags != wire.FlagOneWay || d.Target != cli.welcome.Session || d.Depth != 1 || d.TTL < 5_900 || d.TTL > 6_010 {
			t.Errorf("delivered %+v, want one-way from the caller, depth 1, 6 s left", d.Header)
		}
		svc.answer(d.ID, nilValue)
		svc.answer(next, []byte{7})
		if f := cli.expect(wire.KindResponse); f.ID != wire.CallID(4, 4) || f.body[0] != 7 {
			t.Errorf("response %+v % x, want that of the next call", f.Header, f.body)
		}
		synctest.Wait()
		if late, open := e.counts.late.Load(), e.openCalls(); late != 0 || open != 0 || len(cli.frames) != 0 {
			t.Errorf("late responses = %d, open calls = %d, %d frames more; want none", late, open, len(cli.frames))
		}
	})
}

func TestForward_OfAOneWayRequestOutlivesItsCaller(t *testing.T) {
	for name, tt := range map[string]struct {
		wait  time.Duration
		taken bool
	}{
		"with time left": {time.Second, true},
		"with none left": {11 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, front, svc, cli, _ := relayed(t)
				defer keepAlive(front)()
				defer keepAlive(svc)()
				oneWay := requestFrame(5, 0, 1, "note", 10*time.Second)
				oneWay[5] = wire.FlagOneWay
				cli.raw(oneWay)
				id := front.deliver().ID
				cli.link.Close(nil)
				time.Sleep(tt.wait)
				front.raw(forwardFrame(id, 0, "later"))
				synctest.Wait()
				if taken := len(svc.frames) > 0; taken != tt.taken {
					t.Errorf("it was passed on: %v, want %v", taken, tt.taken)
				}
				if n := e.counts.failures.byCode()["timeout"]; tt.taken == (n > 0) {
					t.Errorf("%d timeouts were counted", n)
				}
			})
		})
	}
}

func TestForward_IsOneDeeperThanItsRequest(t *testing.T) {
	for _, depth := range []uint8{0, 2, 255} {
		synctest.Test(t, func(t *testing.T) {
			_, front, svc, cli, id := relayed(t)
			frame := forwardFrame(id, 0, "times")
			frame[6] = depth
			front.raw(frame)
			front.expect(wire.KindBye)
			cli.fails(4, 2, wire.CodeLost, wire.Maybe)
			if len(svc.frames) != 0 {
				t.Errorf("a forward of depth %d went on", depth)
			}
		})
	}
}

func TestOneWay_EndsWhenItIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, svc, cli, number := pair(t, &wire.Announce{Name: "math", Limit: 1, Queue: 1})
		oneWay := func(gen uint32) {
			f := requestFrame(0, gen, 0, "note", time.Second)
			f[5] = wire.FlagOneWay
			cli.raw(f)
		}
		oneWay(0)
		if f := cli.expect(wire.KindResponse); f.ID != 0 || f.Target != number || f.body[0] != 0xf6 {
			t.Errorf("response %+v % x, want nil from %d", f.Header, f.body, number)
		}
		d := svc.deliver()
		if d.Flags != wire.FlagOneWay {
			t.Errorf("delivered flags %#x, want one-way", d.Flags)
		}
		oneWay(1)
		cli.expect(wire.KindResponse)
		oneWay(2) // both places are taken until the callee answers
		cli.fails(0, 2, wire.CodeBusy, wire.No)
		svc.answer(d.ID, []byte{0xf6})
		synctest.Wait()
		if late, open := e.counts.late.Load(), e.openCalls(); late != 0 || open != 1 {
			t.Errorf("late responses = %d, open calls = %d; want 0, 1", late, open)
		}
	})
}
