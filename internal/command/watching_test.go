package command_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// stoppable is a connection whose process can be stopped: it reads nothing until it goes on.
type stoppable struct {
	net.Conn
	stopped atomic.Bool
	resumed chan struct{}
}

func (s *stoppable) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if s.stopped.Load() {
		<-s.resumed
	}
	return n, err
}

// TestStatsOfAnInstanceThatHangs: it is shown as such, with what the exchange counts of it, and
// takes no more than two seconds from the others.
func TestStatsOfAnInstanceThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &place{math: service.New("math", nil)}
		ex, err := exchange.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ex.Close()
		p.ex = ex
		frozen := &stoppable{resumed: make(chan struct{})}
		host, err := service.Connect(t.Context(), "127.0.0.1:1", &service.Options{Dial: func(ctx context.Context) (net.Conn, error) {
			frozen.Conn, err = ex.Dial(ctx)
			return frozen, err
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer host.Close()
		p.host, p.conn = p.connect(t), p.connect(t)
		defer p.host.Close()
		defer p.conn.Close()
		if err := errors.Join(host.Announce(t.Context(), service.New("hung", nil)), p.host.Announce(t.Context(), p.math)); err != nil {
			t.Fatal(err)
		}
		frozen.stopped.Store(true)
		defer close(frozen.resumed)
		began := time.Now()
		out, err := p.run(t, render.Look{}, given{"output": "table"}, "stats", "*")
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("it took %v, want 2 s", took)
		}
		e := command.Explain(t.Context(), err)
		if e == nil || e.Exit != command.ExitPartial || e.Message != "1 of 2 instances did not tell their counters" {
			t.Errorf("stats = %v, want partial", err)
		}
		want := "ADDRESS  STATE  IN FLIGHT  WAITING  LIMIT  CALLS  FAILED  FAILURES\n" +
			"hung@6   ready  0          timeout  -      0      0\n" +
			"math@7   ready  0          0        256    0      0\n"
		if out != want {
			t.Errorf("got\n%s\nwant\n%s", out, want)
		}
	})
}

// TestEventsThatNobodyReads: a reader that sleeps through too many changes finds a reset in their
// place, and what there is behind it.
func TestEventsThatNobodyReads(t *testing.T) {
	p := newPlace(t)
	c, err := command.Commands().Find("events")
	if err != nil {
		t.Fatal(err)
	}
	out, in := io.Pipe()
	env := &command.Env{
		Flags: given{}, Settings: command.Settings{Timeout: time.Minute, Format: command.FormatJSONL}, Out: in, Err: io.Discard,
		Connect: func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
	}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Execute(ctx, env) }()
	one := make([]byte, 1)
	if _, err := out.Read(one); err != nil { // it has begun to write, and waits for us
		t.Fatal(err)
	}
	for range 1_000 { // two changes each: more than a watch keeps
		if err := errors.Join(p.math.Join("lab"), p.math.Leave("lab")); err != nil {
			t.Fatal(err)
		}
	}
	last := service.New("last", nil)
	if err := p.host.Announce(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	testnet.WaitFor(t, "the watch to be full", func() bool {
		_, err := p.run(t, render.Look{}, nil, "wait", "last")
		return err == nil
	})
	var seen []string
	reset := `"event":"reset","service":null,"instance":null,"origin":null,"group":null,"state":null,"reason":null}`
	scan := bufio.NewScanner(out)
	for !strings.Contains(strings.Join(seen, "\n"), `"service":"last"`) && scan.Scan() {
		seen = append(seen, scan.Text())
	}
	if n := strings.Count(strings.Join(seen, "\n"), reset); n != 1 {
		t.Errorf("%d resets in %d lines, want 1", n, len(seen))
	}
	end()
	out.Close()
	if err := testnet.Receive(t, "the end of events", ended); err == nil {
		t.Error("events ended without a reason")
	}
}
