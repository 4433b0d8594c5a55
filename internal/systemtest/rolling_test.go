package systemtest

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// TestReplicas_RollingRestart replaces both replicas in turn, each when the other one is
// there again by its own word, which callers and gateways may not have heard: not one call
// fails, by name or over HTTP, for a group or for a name.
func TestReplicas_RollingRestart(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		replica := func() (stop func() error) {
			math := newMath("web")
			stop = n.run(math)
			testnet.WaitFor(t, "the replica to be announced", func() bool { return !math.Address().IsZero() })
			return stop
		}
		stops := []func() error{replica(), replica()}
		group := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		group.eventually("math by its group", http.StatusOK)
		name := newWebsite(t, n.connect(nil), xmlrpc.Selection{Services: []string{"math"}}, nil)
		name.eventually("math by its name", http.StatusOK)
		var l load
		for range 8 {
			math := n.connect(nil).Endpoint("math")
			l.run(1, func() {
				if v, err := math.Call(t.Context(), "multiply", 3, 4); err != nil || v != int64(12) {
					t.Errorf("multiply = %v, %v, want 12", v, err)
					l.stop.Store(true)
				}
			})
		}
		for what, web := range map[string]*website{"group": group, "name": name} {
			l.run(2, func() {
				if a := web.call(mathPath, "multiply", 3, 4); a.value != int64(12) {
					t.Errorf("over HTTP by %s the answer is %+v, want 12", what, a)
					l.stop.Store(true)
				}
			})
		}
		for i := range 40 {
			before := l.calls.Load()
			if err := stops[i%2](); err != nil {
				t.Errorf("a replica ended with %v, want nil", err)
			}
			stops[i%2] = replica()
			testnet.WaitFor(t, "some calls", func() bool { return l.calls.Load() > before+100 || l.stop.Load() })
		}
		t.Logf("%d calls", l.end())
		if s := n.exchange().Stats(); s.Failures["lost"] != 0 || s.Instances != 2 {
			t.Errorf("failures %v and %d instances, want nothing lost and 2", s.Failures, s.Instances)
		}
	})
}

// TestReplicas_RollingRestartWithKeptRequests: a drain waits for what is answered later, too.
func TestReplicas_RollingRestartWithKeptRequests(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		replica := func() (stop func() error) {
			svc := service.New("keeper", nil)
			svc.Export("keep", func(ctx context.Context) {
				k := service.Keep(ctx)
				time.AfterFunc(30*time.Millisecond, func() { k.Answer("later") })
			}, nil)
			stop = n.run(svc)
			testnet.WaitFor(t, "the replica to be announced", func() bool { return !svc.Address().IsZero() })
			return stop
		}
		stops := []func() error{replica(), replica()}
		var l load
		for range 8 {
			keeper := n.connect(nil).Endpoint("keeper")
			l.run(1, func() {
				if v, err := keeper.Call(t.Context(), "keep"); err != nil || v != "later" {
					t.Errorf("keep = %v, %v, want later", v, err)
					l.stop.Store(true)
				}
			})
		}
		for i := range 8 {
			before := l.calls.Load()
			if err := stops[i%2](); err != nil {
				t.Errorf("a replica ended with %v, want nil", err)
			}
			stops[i%2] = replica()
			testnet.WaitFor(t, "some calls", func() bool { return l.calls.Load() > before+10 || l.stop.Load() })
		}
		t.Logf("%d calls", l.end())
		if s := waitIdle(t, ex); len(s.Failures) != 0 || s.LateResponses != 0 {
			t.Errorf("failures %v and %d late responses, want none", s.Failures, s.LateResponses)
		}
	})
}

// TestReplicas_LeastLoaded: who has the fewest calls in flight gets the next one.
func TestReplicas_LeastLoaded(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		gates := map[service.Address]*gate{}
		var addresses []service.Address
		for range 2 {
			svc, g := newGated("gated", nil)
			n.announce(svc)
			addresses = append(addresses, svc.Address())
			gates[svc.Address()] = g
		}
		client := n.connect(nil)
		busy, idle := gates[addresses[0]], gates[addresses[1]]
		for i := range 5 { // five calls for the one, by its address
			client.At(addresses[0]).Go(patient(t), "wait", fmt.Sprint("direct ", i))
			testnet.Receive(t, "the busy one", busy.entered)
		}
		for i := range 5 { // the next five are for the other
			n.connect(nil).Endpoint("gated").Go(patient(t), "wait", fmt.Sprint(i))
			if got := testnet.Receive(t, "the idle one", idle.entered); got != fmt.Sprint(i) {
				t.Errorf("the idle one got call %s, want %d", got, i)
			}
		}
		for range 4 { // and then they share
			client.Endpoint("gated").Go(patient(t), "wait", "shared")
		}
		for _, g := range []*gate{busy, idle, busy, idle} {
			testnet.Receive(t, "each of the two", g.entered)
		}
		close(busy.open)
		close(idle.open)
	})
}

// TestReplicas_HiddenUntilReady: a hidden instance is called by its address alone.
func TestReplicas_HiddenUntilReady(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		math := service.New("math", &service.ServiceOptions{Hidden: true, Groups: []string{"web"}})
		math.Export("multiply", func(x, y int64) int64 { return x * y }, nil)
		n.announce(math)
		client := n.connect(nil)
		w := watch(t, client, service.WatchOptions{Group: "web"})
		w.wants("synced")
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		web.eventually("math to be refused while it is hidden", http.StatusNotFound)
		want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(client.Endpoint("math"), "multiply", 1, 1))
		if v := call(t, client.At(math.Address()), "multiply", 2, 3); v != int64(6) {
			t.Errorf("multiply by address = %v, want 6", v)
		}
		for range 3 {
			math.SetHidden(false)
			w.wants("available math", "joined math of web")
			web.eventually("math to be reached", http.StatusOK)
			if v := call(t, client.Endpoint("math"), "multiply", 2, 3); v != int64(6) {
				t.Errorf("multiply by name = %v, want 6", v)
			}
			math.SetHidden(true)
			w.wants("left math of web (closed)", "withdrawn math (closed)")
			web.eventually("math to be refused again", http.StatusNotFound)
		}
	})
}
