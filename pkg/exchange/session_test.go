package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestFault_24_SameKeyDisplacesTheOldSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		cli.call(0, 0, 0, "hang")
		svc.deliver()
		start := time.Now()
		again := connectVia(t, cli, "svc")
		cli.fails(0, 0, wire.CodeLost, wire.Maybe)
		var bye wire.Bye
		svc.message(wire.KindBye, &bye)
		if bye.Reason != wire.ReasonReplaced {
			t.Errorf("the old session was told %q, want replaced", bye.Reason)
		}
		again.announce(&wire.Announce{Name: "math"})
		cli.call(0, 1, 0, "multiply")
		again.answer(again.deliver().ID, []byte{1})
		cli.expect(wire.KindResponse)
		if d := time.Since(start); d > 0 {
			t.Errorf("it took %v of virtual time, want none", d)
		}
	})
}

// connectVia opens another session at the exchange of p.
func connectVia(t *testing.T, p *process, key string) *process {
	t.Helper()
	return connect(t, p.ex, key)
}

func TestFault_25_ReservedNamesAreRefusedAndTheSessionLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		svc := connect(t, e, "svc")
		for _, name := range []string{"", "_exchange", "$x", "nats", "a b", "a\nb", "\u202emath", strings.Repeat("x", 129)} {
			svc.ask(&wire.Announce{Name: name})
			f := svc.failure(svc.expect(wire.KindRefused))
			if f.Code != wire.CodeBadParams || strings.ContainsAny(f.Description, "\n\u202e") {
				t.Errorf("announce of %q was refused with %v, want bad_params and the name quoted", name, f)
			}
		}
		svc.announce(&wire.Announce{Name: "math"})
	})
}

func TestFault_15_FrameOverTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		p := connect(t, e, "p")
		p.raw([]byte{0xff, 0xff, 0xff, 0xff})
		var bye wire.Bye
		p.message(wire.KindBye, &bye)
		if bye.Code != wire.CodeTooLarge || !strings.Contains(bye.Text, "4194304") {
			t.Errorf("bye %+v, want too_large with the limit", bye)
		}
		p.ends()
	})
}

func TestFault_19_ViolationsCloseTheSessionThatMadeThem(t *testing.T) {
	call := requestFrame(0, 0, 0, "m", time.Second)
	for name, raw := range map[string][]byte{
		"an unknown kind":              wire.AppendFrame(nil, &wire.Header{Kind: 99}, nil),
		"a kind of the exchange":       wire.AppendMessage(nil, 0, 0, &wire.Welcome{}),
		"a second hello":               wire.AppendMessage(nil, 0, 0, &wire.Hello{}),
		"a request on no handle":       requestFrame(0, 0, 3, "m", time.Second),
		"a request on an open slot":    append(bindFrame(0, "busy"), append(call, call...)...),
		"a handle over the limit":      bindFrame(1<<20, "math"),
		"a request without a method":   wire.AppendFrame(nil, &wire.Header{Kind: wire.KindRequest}, []byte{0, 0, 0}),
		"a request with short headers": wire.AppendFrame(nil, &wire.Header{Kind: wire.KindRequest}, []byte{1, 'm', 9, 0}),
		"an answer to nothing":         wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, ID: 5}, []byte{1}),
		"a failure without a code":     wire.AppendFrame(nil, &wire.Header{Kind: wire.KindFailure, ID: 5}, nil),
		"a control frame of garbage":   wire.AppendFrame(nil, &wire.Header{Kind: wire.KindWatch}, []byte{0xff}),
		"a short length":               {1, 0, 0, 0},
		"an extended header":           wire.AppendFrame(nil, &wire.Header{Kind: wire.KindBeat, Flags: wire.FlagExtended}, nil),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newExchange(t, nil)
				svc := connect(t, e, "svc")
				svc.announce(&wire.Announce{Name: "busy"})
				p := connect(t, e, "p")
				p.raw(raw)
				var bye wire.Bye
				p.message(wire.KindBye, &bye)
				if !bye.Final || bye.Text == "" {
					t.Errorf("bye %+v, want a final one that says why", bye)
				}
				p.ends()
				svc.bind(0, "_exchange") // the others go on
				svc.call(0, 0, 0, "system.ping")
			})
		})
	}
}

func bindFrame(handle uint32, target string) []byte {
	return wire.AppendMessage(nil, 0, 0, &wire.Bind{Handle: handle, Target: target})
}

func TestFault_19_OptionalKindsAreSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		p := connect(t, e, "p")
		p.raw(wire.AppendFrame(nil, &wire.Header{Kind: 200}, []byte("news")))
		var got Totals
		p.house("stats", &got)
		if got.SkippedFrames != 1 {
			t.Errorf("skipped frames = %d, want 1", got.SkippedFrames)
		}
	})
}

func TestFault_19_AnnounceBeforeHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		conn, err := e.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p := attach(t, conn)
		p.raw(wire.AppendMessage(wire.AppendPreface(nil), 1, 0, &wire.Announce{Name: "math"}))
		var bye wire.Bye
		p.message(wire.KindBye, &bye)
		if !strings.Contains(bye.Text, "before Hello") {
			t.Errorf("bye %+v, want one that says what came before Hello", bye)
		}
		p.ends()
	})
}

func TestFault_24_AKeyOfZerosIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		conn, err := e.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p := attach(t, conn)
		p.raw(wire.AppendMessage(wire.AppendPreface(nil), 1, 0, &wire.Hello{}))
		var bye wire.Bye
		p.message(wire.KindBye, &bye)
		if !bye.Final || !strings.Contains(bye.Text, "key") {
			t.Errorf("bye %+v, want a final one about the key", bye)
		}
	})
}

func TestFault_24_AKeyOfAnotherLengthIsRefused(t *testing.T) {
	for name, key := range map[string][]byte{
		"short":   {0x42, 1, 2},
		"long":    append([]byte{0x54}, make([]byte, 20)...),
		"no text": append([]byte{0x70}, "0123456789abcdef"...),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newExchange(t, nil)
				conn, err := e.Dial(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				p := attach(t, conn)
				body := append(append([]byte{0xa2, 1}, key...), 2, 0xa0)
				p.raw(wire.AppendFrame(wire.AppendPreface(nil), &wire.Header{Kind: wire.KindHello}, body))
				p.expect(wire.KindBye)
				p.ends()
			})
		})
	}
}

func TestFault_62_VersionSkewIsRefusedByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		conn, err := e.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		preface := wire.AppendPreface(nil)
		preface[len(preface)-1]++
		if _, err := conn.Write(preface); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 64)
		n, err := conn.Read(got)
		if err != nil || !bytes.Equal(got[:n], wire.AppendPreface(nil)) {
			t.Errorf("read % x, %v; want the exchange's preface", got[:n], err)
		}
		conn.Close()
	})
}

func TestFault_18_StrangersLeaveOneRecord(t *testing.T) {
	for guess, opening := range map[string]string{
		"HTTP": "GET / HTTP/1.1\r\n\r\n", "TLS": "\x16\x03\x01\x02\x00", "SSH": "SSH-2.0-x\r\n", "Redis": "*1\r\n$4\r\nPING\r\n", "unknown": "\xde\xad\xbe\xef",
	} {
		t.Run(guess, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				e := newExchange(t, &Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
				ln := newPipeListener()
				served := make(chan error, 1)
				go func() { served <- e.Serve(ln) }()
				for range 3 { // and only one a minute
					conn := ln.dial()
					conn.Write([]byte(opening))
					if _, err := conn.Read(make([]byte, 9)); err == nil {
						t.Error("a stranger was answered")
					}
					conn.Close()
				}
				e.Close()
				if err := <-served; !errors.Is(err, ErrClosed) {
					t.Errorf("Serve = %v, want ErrClosed", err)
				}
				if n := strings.Count(log.String(), "looks like "+guess); n != 1 {
					t.Errorf("the log names the guess %d times, want once:\n%s", n, log.String())
				}
			})
		})
	}
}

func TestFault_18_SilentConnectionIsClosedAtTheHandshakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		near, far := link.Pipe()
		start := time.Now()
		err := e.ServeConn(t.Context(), far)
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("closed after %v (%v), want 5 s", d, err)
		}
		near.Close()
	})
}

// pipeListener hands out in-memory connections.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) dial() net.Conn {
	near, far := link.Pipe()
	l.conns <- far
	return near
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { close(l.done); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "test"} }

func TestFault_09_SilentProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, svc, cli, number := pair(t, &wire.Announce{Name: "math"})
		watch := &wire.Watch{ID: 1, Scope: wire.ScopeGlob, Pattern: "math"}
		stop := keepAlive(cli)
		defer stop()
		cli.ask(watch)
		cli.events(2)
		cli.call(0, 0, 0, "hang")
		svc.deliver()
		start := time.Now()
		want := func(event string, after time.Duration) {
			t.Helper()
			if got := cli.events(1)[0]; got != fmt.Sprintf(event, number) {
				t.Errorf("event %q, want %q", got, fmt.Sprintf(event, number))
			}
			if d := time.Since(start); d < after || d > after+time.Second {
				t.Errorf("event came after %v, want %v to a check later", d, after)
			}
		}
		want("changed math@%d", 4500*time.Millisecond)
		cli.call(1, 0, 0, "multiply")
		cli.fails(1, 0, wire.CodeBusy, wire.No) // a suspect gets no new calls
		svc.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindBeat}, nil))
		want("changed math@%d", 4500*time.Millisecond)
		cli.call(2, 0, 0, "multiply") // any byte ends it
		svc.deliver()
		start = time.Now()
		want("changed math@%d", 4500*time.Millisecond)
		want("withdrawn math@%d frozen", 14500*time.Millisecond)
		cli.fails(0, 0, wire.CodeLost, wire.Maybe)
		cli.fails(2, 0, wire.CodeLost, wire.Maybe)
		if n := e.counts.frozen.Load(); n != 1 {
			t.Errorf("frozen sessions = %d, want 1", n)
		}
	})
}

// keepAlive beats for a scripted process until stop is called.
func keepAlive(p *process) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if p.link.AppendFrame(&wire.Header{Kind: wire.KindBeat}, nil) == link.Flush {
					p.link.FlushNow()
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}

func TestFault_17_HalfAFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, &Options{Suspect: 30 * time.Second, Dead: 60 * time.Second})
		p := connect(t, e, "p")
		start := time.Now()
		p.raw(requestFrame(0, 0, 0, "m", time.Second)[:10])
		p.ends()
		if d := time.Since(start); d < 10*time.Second || d > 11*time.Second {
			t.Errorf("closed after %v, want 10 s to a check later", d)
		}
	})
}

func TestFault_16_TruncatedFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		f := requestFrame(0, 0, 0, "multiply", time.Second)
		cli.raw(f[:len(f)-1])
		synctest.Wait()
		cli.link.Close(nil)
		synctest.Wait()
		if n := len(svc.frames); n != 0 {
			t.Errorf("%d frames were delivered, want none", n)
		}
	})
}

func TestFault_12_ProcessThatReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := newExchange(t, &Options{Suspect: time.Minute, Dead: 2 * time.Minute, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		cli := connect(t, e, "cli")
		defer keepAlive(cli)()
		conn, err := e.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hello := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [16]byte{1}})
		if _, err := conn.Write(append(hello, wire.AppendMessage(nil, 1, 0, &wire.Announce{Name: "deaf"})...)); err != nil {
			t.Fatal(err)
		}
		cli.bind(0, "deaf")
		synctest.Wait()
		big := make([]byte, 1<<20)
		full := fmt.Sprintf("is slow to read: its outbox of %d bytes has no room for the call", e.Limits().Outbox)
		refused := 0
		for i := range uint32(20) { // fills the pipe and the outbox; what does not fit is busy
			h := wire.Header{Kind: wire.KindRequest, ID: wire.CallID(i, 0), TTL: 60_000}
			head, _ := wire.AppendRequest(nil, "m", nil)
			cli.raw(wire.AppendFrame(nil, &h, append(head, big...)))
			synctest.Wait()
			if len(cli.frames) > 0 {
				if f := cli.failure(cli.read()); f.Code != wire.CodeBusy || f.Delivered != wire.No || !strings.Contains(f.Description, full) {
					t.Fatalf("call %d failed with %v, want busy, no, %q", i, f, full)
				}
				refused++
			}
		}
		if refused < 10 {
			t.Errorf("%d of 20 calls were refused, want most", refused)
		}
		if waits := e.Sessions()[1].QueueBytes; waits == 0 || waits > e.Limits().Outbox {
			t.Errorf("%d bytes wait for the deaf process, want its outbox of %d at most", waits, e.Limits().Outbox)
		}
		start := time.Now()
		for range 20 - refused {
			if f := cli.failure(cli.expect(wire.KindFailure)); f.Code != wire.CodeLost {
				t.Fatalf("a call failed with %v, want lost", f)
			}
		}
		if d := time.Since(start); d < 14*time.Second || d > 17*time.Second {
			t.Errorf("the deaf process was closed after %v, want 15 s", d)
		}
		if n := e.counts.slow.Load(); n != 1 {
			t.Errorf("slow sessions = %d, want 1", n)
		}
		if n := strings.Count(log.String(), "it does not read"); n != 1 {
			t.Errorf("the log says so %d times, want once:\n%s", n, log.String())
		}
		conn.Close()
	})
}
