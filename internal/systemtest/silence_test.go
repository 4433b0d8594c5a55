package systemtest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// The standard times of the contract, and how far apart the looks are.
const (
	suspect = 4500 * time.Millisecond
	dead    = 14500 * time.Millisecond
	look    = 500 * time.Millisecond
)

// within fails t unless d lies between at and one look more.
func within(t *testing.T, what string, d, at time.Duration) {
	t.Helper()
	if d < at || d > at+look {
		t.Errorf("%s after %v, want %v to %v", what, d, at, at+look)
	}
}

// TestFault_09_HalfOpenConnection is a service behind a black hole.
func TestFault_09_HalfOpenConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		wires := newCables(t, n)
		svc, g := newGated("gated", &service.ServiceOptions{Groups: []string{"g"}})
		n.announceBy(n.connect(&service.Options{Dial: wires.dial}), svc)
		old := svc.Address()
		client := n.connect(&service.Options{})
		w := watch(t, client, service.WatchOptions{Glob: "gated"})
		w.wants("available gated", "joined gated of g", "synced")
		ended := start(t.Context(), client.Endpoint("gated").With(service.CallOptions{Timeout: time.Hour}), "wait", "x")
		<-g.entered
		synctest.Wait()

		began := time.Now()
		wires.set(true)
		w.wants("changed gated suspect")
		within(t, "suspect", time.Since(began), suspect)
		want{service.ErrBusy, 62, service.No, service.Address{}}.check(t, failing(client.Endpoint("gated"), "wait", "y"))
		o := <-ended
		within(t, "lost", o.after, dead)
		want{service.ErrLost, 60, service.Maybe, old}.check(t, o.err)
		w.wants("left gated of g (frozen)", "withdrawn gated (frozen)")
		want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(client.Endpoint("gated"), "wait", "z"))
		// The service's end finds out, too, and comes back over a new cable.
		if err := <-g.ended; err != context.Canceled {
			t.Errorf("the handler's context ended with %v, want canceled", err)
		}
		w.wants("available gated", "joined gated of g")
		if took := time.Since(began); took > dead+look+time.Second {
			t.Errorf("back after %v, want %v and one back-off", took, dead)
		}
		close(g.open)
		if v := call(t, client.Endpoint("gated"), "wait", "again"); v != "again" {
			t.Errorf("wait = %v, want again", v)
		}
		if s := n.exchange().Stats(); s.FrozenSessions != 1 || s.OpenCalls != 0 {
			t.Errorf("the exchange counts %d frozen sessions and %d open calls, want 1 and 0", s.FrozenSessions, s.OpenCalls)
		}
	})
}

// TestR_04_AnyByteEndsSuspicion: a process is suspect and is heard again, several times.
func TestR_04_AnyByteEndsSuspicion(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		wires := newCables(t, n)
		math := newMath()
		server := n.connect(&service.Options{Dial: wires.dial})
		n.announceBy(server, math)
		client := n.connect(&service.Options{})
		w := watch(t, client, service.WatchOptions{Glob: "math"})
		w.wants("available math", "synced")
		for range 3 {
			wires.set(true)
			w.wants("changed math suspect")
			want{service.ErrBusy, 62, service.No, service.Address{}}.check(t, failing(client.Endpoint("math"), "multiply", 1, 1))
			if info := n.exchange().Services("math", "")[0].Instances[0]; info.State != "suspect" {
				t.Errorf("the registry shows %s, want suspect", info.State)
			}
			wires.set(false)
			w.wants("changed math ready")
			if v := call(t, client.Endpoint("math"), "multiply", 2, 3); v != int64(6) {
				t.Errorf("multiply = %v, want 6", v)
			}
		}
		if lost := server.Stats().Lost; lost != 0 {
			t.Errorf("the service lost %d links, want none", lost)
		}
	})
}

// TestR_04_BeatsKeepIdleLinks: nobody says anything for a day.
func TestR_04_BeatsKeepIdleLinks(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		server := n.announce(newMath())
		client := n.connect(&service.Options{})
		w := watch(t, client, service.WatchOptions{Glob: "math"})
		w.wants("available math", "synced")
		time.Sleep(time.Hour)
		if v := call(t, client.Endpoint("math"), "multiply", 2, 3); v != int64(6) {
			t.Errorf("multiply = %v, want 6", v)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if e, err := w.w.Next(ctx); err == nil {
			t.Errorf("in an idle hour came %q", text(e))
		}
		if lost := client.Stats().Lost + server.Stats().Lost; lost != 0 {
			t.Errorf("%d links were lost, want none", lost)
		}
	})
}

// TestFault_24_SameProcessComesBackEarly: it gave its old link up before the exchange did.
func TestFault_24_SameProcessComesBackEarly(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		wires := newCables(t, n)
		svc, g := newGated("gated", &service.ServiceOptions{Groups: []string{"g"}})
		n.announceBy(n.connect(&service.Options{
			Dial: wires.dial, Beat: 200 * time.Millisecond, Suspect: 3 * time.Second, Dead: 3500 * time.Millisecond, RetryFixed: time.Millisecond,
		}), svc)
		old := svc.Address()
		client := n.connect(&service.Options{})
		w := watch(t, client, service.WatchOptions{Glob: "gated"})
		w.wants("available gated", "joined gated of g", "synced")
		ended := start(t.Context(), client.Endpoint("gated"), "wait", "x")
		<-g.entered
		wires.set(true)
		o := <-ended
		want{service.ErrLost, 60, service.Maybe, old}.check(t, o.err)
		if o.after > 4*time.Second {
			t.Errorf("lost after %v, want at the return of the process after about 3.5 s", o.after)
		}
		w.wants("left gated of g (replaced)", "withdrawn gated (replaced)", "available gated", "joined gated of g")
		synctest.Wait() // the service hears of it, too
		if svc.Address() == old || svc.Address().IsZero() {
			t.Errorf("gated is at %v, want a new address, not %v", svc.Address(), old)
		}
		close(g.open)
		if v := call(t, client.Endpoint("gated"), "wait", "again"); v != "again" {
			t.Errorf("wait = %v, want again", v)
		}
		time.Sleep(time.Minute) // the old link is found dead, which is nobody's loss
		wantServices(t, n, map[string]int{"gated": 1})
		if s := n.exchange().Stats(); s.Sessions != 2 || s.OpenCalls != 0 {
			t.Errorf("%d sessions and %d open calls, want 2 and 0", s.Sessions, s.OpenCalls)
		}
	})
}

// TestFault_08_FrozenExchange as its clients see it: the link is up and nothing comes.
func TestFault_08_FrozenExchange(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		svc, g := newGated("gated", nil)
		n.announce(svc)
		wires := newCables(t, n)
		client := n.connect(&service.Options{Dial: wires.dial})
		w := watch(t, client, service.WatchOptions{Glob: "gated"})
		w.wants("available gated", "synced")
		ended := start(t.Context(), client.Endpoint("gated").With(service.CallOptions{Timeout: time.Hour}), "wait", "x")
		<-g.entered
		synctest.Wait()
		wires.mu.Lock()
		wires.down = true
		wires.mu.Unlock()
		wires.set(true)
		o := <-ended
		within(t, "unreachable", o.after, dead)
		want{service.ErrUnreachable, 61, service.Maybe, service.Address{}}.check(t, o.err)
		w.wants("withdrawn gated (exchange-lost)")
		want{service.ErrUnreachable, 61, service.No, service.Address{}}.check(t, failing(client.Endpoint("gated"), "wait", "y"))
		if err := <-g.ended; err != context.Canceled {
			t.Errorf("the handler's context ended with %v, want canceled, for its caller is gone", err)
		}
		time.Sleep(time.Minute)
		wires.mu.Lock()
		wires.down = false
		wires.mu.Unlock()
		w.wants("available gated", "synced")
		close(g.open)
		if v := call(t, client.Endpoint("gated"), "wait", "z"); v != "z" {
			t.Errorf("wait = %v, want z", v)
		}
	})
}
