package exchange

import (
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// deaf is a caller of math that reads nothing, with calls on its slots from 0 on.
func deaf(t *testing.T, e *Exchange, calls int) net.Conn {
	t.Helper()
	conn, err := e.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	frames := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [16]byte{1}})
	frames = append(frames, bindFrame(0, "math")...)
	for i := range calls {
		frames = append(frames, requestFrame(uint32(i), 0, 0, "large", time.Minute)...)
	}
	if _, err := conn.Write(frames); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestLargeAnswers_ThatHaveNoRoomFailTheirOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		svc := connect(t, e, "svc")
		svc.announce(&wire.Announce{Name: "math"})
		conn := deaf(t, e, 17)
		large := make([]byte, 1<<20)
		for range 16 {
			svc.answer(svc.deliver().ID, large)
			synctest.Wait()
		}
		wordy := wire.Header{Kind: wire.KindFailure, Flags: uint8(wire.Yes), ID: svc.deliver().ID}
		code := binary.LittleEndian.AppendUint16(nil, uint16(wire.CodeApplication))
		svc.raw(wire.AppendFrame(nil, &wordy, append(code, large...)))
		synctest.Wait()
		cli := attach(t, conn)
		cli.expect(wire.KindWelcome)
		answered := 0
		for i := range uint32(16) {
			f := cli.read()
			if f.Kind == wire.KindResponse {
				answered++
				continue
			}
			failure := cli.failure(f)
			if f.ID != wire.CallID(i, 0) || failure.Code != wire.CodeTooLarge || failure.Delivered != wire.Yes {
				t.Errorf("call %d failed with %v, delivered %v; want too_large, yes", f.ID, failure, failure.Delivered)
			}
			if want := "a frame of 1048600 bytes; the caller's outbox has room for "; !strings.Contains(failure.Description, want) {
				t.Errorf("description %q does not say %q", failure.Description, want)
			}
		}
		if answered < 7 || answered > 8 {
			t.Errorf("%d of 16 calls got their answer, want what fits fifteen sixteenths of 8 MiB", answered)
		}
		cli.fails(16, 0, wire.CodeApplication, wire.Yes)
		cli.call(0, 1, 0, "next") // the session is as good as ever
		svc.answer(svc.deliver().ID, large)
		cli.expect(wire.KindResponse)
	})
}

func TestLargeAnswers_WhoReadsNeverIsClosedAsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, &Options{Limits: Limits{MaxFrame: wire.MaxAnnounce, Outbox: 1 << 20}})
		svc := connect(t, e, "svc")
		svc.announce(&wire.Announce{Name: "math"})
		deaf(t, e, 1_000)
		large := make([]byte, 200<<10)
		for n := 0; e.counts.slow.Load() == 0; n++ {
			if n == 1_000 {
				t.Fatal("a thousand answers without room, and the session is open")
			}
			svc.answer(svc.deliver().ID, large)
			synctest.Wait()
		}
		if n := e.counts.failures.byCode()["too_large"]; n < 300 {
			t.Errorf("%d calls were told too_large before, want what fits a sixteenth of 1 MiB", n)
		}
	})
}

// A request within the frame limit must fit an empty outbox, or it would be busy for ever.
func TestFrameLimitBeyondWhatRequestsMayFill(t *testing.T) {
	for outbox, ok := range map[int]bool{1 << 20: true, 1<<20 - 64: false} {
		ex, err := New(&Options{Limits: Limits{MaxFrame: 768 << 10, Outbox: outbox}})
		if (err == nil) != ok {
			t.Errorf("an outbox of %d for frames of 768 KiB: %v", outbox, err)
		}
		if err == nil {
			ex.Close()
		}
	}
}
