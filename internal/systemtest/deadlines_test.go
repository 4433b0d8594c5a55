package systemtest

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// verdict is how long after its deadline a call may end: two ticks of the exchange's clock.
const verdict = 20 * time.Millisecond

// TestFault_10_HungHandler is a handler that ignores the end of its context.
func TestFault_10_HungHandler(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		entered, release := make(chan context.Context, 10), make(chan struct{})
		svc := service.New("hung", &service.ServiceOptions{Limit: 1, Queue: 1})
		svc.Export("hang", func(ctx context.Context) string {
			entered <- ctx
			<-release
			return "late"
		}, nil)
		n.announce(svc)
		client := n.connect(nil)
		hung := client.Endpoint("hung")
		first := start(t.Context(), hung.With(service.CallOptions{Timeout: time.Second}), "hang")
		handler := <-entered
		second := start(t.Context(), hung.With(service.CallOptions{Timeout: 2 * time.Second}), "hang")
		synctest.Wait()
		want{service.ErrBusy, 62, service.No, service.Address{}}.check(t, failing(hung, "hang"))
		call(t, hung, "system.ping") // beside the limit

		o := <-first
		want{service.ErrTimeout, 47, service.Maybe, svc.Address()}.check(t, o.err)
		if o.after < time.Second || o.after > time.Second+verdict {
			t.Errorf("the call ended after %v, want 1 s", o.after)
		}
		synctest.Wait()
		if err := handler.Err(); err != context.DeadlineExceeded {
			t.Errorf("the handler's context says %v, want %v", err, context.DeadlineExceeded)
		}
		o = <-second // it never started
		want{service.ErrTimeout, 47, service.Maybe, svc.Address()}.check(t, o.err)
		synctest.Wait()
		if got := n.exchange().Services("hung", "")[0].Instances[0].Inflight; got != 1 {
			t.Errorf("%d calls are in flight, want the one that hangs", got)
		}
		third := start(t.Context(), hung, "hang")
		synctest.Wait()
		want{service.ErrBusy, 62, service.No, service.Address{}}.check(t, failing(hung, "hang"))
		close(release)
		wantValue(t, <-third, "late")
		synctest.Wait()
		if s := n.exchange().Stats(); s.LateResponses != 2 || s.OpenCalls != 0 || s.Sessions != 2 {
			t.Errorf("%d late responses, %d open calls, %d sessions, want 2, 0, 2", s.LateResponses, s.OpenCalls, s.Sessions)
		}
	})
}

// TestFault_41_OddDeadlines: what has passed is not delivered, what is too long is cut.
func TestFault_41_OddDeadlines(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		left := make(chan time.Duration, 1)
		svc := service.New("clock", nil)
		svc.Export("left", func(ctx context.Context) {
			deadline, _ := ctx.Deadline()
			left <- time.Until(deadline)
		}, nil)
		n.announce(svc)
		client := n.connect(&service.Options{Timeout: 7 * time.Second})
		clock := client.Endpoint("clock")
		past, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		now, cancelNow := context.WithDeadline(t.Context(), time.Now())
		defer cancelNow()
		for name, ctx := range map[string]context.Context{"past": past, "now": now} {
			_, err := clock.Call(ctx, "left")
			want{service.ErrTimeout, 47, service.No, service.Address{}}.check(t, err)
			if len(left) != 0 {
				t.Errorf("%s: the call was delivered", name)
			}
		}
		want{service.ErrTimeout, 47, service.No, service.Address{}}.check(t, failing(clock.With(service.CallOptions{Timeout: -1}), "left"))
		tenYears, cancelYears := context.WithTimeout(t.Context(), 10*365*24*time.Hour)
		defer cancelYears()
		for _, tt := range []struct {
			ctx     context.Context
			timeout time.Duration
			want    time.Duration
		}{
			{t.Context(), 0, 7 * time.Second},
			{t.Context(), 3 * time.Second, 3 * time.Second},
			{t.Context(), 2 * time.Hour, time.Hour},
			{tenYears, 0, time.Hour},
			{tenYears, 500 * time.Microsecond, time.Millisecond}, // rounded up
		} {
			if _, err := clock.With(service.CallOptions{Timeout: tt.timeout}).Call(tt.ctx, "left"); err != nil {
				t.Fatal(err)
			}
			if got := <-left; got != tt.want {
				t.Errorf("with a time-out of %v the handler has %v, want %v", tt.timeout, got, tt.want)
			}
		}
	})
}

// TestR_05_DeadlineShrinksFromHopToHop: each nested call has what is left of the first.
func TestR_05_DeadlineShrinksFromHopToHop(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		ended := make(chan error, 1)
		back := service.New("back", nil)
		back.Export("hang", func(ctx context.Context) error {
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		}, nil)
		front := service.New("front", nil)
		front.Export("pass", func(ctx context.Context) error {
			time.Sleep(3 * time.Second)
			caller, _ := service.CallerFrom(ctx)
			_, err := caller.Conn.Endpoint("back").Call(ctx, "hang") // a deadline of its own would be 30 s
			return err
		}, nil)
		n.announce(front)
		n.announce(back)
		client := n.connect(nil)
		o := <-start(t.Context(), client.Endpoint("front").With(service.CallOptions{Timeout: 5 * time.Second}), "pass")
		want{service.ErrTimeout, 47, service.Maybe, front.Address()}.check(t, o.err)
		if o.after < 5*time.Second || o.after > 5*time.Second+verdict {
			t.Errorf("the call ended after %v, want 5 s", o.after)
		}
		if err := <-ended; err != context.DeadlineExceeded {
			t.Errorf("the last handler's context ended with %v, want %v", err, context.DeadlineExceeded)
		}
		synctest.Wait()
		if open := n.exchange().Stats().OpenCalls; open != 0 {
			t.Errorf("%d calls are open, want none", open)
		}
	})
}

// TestFault_32_ServiceCallsItself works, but for a serial one, which is told so.
func TestFault_32_ServiceCallsItself(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		hints := make(chan error, 1)
		newSelf := func(name string, opts *service.ServiceOptions) *service.Service {
			s := service.New(name, opts)
			s.Export("down", func(ctx context.Context, i int) (int, error) {
				if i == 0 {
					return 0, nil
				}
				caller, _ := service.CallerFrom(ctx)
				v, err := service.Call[int](ctx, caller.Conn.Endpoint(name), "down", i-1)
				if err != nil && name == "serial" {
					hints <- err
				}
				return v + 1, err
			}, nil)
			return s
		}
		free, serial := newSelf("free", nil), newSelf("serial", &service.ServiceOptions{Serial: true})
		n.announce(free)
		n.announce(serial)
		client := n.connect(nil)
		if v := call(t, client.Endpoint("free"), "down", 10); v != int64(10) {
			t.Errorf("ten calls of itself give %v, want 10", v)
		}
		o := <-start(t.Context(), client.Endpoint("serial").With(service.CallOptions{Timeout: time.Second}), "down", 1)
		want{service.ErrTimeout, 47, service.Maybe, serial.Address()}.check(t, o.err)
		if o.after > time.Second+verdict {
			t.Errorf("the call ended after %v, want 1 s", o.after)
		}
		f := want{service.ErrTimeout, 47, service.Maybe, serial.Address()}.check(t, <-hints)
		if !strings.Contains(f.Details, "serial") {
			t.Errorf("details %q do not hint at the reason", f.Details)
		}
		if v := call(t, client.Endpoint("serial"), "down", 0); v != int64(0) {
			t.Errorf("afterwards the service answers %v, want 0", v)
		}
	})
}

// TestFault_02_ServiceEndsWithAFullQueue and without the time to empty it.
func TestFault_02_ServiceEndsWithAFullQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		svc, g := newGated("gated", &service.ServiceOptions{Serial: true})
		conn := n.announce(svc)
		address := svc.Address()
		client := n.connect(nil)
		running := start(t.Context(), client.Endpoint("gated"), "wait", "running")
		<-g.entered
		queued := []<-chan outcome{start(t.Context(), client.Endpoint("gated"), "wait", "a"), start(t.Context(), client.Endpoint("gated"), "wait", "b")}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- conn.Shutdown(ctx) }()
		synctest.Wait()
		want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(client.Endpoint("gated"), "wait", "too late"))
		for _, q := range queued {
			o := <-q
			want{service.ErrDraining, 65, service.No, address}.check(t, o.err)
		}
		o := <-running
		want{service.ErrLost, 60, service.Maybe, address}.check(t, o.err)
		if o.after != 5*time.Second {
			t.Errorf("lost after %v, want at the end of the grace, 5 s", o.after)
		}
		if err := <-ended; err == nil {
			t.Error("Shutdown = nil though a call was cut off")
		}
		if err := <-g.ended; err != context.Canceled {
			t.Errorf("the handler's context ended with %v, want canceled", err)
		}
	})
}

// TestFault_02_RunningAndQueuedCallsEndInTheGrace: nothing is lost when there is time.
func TestFault_02_RunningAndQueuedCallsEndInTheGrace(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		svc := service.New("slow", &service.ServiceOptions{Limit: 2})
		svc.Export("nap", func(i int) int { time.Sleep(time.Second); return i }, nil)
		conn := n.announce(svc)
		client := n.connect(nil)
		w := watch(t, client, service.WatchOptions{Glob: "slow"})
		var all []<-chan outcome
		for i := range 8 {
			all = append(all, start(t.Context(), client.Endpoint("slow"), "nap", i))
		}
		synctest.Wait()
		stopped := make(chan error, 1)
		began := time.Now()
		go func() { stopped <- conn.Shutdown(t.Context()) }()
		for i, ended := range all {
			wantValue(t, <-ended, int64(i))
		}
		if err := <-stopped; err != nil {
			t.Errorf("Shutdown = %v, want nil", err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("draining took %v, want 4 s", took)
		}
		for e := w.next(); ; e = w.next() {
			if e.Kind == service.Withdrawn {
				if e.Reason != service.ReasonDrained {
					t.Errorf("withdrawn for the reason %s, want drained", e.Reason)
				}
				break
			}
		}
	})
}
