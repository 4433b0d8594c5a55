package command_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// changing is an exchange that may be replaced by another.
type changing struct {
	current atomic.Pointer[exchange.Exchange]
}

func (c *changing) open(t *testing.T) {
	t.Helper()
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.current.Store(ex)
}

func (c *changing) dial(ctx context.Context) (net.Conn, error) { return c.current.Load().Dial(ctx) }

func (c *changing) connect(t *testing.T) *service.Conn {
	t.Helper()
	conn, err := service.Connect(t.Context(), "127.0.0.1:1", &service.Options{Dial: c.dial, Background: true})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// line is what this test reads of a line of top.
type line struct {
	Exchange struct {
		Origin string
		Calls  *float64 `json:"calls_per_s"`
		Open   int      `json:"open_calls"`
	}
	Instances []struct {
		Instance string
		Calls    *float64 `json:"calls_per_s"`
		Failures *float64 `json:"failures_per_s"`
	}
}

// rates are those of a line, a dash where there is none.
func (l line) rates() string {
	var list []string
	add := func(rate *float64) {
		text := "-"
		if rate != nil {
			encoded, _ := json.Marshal(*rate)
			text = string(encoded)
		}
		list = append(list, text)
	}
	add(l.Exchange.Calls)
	for _, i := range l.Instances {
		add(i.Calls)
		add(i.Failures)
	}
	return strings.Join(list, " ")
}

// startTop runs top with its output in a pipe, until stop.
func startTop(t *testing.T, conn *service.Conn) (next func() line, stop func() error) {
	t.Helper()
	c, err := command.Commands().Find("top")
	if err != nil {
		t.Fatal(err)
	}
	out, in := io.Pipe()
	env := &command.Env{
		Flags: given{}, Out: in, Err: io.Discard, Log: slog.New(slog.DiscardHandler),
		Settings: command.Settings{Timeout: time.Minute, Format: command.FormatAuto},
		Connect:  func(context.Context, bool) (*service.Conn, error) { return conn, nil },
		ShowTop:  func(context.Context, *command.TopSampler) error { return errors.New("a screen in a pipe") },
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, env) }()
	lines := json.NewDecoder(out)
	next = func() (l line) {
		t.Helper()
		if err := lines.Decode(&l); err != nil {
			t.Fatal(err)
		}
		return l
	}
	return next, func() error { cancel(); out.Close(); return <-ended }
}

// TestTopCounts calls in virtual time, and begins anew with another exchange.
func TestTopCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ex changing
		ex.open(t)
		host, caller, conn := ex.connect(t), ex.connect(t), ex.connect(t)
		math := service.New("math", nil)
		math.Export("half", func(n int) (int, error) {
			if n%2 != 0 {
				return 0, errors.New("odd")
			}
			return n / 2, nil
		}, nil)
		if err := host.Announce(t.Context(), math); err != nil {
			t.Fatal(err)
		}
		next, stop := startTop(t, conn)
		first := next()
		if got := first.rates(); got != "- - -" || first.Exchange.Open != 0 {
			t.Errorf("first %s with %d open calls, want - - - and none", got, first.Exchange.Open)
		}
		if err := caller.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		for n := range 10 {
			caller.Endpoint("math").Call(t.Context(), "half", n)
		}
		if got := next().rates(); got != "12 10 5" { // 10 of ours and 2 by which top asks
			t.Errorf("a second with calls: %s, want 12 10 5", got)
		}
		if got := next().rates(); got != "2 0 0" {
			t.Errorf("one without: %s, want 2 0 0", got)
		}
		old := ex.current.Load()
		ex.open(t)
		old.Close()
		anew := next()
		if got := anew.rates(); got != "- - -" || anew.Exchange.Origin == first.Exchange.Origin {
			t.Errorf("another exchange: %s of origin %s, want - - - and another than %s", got, anew.Exchange.Origin, first.Exchange.Origin)
		}
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("top ended with %v", err)
		}
		for _, c := range []*service.Conn{conn, caller, host} {
			c.Close()
		}
		ex.current.Load().Close()
	})
}

// TestTopOnAScreen gets the screen of the terminal, unless a document is wanted.
func TestTopOnAScreen(t *testing.T) {
	p := newPlace(t)
	shown := errors.New("shown")
	for _, tc := range []struct {
		name   string
		look   render.Look
		format command.Format
		screen bool
	}{
		{"on a terminal", render.Look{Terminal: true}, command.FormatAuto, true},
		{"as a table", render.Look{Terminal: true}, command.FormatTable, true},
		{"as JSON", render.Look{Terminal: true}, command.FormatJSONL, false},
		{"in a pipe", render.Look{}, command.FormatAuto, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := command.Commands().Find("top")
			if err != nil {
				t.Fatal(err)
			}
			env := &command.Env{
				Flags: given{}, Out: full{}, OutLook: tc.look, Settings: command.Settings{Timeout: time.Minute, Format: tc.format, Exchange: "here"},
				Connect: func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
				ShowTop: func(ctx context.Context, s *command.TopSampler) error {
					if sample, err := s.Sample(ctx); err != nil || len(sample.Instances) != 1 || s.Exchange() != "here" {
						t.Errorf("Sample = %+v, %v of %s", sample, err, s.Exchange())
					}
					return shown
				},
			}
			want := errFull
			if tc.screen {
				want = shown
			}
			if err := c.Run(t.Context(), env); !errors.Is(err, want) {
				t.Errorf("Run = %v, want %v", err, want)
			}
		})
	}
}

// TestExchangeAway tells what may pass from what lasts.
func TestExchangeAway(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		want bool
	}{
		{"unreachable", wire.Failf(wire.CodeUnreachable, wire.No, ""), true},
		{"lost", wire.Failf(wire.CodeLost, wire.Maybe, ""), true},
		{"full", wire.Failf(wire.CodeBusy, wire.No, ""), true},
		{"about to end", wire.Failf(wire.CodeDraining, wire.No, ""), true},
		{"slow", wire.Failf(wire.CodeTimeout, wire.Maybe, ""), true},
		{"denied", wire.Failf(wire.CodeDenied, wire.No, ""), false},
		{"an old one", wire.Failf(wire.CodeNoMethod, wire.No, ""), false},
		{"of another kind", errFull, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := command.ExchangeAway(tc.err); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}
