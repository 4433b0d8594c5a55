package exchange

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestShutdown_WaitsForOpenCallsAndTheCallsTheyMake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		cli.call(0, 0, 0, "outer")
		outer := svc.deliver()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- e.Shutdown(ctx) }()
		if d := svc.expect(wire.KindDrain); d.TTL != 5000 {
			t.Errorf("drain says %d ms, want 5000", d.TTL)
		}
		cli.expect(wire.KindDrain)
		cli.call(1, 0, 0, "new")
		cli.fails(1, 0, wire.CodeDraining, wire.No)
		inner := requestFrame(0, 0, 0, "inner", time.Second)
		inner[6] = 1 // made by a handler
		svc.raw(append(bindFrame(0, "math"), inner...))
		d := svc.deliver()
		svc.answer(d.ID, []byte{1})
		svc.expect(wire.KindResponse)
		svc.answer(outer.ID, []byte{2})
		cli.expect(wire.KindResponse)
		cli.expect(wire.KindBye)
		if err := <-ended; err != nil {
			t.Errorf("Shutdown = %v, want nil", err)
		}
		if _, err := e.Dial(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("Dial = %v, want ErrClosed", err)
		}
	})
}

func TestShutdown_GivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
		cli.call(0, 0, 0, "hang")
		svc.deliver()
		cli.call(1, 7, 0, "stream")
		svc.raw(resultFrame(svc.deliver().ID, 1))
		cli.expect(wire.KindResult)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := e.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown = %v, want deadline exceeded", err)
		}
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("it took %v, want about a second", d)
		}
		cli.expect(wire.KindDrain)
		cli.fails(0, 0, wire.CodeUnreachable, wire.Maybe)
		cli.fails(1, 7, wire.CodeUnreachable, wire.Yes)
		var bye wire.Bye
		if cli.message(wire.KindBye, &bye); bye.Reason != wire.ReasonDrained || bye.Final {
			t.Errorf("the goodbye is %+v, want reason drained and not final", bye)
		}
	})
}

// Whichever session ends first, the others see their own link break, and not a loss that
// is none of the service's.
func TestFault_06_ClosedExchangeTellsNobodyOfLostInstances(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			e, svc, cli, _ := pair(t, &wire.Announce{Name: "math"})
			cli.raw(wire.AppendMessage(nil, 1, 0, &wire.Watch{ID: 1}))
			cli.events(3)
			cli.call(0, 0, 0, "hang")
			svc.deliver()
			e.Close()
			cli.ends()
			svc.ends()
			if len(cli.frames) > 0 {
				t.Errorf("the caller was told %s", cli.read().Kind)
			}
			if len(svc.frames) > 0 {
				t.Errorf("the service was told %s", svc.read().Kind)
			}
		})
	}
}

func TestWatch_SlowWatcherGetsResetAndThePresentState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, &Options{Suspect: time.Hour, Dead: 2 * time.Hour, Slow: time.Hour})
		conn, err := e.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hello := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [16]byte{1}})
		if _, err := conn.Write(append(hello, wire.AppendMessage(nil, 1, 0, &wire.Watch{ID: 1, Scope: wire.ScopeGlob, Pattern: "svc"})...)); err != nil {
			t.Fatal(err)
		}
		svc := connect(t, e, "svc")
		svc.announce(&wire.Announce{Name: "svc", Description: strings.Repeat("x", 8_000)})
		for i := range 1_000 { // two events each; the watcher reads nothing
			svc.ask(&wire.Update{Join: []string{"g"}})
			svc.ask(&wire.Update{Leave: []string{"g"}})
			svc.expect(wire.KindDone)
			svc.expect(wire.KindDone)
			if i%100 == 0 {
				synctest.Wait()
			}
		}
		if e.counts.resets.Load() == 0 {
			t.Fatal("the watch was never renewed; the test does not reach the bound")
		}
		late := attach(t, conn) // now it reads
		late.expect(wire.KindWelcome)
		var seen []string
		for !slices.Contains(seen, "reset") || seen[len(seen)-1] != "synced" {
			seen = append(seen, late.events(1)...)
		}
		at := slices.Index(seen, "reset")
		if rest := seen[at+1:]; len(rest) < 2 || !strings.HasPrefix(rest[0], "available svc@") {
			t.Errorf("behind the reset came %v, want the present state and synced", rest)
		}
	})
}
