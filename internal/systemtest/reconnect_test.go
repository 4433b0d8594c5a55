package systemtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// earlier is what the failure of a call to an address of an exchange that is gone says.
const earlier = "address of an earlier exchange"

// TestFault_06_ExchangeDies is what callers, handlers and watchers see of it.
func TestFault_06_ExchangeDies(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc, g := newGated("gated", &service.ServiceOptions{Groups: []string{"a", "b"}})
		callee := n.announce(svc)
		// It does not come back while the test looks.
		client := n.connect(&service.Options{RetryFixed: time.Hour})
		all := watch(t, client, service.WatchOptions{Glob: "gated"})
		all.wants("available gated", "joined gated of a", "joined gated of b", "synced")
		members := directory(t, client, service.WatchOptions{Group: "a"})
		waitInstances(t, members, "gated", 1)
		down := make(chan error, 1)
		client.OnState(func(up bool, err error) {
			if !up {
				down <- err
			}
		})
		ended := start(t.Context(), client.Endpoint("gated"), "wait", "x")
		testnet.Receive(t, "the handler", g.entered)

		n.close()
		o := testnet.Receive(t, "the outcome", ended)
		want{service.ErrUnreachable, 61, service.Maybe, service.Address{}}.check(t, o.err)
		if err := testnet.Receive(t, "the end of the handler's context", g.ended); err != context.Canceled {
			t.Errorf("the handler's context ended with %v, want %v", err, context.Canceled)
		}
		all.wants("left gated of a (exchange-lost)", "left gated of b (exchange-lost)", "withdrawn gated (exchange-lost)")
		if err := testnet.Receive(t, "the state", down); err == nil {
			t.Error("OnState told no reason")
		}
		want{service.ErrUnreachable, 61, service.No, service.Address{}}.check(t, failing(client.Endpoint("gated"), "wait", "y"))
		want{service.ErrUnreachable, 61, service.No, service.Address{}}.check(t, failing(client.Endpoint("stranger"), "wait", "y"))
		if got := members.All(); len(got) != 0 {
			t.Errorf("the directory has %v while the link is down, want nothing", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := client.Ready(ctx); !errors.Is(err, service.ErrUnreachable) {
			t.Errorf("Ready = %v, want unreachable", err)
		}
		if client.Connected() || !client.Address().IsZero() {
			t.Errorf("connected %v at %v, want neither", client.Connected(), client.Address())
		}
		testnet.WaitFor(t, "the dropped answer to be counted", func() bool { return callee.Stats().Dropped == 1 })
	})
}

// TestFault_07_ExchangeRestarted is that everything comes back but what was held by
// address.
func TestFault_07_ExchangeRestarted(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		math := newMath("web")
		n.announce(math)
		client := n.connect(nil)
		all := watch(t, client, service.WatchOptions{Glob: "m*"})
		all.wants("available math", "joined math of web", "synced")
		old := math.Address()
		held := watch(t, client, service.WatchOptions{Address: old})
		held.wants("available math", "joined math of web", "synced")
		members := directory(t, client, service.WatchOptions{Group: "web"})
		byName, byAddress, typed := client.Endpoint("math"), client.At(old), client.Endpoint(old.String())
		for _, e := range []*service.Endpoint{byName, byAddress, typed} {
			if v := call(t, e, "multiply", 2, 3); v != int64(6) {
				t.Fatalf("multiply by %s = %v, want 6", e.Target(), v)
			}
		}

		n.close()
		all.wants("left math of web (exchange-lost)", "withdrawn math (exchange-lost)")
		ex := n.open()
		if err := client.Ready(patient(t)); err != nil {
			t.Fatalf("Ready = %v", err)
		}
		// The client may be back before or after the service.
		e := all.next()
		if e.Kind == service.Synced {
			all.wants("available math", "joined math of web")
		} else if got := text(e); got != "available math" {
			t.Fatalf("after the restart came %q, want math", got)
		} else {
			testnet.WaitFor(t, "the group", func() bool { return text(all.next()) == "joined math of web" })
		}
		now := waitInstances(t, members, "math", 1)[0].Address
		testnet.WaitFor(t, "the service to know its address", func() bool { return !math.Address().IsZero() })
		if now != math.Address() || now.Origin != ex.Origin() || now.Origin == old.Origin {
			t.Errorf("math is at %v of %x (the service says %v), want an address of %x", now, now.Origin, math.Address(), ex.Origin())
		}
		if v := call(t, byName, "multiply", 2, 3); v != int64(6) {
			t.Errorf("multiply by name = %v, want 6", v)
		}
		for _, e := range []*service.Endpoint{byAddress, typed, client.At(old)} {
			f := want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(e, "multiply", 2, 3))
			if f.Details != earlier {
				t.Errorf("details are %q, want %q", f.Details, earlier)
			}
		}
		held.wants("left math of web (exchange-lost)", "withdrawn math (exchange-lost)")
		if e, err := held.w.Next(patient(t)); !errors.Is(err, service.ErrNoService) {
			t.Errorf("the watch of an address of the earlier exchange went on with %v, %v; want no_service", e, err)
		}
		if _, err := client.Describe(patient(t), "math"); err != nil {
			t.Errorf("Describe = %v", err)
		}
		if lost := client.Stats().Lost; lost != 1 {
			t.Errorf("the client lost %d links, want 1", lost)
		}
		wantServices(t, n, map[string]int{"math": 1})
	})
}

// wantServices fails t unless the exchange has just these services, with so many instances.
func wantServices(t *testing.T, n *network, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, s := range n.exchange().Services("", "") {
		got[s.Name] = len(s.Instances)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the exchange has %v, want %v", got, want)
	}
}

// TestFault_07_ThousandServicesComeBack is the size and the time of the contract, with
// bounds ten times as wide: a thousand processes, one service each, and none of them with
// a word of its own about reconnecting.
func TestFault_07_ThousandServicesComeBack(t *testing.T) {
	testnet.LeakCheck(t)
	const count = 1000
	n := newNetwork(t, "tcp")
	n.open()
	for i := range count {
		conn := n.background(&service.Options{}) // the standard back-off
		s := service.New(fmt.Sprintf("s%d", i), &service.ServiceOptions{Groups: []string{"all"}})
		s.Export("number", func() int { return i }, nil)
		go conn.Announce(patient(t), s) // ends with its answer
	}
	client := n.connect(&service.Options{})
	members := directory(t, client, service.WatchOptions{Group: "all"})
	all := func() bool { return len(members.Group("all")) == count }
	testnet.WaitFor(t, "all services", all)
	n.close()
	testnet.WaitFor(t, "the link to be lost", func() bool { return len(members.All()) == 0 })
	ex := n.open()
	began := time.Now()
	testnet.WaitFor(t, "all services to be back", all)
	took := time.Since(began)
	t.Logf("%d services were back after %v", count, took)
	if took > 15*time.Second {
		t.Errorf("%d services took %v to come back, want 3 s or so", count, took)
	}
	if got := len(ex.Services("", "all")); got != count {
		t.Errorf("the exchange has %d services, want %d", got, count)
	}
	if got := ex.Stats(); got.Instances != count || got.Sessions != count+1 {
		t.Errorf("the exchange has %d instances of %d sessions, want %d of %d", got.Instances, got.Sessions, count, count+1)
	}
	for i := 0; i < count; i += 97 {
		if v := call(t, client.Endpoint(fmt.Sprintf("s%d", i)), "number"); v != int64(i) {
			t.Errorf("s%d answers %v", i, v)
		}
	}
}

// TestReconnect_ChangesMadeMeanwhileCount is that what is announced, withdrawn, joined, left
// and exported while there is no exchange is so at the next one.
func TestReconnect_ChangesMadeMeanwhileCount(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		conn := n.connect(nil)
		stays, goes, comes := newMath("old"), service.New("goes", nil), service.New("comes", nil)
		n.announceBy(conn, stays, goes)
		n.close()
		testnet.WaitFor(t, "the link to be lost", func() bool { return !conn.Connected() })
		if err := conn.Withdraw(patient(t), goes); err != nil {
			t.Errorf("Withdraw while the exchange is away = %v", err)
		}
		if err := errors.Join(stays.Leave("old"), stays.Join("new"), stays.Export("answer", func() int { return 42 }, nil)); err != nil {
			t.Errorf("changes while the exchange is away: %v", err)
		}
		announced := make(chan error, 1)
		ctx := patient(t)
		go func() { announced <- conn.Announce(ctx, comes) }()
		n.open()
		if err := testnet.Receive(t, "the announcement", announced); err != nil {
			t.Errorf("Announce over a reconnection = %v", err)
		}
		testnet.WaitFor(t, "stays to be back", func() bool { return !stays.Address().IsZero() })
		wantServices(t, n, map[string]int{"math": 1, "comes": 1})
		if got := n.exchange().Services("math", "")[0]; !slices.Equal(got.Groups, []string{"new"}) || !slices.Equal(got.Methods, []string{"answer", "multiply"}) {
			t.Errorf("math is in %v with methods %v, want [new] and [answer multiply]", got.Groups, got.Methods)
		}
		if v := call(t, conn.Endpoint("math"), "answer"); v != int64(42) {
			t.Errorf("answer = %v, want 42", v)
		}
	})
}

// TestReconnect_ReadyWaits is the way to wait instead of being told unreachable.
func TestReconnect_ReadyWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		client := n.background(&service.Options{})
		ready := make(chan time.Duration, 1)
		began := time.Now()
		go func() {
			if err := client.Ready(t.Context()); err == nil {
				ready <- time.Since(began)
			}
		}()
		time.Sleep(10 * time.Second)
		n.open()
		if took := <-ready; took < 10*time.Second || took > 12*time.Second+time.Millisecond {
			t.Errorf("Ready after %v, want between 10 s and one back-off of 2 s more", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := n.background(&service.Options{Dial: unanswered}).Ready(ctx); !errors.Is(err, service.ErrUnreachable) {
			t.Errorf("Ready without an exchange = %v, want unreachable", err)
		}
	})
}

// TestReconnect_ClosedForGood is that a Conn does not come back by itself once closed.
func TestReconnect_ClosedForGood(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		client := n.connect(nil)
		w := watch(t, client, service.WatchOptions{Glob: "m*"})
		w.wants("synced")
		client.Close()
		if e, err := w.w.Next(patient(t)); err != service.ErrClosed {
			t.Errorf("the watch of a closed Conn told %v, %v; want %v", e, err, service.ErrClosed)
		}
		testnet.WaitFor(t, "the session to end", func() bool { return ex.Stats().Sessions == 0 })
		want{service.ErrUnreachable, 61, service.No, service.Address{}}.check(t, failing(client.Endpoint("math"), "multiply"))
		if err := client.Announce(t.Context(), newMath()); !errors.Is(err, service.ErrClosed) {
			t.Errorf("Announce by a closed Conn = %v, want %v", err, service.ErrClosed)
		}
		if err := client.Err(); err != service.ErrClosed {
			t.Errorf("Err = %v, want %v", err, service.ErrClosed)
		}
	})
}
