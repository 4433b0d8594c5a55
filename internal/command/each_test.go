package command_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// notebook is an output that two goroutines may look at.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notebook) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// eachRun is a run of call --each on its way.
type eachRun struct {
	out, err notebook
	ended    chan error
}

// callEach begins one.
func (p *place) callEach(ctx context.Context, t *testing.T, in io.Reader, flags given, words ...string) *eachRun {
	t.Helper()
	c, err := command.Commands().Find("call")
	if err != nil {
		t.Fatal(err)
	}
	flags["each"] = true
	r := &eachRun{ended: make(chan error, 1)}
	env := &command.Env{
		Args: words, Flags: flags, In: in, Out: &r.out, Err: &r.err, Log: slog.New(slog.DiscardHandler),
		Settings: command.Settings{Timeout: time.Minute, Format: command.FormatAuto},
		Connect:  func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
	}
	go func() { r.ended <- c.Execute(ctx, env) }()
	return r
}

// lineCounter is an endless stdin of lines 1, 2, 3, one in each read. It counts what was read.
type lineCounter struct{ read atomic.Int64 }

func (l *lineCounter) Read(p []byte) (int, error) {
	return copy(p, fmt.Sprintf("%d\n", l.read.Add(1))), nil
}

// hold exports a method that returns its argument when it is let go.
func hold(t *testing.T, p *place) (begun chan int64, release chan struct{}) {
	begun, release = make(chan int64, 1000), make(chan struct{})
	p.announce(t, "slow", func(s *service.Service) {
		s.Export("hold", func(ctx context.Context, x int64) (int64, error) {
			begun <- x
			select {
			case <-release:
				return x, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}, nil)
	})
	return begun, release
}

// TestEachHoldsFewItems: while the first item takes its time, the others go on as far as their
// results can be kept, and an endless stdin is not read beyond that.
func TestEachHoldsFewItems(t *testing.T) {
	p := newPlace(t)
	release := make(chan struct{})
	var done atomic.Int64
	p.announce(t, "slow", func(s *service.Service) {
		s.Export("first", func(ctx context.Context, x int64) int64 {
			if x == 1 {
				select {
				case <-release:
				case <-ctx.Done():
				}
			}
			done.Add(1)
			return x
		}, nil)
	})
	ctx, cancel := context.WithCancel(t.Context())
	in := &lineCounter{}
	r := p.callEach(ctx, t, in, given{"parallel": 2}, "slow.first")
	// Four for each call are in the queue, one is waited for, one has no place there yet.
	const held = 2*4 + 2
	testnet.WaitFor(t, "all that can be done", func() bool { return in.read.Load() == held && done.Load() == held-2 })
	if got := r.out.String(); got != "" {
		t.Errorf("printed %q before the first item was done", got)
	}
	close(release)
	testnet.WaitFor(t, "what comes behind", func() bool { return strings.Count(r.out.String(), "\n") > 100 })
	cancel()
	if e := command.Explain(ctx, testnet.Receive(t, "the end", r.ended)); e == nil || e.Exit != 130 {
		t.Errorf("ended with %v, want interrupted", e)
	}
	for i, line := range strings.Split(strings.TrimSuffix(r.out.String(), "\n"), "\n") {
		if line != fmt.Sprint(i+1) {
			t.Fatalf("line %d is %s", i+1, line)
		}
	}
}

// TestEachKeepsTheOrder of the items, whichever is done first.
func TestEachKeepsTheOrder(t *testing.T) {
	p := newPlace(t)
	var turn atomic.Int64
	gates := make([]chan struct{}, 8)
	for i := range gates {
		gates[i] = make(chan struct{})
	}
	p.announce(t, "slow", func(s *service.Service) {
		s.Export("backwards", func(x int64) int64 {
			if turn.Add(1) == 8 {
				close(gates[7])
			}
			<-gates[x]
			if x > 0 {
				close(gates[x-1])
			}
			return x
		}, nil)
	})
	r := p.callEach(t.Context(), t, strings.NewReader("0\n1\n2\n3\n4\n5\n6\n7\n"), given{"parallel": 8}, "slow.backwards")
	if err := testnet.Receive(t, "the end", r.ended); err != nil {
		t.Fatal(err)
	}
	if got, want := r.out.String(), "0\n1\n2\n3\n4\n5\n6\n7\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEachFailsFast: what is in flight when an item fails ends as ever, and nothing begins after
// it, though stdin goes on and says nothing.
func TestEachFailsFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t)
		begun, release := hold(t, p)
		in, lines := io.Pipe()
		defer lines.Close()
		r := p.callEach(t.Context(), t, in, given{"parallel": 2, "fail-fast": true}, "slow.hold")
		io.WriteString(lines, "1\n")
		<-begun
		io.WriteString(lines, "\"x\"\n3\n4\n")
		synctest.Wait() // the second has failed, and the others wait
		close(release)
		e := command.Explain(t.Context(), <-r.ended)
		if e == nil || e.Exit != command.ExitPartial || e.Message != "1 of 2 items failed" {
			t.Errorf("ended with %v, want 1 of 2", e)
		}
		if got := r.out.String(); got != "1\n" {
			t.Errorf("printed %q, want the item that was in flight", got)
		}
		if got := r.err.String(); !strings.HasPrefix(got, "netsvc: item 2: slow.hold: argument ") || strings.Count(got, "\n") != 1 {
			t.Errorf("told %q, want one line about item 2", got)
		}
	})
}

// TestEachEndsAtASignal: at once, whether it waits for a call or for stdin.
func TestEachEndsAtASignal(t *testing.T) {
	for _, tc := range []struct {
		name, lines, want string
		calls             int
	}{
		{"before the first line", "", "netsvc: slow.hold: terminated", 0},
		{"in the middle of calls", "1\n2\n3\n", "netsvc: slow.hold: terminated (the method may have run)", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPlace(t)
			begun, _ := hold(t, p)
			ctx, end := context.WithCancelCause(t.Context())
			in, lines := io.Pipe()
			t.Cleanup(func() { lines.Close() })
			r := p.callEach(ctx, t, in, given{"parallel": 2}, "slow.hold")
			io.WriteString(lines, tc.lines)
			for range tc.calls {
				testnet.Receive(t, "a call", begun)
			}
			end(&command.Interrupted{Signal: syscall.SIGTERM})
			e := command.Explain(ctx, testnet.Receive(t, "the end", r.ended))
			if e == nil || e.Exit != 143 || e.Line(render.Look{}) != tc.want {
				t.Errorf("ended with %v, want %s", e, tc.want)
			}
			if r.out.String() != "" || r.err.String() != "" {
				t.Errorf("wrote %q and %q", r.out.String(), r.err.String())
			}
		})
	}
}

// TestEachEndsWhenNobodyReads: the calls in flight are canceled then.
func TestEachEndsWhenNobodyReads(t *testing.T) {
	p := newPlace(t)
	c, err := command.Commands().Find("call")
	if err != nil {
		t.Fatal(err)
	}
	env := &command.Env{
		Args: []string{"math.upper"}, Flags: given{"each": true, "parallel": 4}, In: strings.NewReader(strings.Repeat("\"a\"\n", 1000)),
		Out: full{}, Err: io.Discard, Settings: command.Settings{Timeout: time.Minute, Format: command.FormatAuto},
		Connect: func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
	}
	if err := c.Execute(t.Context(), env); !errors.Is(err, errFull) {
		t.Errorf("ended with %v, want the error of the output", err)
	}
}

// TestEachOfAStdinThatBreaks tells of it when what came before is done.
func TestEachOfAStdinThatBreaks(t *testing.T) {
	p := newPlace(t)
	in := io.MultiReader(strings.NewReader("\"a\"\n\"b\"\n"), brokenInput{})
	r := p.callEach(t.Context(), t, in, given{}, "math.upper")
	e := command.Explain(t.Context(), testnet.Receive(t, "the end", r.ended))
	if e == nil || e.Exit != command.ExitUsage || e.Message != "call: cannot read stdin: it broke" {
		t.Errorf("ended with %v", e)
	}
	if got := r.out.String(); got != "\"A\"\n\"B\"\n" {
		t.Errorf("printed %q", got)
	}
}

type brokenInput struct{}

func (brokenInput) Read([]byte) (int, error) { return 0, errors.New("it broke") }

// TestEachTakesLinesOfAnyLength, also where one ends with what is read at once.
func TestEachTakesLinesOfAnyLength(t *testing.T) {
	p := newPlace(t)
	var in, want strings.Builder
	for _, n := range []int{0, 1, 65533, 65534, 65535, 65536, 131069, 131070, 1 << 20} {
		text := strings.Repeat("A", n)
		fmt.Fprintf(&in, "\"%s\"\r\n \t\n", text)
		fmt.Fprintf(&want, "\"%s\"\n", text)
	}
	r := p.callEach(t.Context(), t, strings.NewReader(strings.TrimSpace(in.String())), given{"parallel": 2}, "math.upper")
	if err := testnet.Receive(t, "the end", r.ended); err != nil || r.out.String() != want.String() {
		t.Errorf("got %d bytes, %v, want %d", len(r.out.String()), err, want.Len())
	}
}

// TestEachMakesResultsOfAnExpression: what fails in it is the item's failure.
func TestEachMakesResultsOfAnExpression(t *testing.T) {
	p := newPlace(t)
	c, err := command.Commands().Find("call")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, jq string
		flags    given
		out      string
		told     []string // the beginnings of lines
		message  string
	}{
		{"of a value", "tonumber + 1", given{}, "2\n4\n", []string{"netsvc: item 2: math.upper: --jq: "}, "1 of 3 items failed"},
		{"of a value, no more after it", "tonumber + 1", given{"fail-fast": true}, "2\n", []string{"netsvc: item 2: math.upper: --jq: "}, ""},
		{"of an envelope", "[.item, .ok, (.value|tonumber)] | add // 0", given{"envelope": true}, "", []string{
			"netsvc: item 1: math.upper: --jq: ", "netsvc: item 2: math.upper: --jq: ", "netsvc: item 3: math.upper: --jq: ",
		}, "3 of 3 items failed"},
		{"of some envelopes", ".value | tonumber", given{"envelope": true}, "1\n3\n", []string{"netsvc: item 2: math.upper: --jq: "}, "1 of 3 items failed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.flags["each"] = true
			var out, told bytes.Buffer
			env := &command.Env{
				Args: []string{"math.upper"}, Flags: tc.flags, In: strings.NewReader("\"1\"\n\"a\"\n\"3\"\n"), Out: &out, Err: &told,
				Settings: command.Settings{Timeout: time.Minute, Format: command.FormatAuto, JQ: tc.jq},
				Connect:  func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
			}
			e := command.Explain(t.Context(), c.Execute(t.Context(), env))
			if e == nil || e.Exit != command.ExitPartial || !strings.HasPrefix(out.String(), tc.out) || tc.message != "" && (e.Message != tc.message || out.String() != tc.out) {
				t.Errorf("got %q, %v, want %q and %s", out.String(), e, tc.out, tc.message)
			}
			lines := strings.SplitAfter(told.String(), "\n")
			if len(lines) != len(tc.told)+1 {
				t.Fatalf("told %q, want %q", lines, tc.told)
			}
			for i, begin := range tc.told {
				if !strings.HasPrefix(lines[i], begin) {
					t.Errorf("told %q, want %q", lines[i], begin)
				}
			}
		})
	}
}
