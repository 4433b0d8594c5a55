package systemtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// TestLimits_FramesAtTheLimit are carried, and one byte more is refused by name, in both
// directions, without harm to a link.
func TestLimits_FramesAtTheLimit(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		const limit = 512 << 10 // the least that may be set is a little less
		n.opts = &exchange.Options{Limits: exchange.Limits{MaxFrame: limit}}
		ex := n.open()
		svc := service.New("size", nil)
		svc.Export("take", func(b []byte) int { return len(b) }, nil)
		svc.Export("give", func(size int) []byte { return make([]byte, size) }, nil)
		n.announce(svc)
		client := n.connect(nil)
		size := client.Endpoint("size")
		refused := map[string]int{}
		for _, method := range []string{"take", "give"} {
			for length := limit - 50; length <= limit+1; length++ {
				var arg any = length
				if method == "take" {
					arg = make([]byte, length)
				}
				v, err := size.Call(patient(t), method, arg)
				switch {
				case err == nil && refused[method] > 0:
					t.Fatalf("%s of %d bytes went well, and of fewer did not", method, length)
				case errors.Is(err, service.ErrTooLarge):
					refused[method]++
				case err != nil:
					t.Fatalf("%s of %d bytes ended with %v", method, length, err)
				case method == "give" && len(v.([]byte)) != length, method == "take" && v != int64(length):
					t.Fatalf("%s of %d bytes brought something else", method, length)
				}
			}
			if n := refused[method]; n < 2 || n > 50 {
				t.Errorf("%s: %d sizes were refused, want those whose frame is over the limit", method, n)
			}
		}
		if s := ex.Stats(); client.Stats().Lost != 0 || s.Sessions != 2 || s.Violations != 0 {
			t.Errorf("%d links were lost, %d sessions are left, %d violations; want 0, 2, 0", client.Stats().Lost, s.Sessions, s.Violations)
		}
	})
}

// TestLimits_NamesAndHeaders of any length fail the one call.
func TestLimits_NamesAndHeaders(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		math := newMath()
		n.announce(math)
		client := n.connect(nil)
		e := client.Endpoint("math")
		names := []string{"not UTF-8: \xff", "a control character \x00"}
		for _, length := range []int{1, 127, 128, 129, 254, 255, 256, 1000, 100_000} {
			names = append(names, strings.Repeat("m", length))
		}
		for _, method := range names {
			w := want{service.ErrNoMethod, 55, service.No, math.Address()}
			if len(method) > 255 {
				w.by = service.Address{}
			}
			w.check(t, failing(e, method))
			for _, e := range []*service.Endpoint{client.Endpoint(method), client.Endpoint(method + "@3"), client.At(service.Address{Name: method, Number: 3})} {
				want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(e, "multiply"))
			}
			_, err := client.Describe(patient(t), method)
			want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, err)
			events, err := client.Watch(service.WatchOptions{Address: service.Address{Name: method, Number: 3}})
			if err == nil {
				_, err = events.Next(patient(t))
			}
			if err == nil || errors.Is(err, service.ErrUnreachable) {
				t.Errorf("watching the address %.40q: %v, want a refusal", method, err)
			}
			events, err = client.Watch(service.WatchOptions{Glob: method})
			if err == nil {
				_, err = events.Next(patient(t))
			}
			if errors.Is(err, service.ErrUnreachable) {
				t.Errorf("watching names like %.40q: %v", method, err)
			}
		}
		empty, err := value.Marshal(map[string]any{"h": ""})
		if err != nil {
			t.Fatal(err)
		}
		for _, more := range []int{0, 1} {
			room := 8<<10 - len(empty) - 2 + more // a text over 255 bytes has two more bytes of length
			_, err := e.With(service.CallOptions{Headers: map[string]any{"h": strings.Repeat("x", room)}}).Call(patient(t), "multiply", 1, 2)
			if more == 0 && err != nil {
				t.Errorf("headers at the limit: %v", err)
			}
			if more == 1 {
				want{service.ErrTooLarge, 64, service.No, service.Address{}}.check(t, err)
			}
		}
		if lost := client.Stats().Lost; lost != 0 {
			t.Errorf("%d links were lost, want none", lost)
		}
	})
}

// TestLimits_Metadata: what says too much of itself is refused, and the connection lives.
func TestLimits_Metadata(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		n.connect(&service.Options{Program: strings.Repeat("p", 100_000)})
		conn := n.connect(&service.Options{Program: "not UTF-8: \xff"})
		long := strings.Repeat("x", 1<<20)
		for what, opts := range map[string]*service.ServiceOptions{
			"description": {Description: long}, "version": {Version: long}, "labels": {Labels: map[string]string{"l": long}},
			"a little": {Description: long[:13<<10]}, "no text": {Description: "not UTF-8: \xff"},
			"no label": {Labels: map[string]string{"\xff": "x"}}, "no version": {Version: "\xff"},
		} {
			if err := conn.Announce(patient(t), service.New("large", opts)); err == nil || errors.Is(err, service.ErrUnreachable) {
				t.Errorf("%s: Announce = %v, want a refusal", what, err)
			}
		}
		svc := service.New("large", nil)
		if err := svc.Export("doc", func() {}, &service.MethodOptions{Doc: long}); err == nil {
			if err := conn.Announce(patient(t), svc); err == nil || errors.Is(err, service.ErrUnreachable) {
				t.Errorf("a large doc: Announce = %v, want a refusal", err)
			}
		}
		n.announceBy(conn, newMath())
		if lost := conn.Stats().Lost; lost != 0 {
			t.Errorf("%d links were lost, want none", lost)
		}
	})
}

// TestLimits_TextsOfFailures of any length and bytes arrive, cut and cleaned.
func TestLimits_TextsOfFailures(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		odd := strings.Repeat("no UTF-8 \xff ", 10_000)
		svc := service.New("odd", &service.ServiceOptions{Logger: slog.New(slog.DiscardHandler)})
		svc.Export("plain", func() error { return errors.New(odd) }, nil)
		svc.Export("panic", func() { panic(odd) }, nil)
		svc.Export("own", func() error {
			return &service.Failure{Code: 57, Number: 7, Description: odd, Origin: odd, Details: odd}
		}, nil)
		svc.Export("text", func() string { return odd }, nil)
		svc.Export("echo", func(s string) string { return s }, nil)
		if err := service.New("doc", nil).Export("doc", func() {}, &service.MethodOptions{Doc: "\xff"}); err == nil {
			t.Error("a method's doc that is no UTF-8 was taken")
		}
		n.announce(svc)
		client := n.connect(nil)
		e := client.Endpoint("odd")
		for _, method := range []string{"plain", "panic", "own"} {
			f := want{service.ErrApplication, 57, service.Yes, svc.Address()}.check(t, failing(e, method))
			if !strings.Contains(f.Description, "no UTF-8 \uFFFD ") || len(f.Description) > 5000 {
				t.Errorf("%s: a description of %d bytes, %.40q, want the text, cleaned and cut", method, len(f.Description), f.Description)
			}
		}
		want{service.ErrEncode, 52, service.Yes, svc.Address()}.check(t, failing(e, "text"))
		want{service.ErrEncode, 42, service.No, service.Address{}}.check(t, failing(e, "echo", odd))
		if lost := client.Stats().Lost; lost != 0 {
			t.Errorf("%d links were lost, want none", lost)
		}
	})
}

// TestLimits_SessionsOverTheLimitWait until there is a place.
func TestLimits_SessionsOverTheLimitWait(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.opts = &exchange.Options{Limits: exchange.Limits{Sessions: 2}}
		n.open()
		first := n.connect(nil)
		n.announce(newMath())
		third := n.background(nil)
		down := make(chan error, 1)
		third.OnState(func(up bool, err error) {
			if !up {
				down <- err
			}
		})
		if err := testnet.Receive(t, "the refusal", down); err == nil || !strings.Contains(err.Error(), "limit of 2 sessions") {
			t.Errorf("the refusal is %v, want that of the limit", err)
		}
		f := want{service.ErrBusy, 62, service.No, service.Address{}}.check(t, failing(third.Endpoint("math"), "multiply", 1, 1))
		if !strings.Contains(f.Description, "limit of 2 sessions") {
			t.Errorf("%q does not say why", f.Description)
		}
		first.Close()
		if err := third.Ready(patient(t)); err != nil {
			t.Fatal(err)
		}
		if v := call(t, third.Endpoint("math"), "multiply", 2, 3); v != int64(6) {
			t.Errorf("multiply = %v, want 6", v)
		}
	})
}

// TestLimits_ManyTargets: a connection calls more targets than it may have handles.
func TestLimits_ManyTargets(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.opts = &exchange.Options{Limits: exchange.Limits{Handles: 100}}
		n.open()
		n.announce(newMath())
		client := n.connect(nil)
		math := client.Endpoint("math")
		for round := range 3 {
			var all []*service.Pending
			for i := range 1000 {
				all = append(all, client.Endpoint(fmt.Sprintf("t%d-%d", round, i)).Go(patient(t), "x"))
				if i%50 == 0 {
					if v := call(t, math, "multiply", round, i); v != int64(round*i) {
						t.Fatalf("multiply = %v, want %d", v, round*i)
					}
				}
			}
			for i, p := range all {
				if _, err := p.Result(); !errors.Is(err, service.ErrNoService) && !errors.Is(err, service.ErrBusy) {
					t.Fatalf("target %d: %v, want no_service, or busy for want of a handle", i, err)
				}
			}
		}
		want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(client.Endpoint("another"), "x"))
		if lost := client.Stats().Lost; lost != 0 {
			t.Errorf("%d links were lost, want none", lost)
		}
	})
}

// TestG_02_SlowWatcher leaves the events unread while more happens than is kept for it. It
// finds a reset, and then what makes sense and what is so.
func TestG_02_SlowWatcher(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		conn := n.connect(nil)
		var services []*service.Service
		for range 20 {
			math := newMath("stays")
			services = append(services, math)
			n.announceBy(conn, math)
		}
		watcher := n.connect(nil)
		w := watch(t, watcher, service.WatchOptions{Glob: "math"})
		copied := directory(t, watcher, service.WatchOptions{Glob: "math"})
		for i := range 3000 {
			math := services[i%len(services)]
			if err := errors.Join(math.Join("changes"), math.Leave("changes")); err != nil {
				t.Fatal(err)
			}
		}
		conn.Withdraw(patient(t), services[0])
		waitInstances(t, copied, "math", 19)
		known := map[service.Address]map[string]bool{}
		resets := 0
		ctx, cancel := context.WithTimeout(t.Context(), testnet.Patience)
		defer cancel()
		complete := func() bool {
			if len(known) != 19 {
				return false
			}
			for _, groups := range known {
				if fmt.Sprint(groups) != "map[stays:true]" {
					return false
				}
			}
			return resets > 0
		}
		for !complete() {
			e, err := w.w.Next(ctx)
			if err != nil {
				t.Fatalf("after %d resets %d instances are known: %v", resets, len(known), err)
			}
			if wrong := apply(known, e); wrong != "" {
				t.Errorf("event %q of %v: %s", text(e), e.Info.Address, wrong)
			}
			if e.Kind == service.Reset {
				resets++
			}
		}
	})
}

// TestLimits_DefaultDeadline: the time-out of a Conn is the deadline of calls without one.
func TestLimits_DefaultDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		svc, _ := newGated("gated", nil)
		n.announce(svc)
		client := n.connect(nil)
		o := <-start(t.Context(), client.Endpoint("gated"), "wait", "x")
		want{service.ErrTimeout, 47, service.Maybe, svc.Address()}.check(t, o.err)
		if o.after < 30*time.Second || o.after > 30*time.Second+verdict {
			t.Errorf("the call ended after %v, want 30 s", o.after)
		}
	})
}
