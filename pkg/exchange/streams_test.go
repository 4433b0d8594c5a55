package exchange

import (
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

func resultFrame(id uint64, size int) []byte {
	return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResult, ID: id}, make([]byte, size))
}

func creditFrame(id uint64, bytes uint32) []byte {
	return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCredit, ID: id}, binary.LittleEndian.AppendUint32(nil, bytes))
}

func TestStream_ResultsInOrderThenTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, number := pair(t, &wire.Announce{Name: "math"})
		cli.call(0, 5, 0, "series")
		id := svc.deliver().ID
		for i := range 3 {
			svc.raw(resultFrame(id, 1+i))
		}
		svc.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, Flags: wire.FlagStream, ID: id}, nilValue))
		for i := range 3 {
			if f := cli.expect(wire.KindResult); f.ID != wire.CallID(0, 5) || f.Target != number || len(f.body) != 1+i {
				t.Errorf("result %+v of %d bytes, want %d bytes from %d", f.Header, len(f.body), 1+i, number)
			}
		}
		if f := cli.expect(wire.KindResponse); f.Flags != wire.FlagStream {
			t.Errorf("the end has flags %#x, want %#x", f.Flags, wire.FlagStream)
		}
	})
}

func TestStream_CreditIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		cli.call(0, 0, 0, "series")
		id := svc.deliver().ID
		svc.raw(resultFrame(id, firstCredit-wire.HeaderSize))
		cli.expect(wire.KindResult)
		cli.raw(creditFrame(wire.CallID(0, 0), 100))
		if c := svc.expect(wire.KindCredit); c.ID != id || binary.LittleEndian.Uint32(c.body) != 100 {
			t.Errorf("credit %+v % x, want 100 for %#x", c.Header, c.body, id)
		}
		svc.raw(resultFrame(id, 100-wire.HeaderSize))
		cli.expect(wire.KindResult)
		svc.raw(resultFrame(id, 1)) // beyond it
		cli.fails(0, 0, wire.CodeAborted, wire.Yes)
		svc.expect(wire.KindCancel)
		svc.raw(resultFrame(id, 1)) // a told call: nobody minds
		svc.answer(id, []byte{1})
		cli.raw(creditFrame(wire.CallID(0, 0), 100)) // too late, and no fault
		cli.call(0, 1, 0, "series")
		svc.deliver()
	})
}

// Results without a byte cost their headers, or nothing would bound them.
func TestStream_EmptyResultsHaveTheirPrice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		cli.call(0, 0, 0, "series")
		id := svc.deliver().ID
		const affordable = firstCredit / wire.HeaderSize
		var frames []byte
		for range affordable {
			frames = append(frames, resultFrame(id, 0)...)
		}
		svc.raw(frames)
		for range affordable {
			cli.expect(wire.KindResult)
		}
		svc.raw(resultFrame(id, 0))
		cli.fails(0, 0, wire.CodeAborted, wire.Yes)
	})
}

func TestStream_AfterAResultEveryFailureSaysYes(t *testing.T) {
	for name, end := range map[string]struct {
		do   func(svc, cli *process, id uint64)
		code wire.Code
	}{
		"deadline": {func(_, _ *process, _ uint64) {}, wire.CodeTimeout},
		"cancel": {func(_, cli *process, _ uint64) {
			cli.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCancel}, nil))
		}, wire.CodeCanceled},
		"loss": {func(svc, _ *process, _ uint64) { svc.link.Close(nil) }, wire.CodeLost},
		"a failure that says no": {func(svc, _ *process, id uint64) {
			svc.raw(wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: id}, wire.Failf(wire.CodeDraining, wire.No, "")))
		}, wire.CodeDraining},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
				cli.raw(requestFrame(0, 0, 0, "series", time.Second))
				id := svc.deliver().ID
				svc.raw(resultFrame(id, 1))
				cli.expect(wire.KindResult)
				end.do(svc, cli, id)
				cli.fails(0, 0, end.code, wire.Yes)
			})
		})
	}
}

func TestFault_19_BreachesOfStreamsAndForwards(t *testing.T) {
	for name, raw := range map[string][]byte{
		"a result of nothing":        resultFrame(5, 1),
		"a credit without a number":  wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCredit}, []byte{1}),
		"a forward of nothing":       append(bindFrame(0, "x"), forwardFrame(5, 0, "m")...),
		"a forward to no handle":     forwardFrame(5, 3, "m"),
		"a forward without a method": wire.AppendFrame(nil, &wire.Header{Kind: wire.KindForward}, []byte{0, 0, 0, 0}),
		"a forward without a handle": wire.AppendFrame(nil, &wire.Header{Kind: wire.KindForward}, []byte{0}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := connect(t, newExchange(t, nil), "p")
				p.raw(raw)
				p.expect(wire.KindBye)
				p.ends()
			})
		})
	}
}
