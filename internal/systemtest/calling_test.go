package systemtest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// recorder is a service that notes the order in which its handlers start.
type recorder struct {
	mu    sync.Mutex
	began []int64
}

func (r *recorder) note(i int64) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.began = append(r.began, i)
	return i
}

// TestR_07_SerialStartsInTheOrderSent, by name and by address, whatever method is called.
func TestR_07_SerialStartsInTheOrderSent(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		const count = 1000
		r := new(recorder)
		svc := service.New("recorder", &service.ServiceOptions{Serial: true, Queue: 2 * count})
		svc.Export("note", r.note, nil)
		svc.Export("alsoNote", func(_ context.Context, i int64) (int64, error) { return r.note(i), nil }, nil)
		n.announce(svc)
		client := n.connect(nil)
		endpoints := []*service.Endpoint{client.Endpoint("recorder"), client.Endpoint("recorder"), client.At(svc.Address())}
		var all []*service.Pending
		for i := range count {
			method := []string{"note", "alsoNote"}[i%2]
			all = append(all, endpoints[i%3].Go(patient(t), method, i))
		}
		for i, p := range all {
			if v, err := p.Result(); err != nil || v != int64(i) {
				t.Fatalf("call %d = %v, %v", i, v, err)
			}
		}
		if !slices.IsSorted(r.began) || len(r.began) != count {
			t.Errorf("%d handlers began in the order %v...", len(r.began), r.began[:10])
		}
	})
}

// TestR_07_LimitAndQueue: so many run, so many wait, and the next is refused at once.
func TestR_07_LimitAndQueue(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc, g := newGated("gated", &service.ServiceOptions{Limit: 3, Queue: 5})
		n.announce(svc)
		client := n.connect(nil)
		gated := client.Endpoint("gated")
		var all []*service.Pending
		for i := range 8 {
			all = append(all, gated.Go(patient(t), "wait", fmt.Sprint(i)))
		}
		for range 3 {
			testnet.Receive(t, "the handlers", g.entered)
		}
		want{service.ErrBusy, 62, service.No, service.Address{}}.check(t, failing(gated, "wait", "one too many"))
		testnet.WaitFor(t, "8 calls in flight, 5 of them waiting", func() bool {
			stats := call(t, gated, "system.stats").(map[string]any)
			return stats["inflight"] == int64(8) && stats["waiting"] == int64(5)
		})
		if len(g.entered) != 0 {
			t.Errorf("%d more handlers have begun, want none", len(g.entered))
		}
		close(g.open)
		for i, p := range all {
			if v, err := p.Result(); err != nil || v != fmt.Sprint(i) {
				t.Errorf("call %d = %v, %v", i, v, err)
			}
		}
	})
}

// TestR_06_WaitingCallsCanBeCancelled and never start.
func TestR_06_WaitingCallsCanBeCancelled(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		svc, g := newGated("gated", &service.ServiceOptions{Serial: true})
		n.announce(svc)
		client := n.connect(nil)
		gated := client.Endpoint("gated")
		first := gated.Go(patient(t), "wait", "first")
		testnet.Receive(t, "the handler", g.entered)
		waiting := []*service.Pending{gated.Go(patient(t), "wait", "a"), gated.Go(patient(t), "wait", "b"), gated.Go(patient(t), "wait", "c")}
		waiting[1].Cancel()
		_, err := waiting[1].Result()
		want{service.ErrCanceled, 48, service.Maybe, service.Address{}}.check(t, err)
		testnet.WaitFor(t, "the cancel to arrive", func() bool {
			return call(t, gated, "system.stats").(map[string]any)["waiting"] == int64(2)
		})
		close(g.open)
		for _, p := range []*service.Pending{first, waiting[0], waiting[2]} {
			if _, err := p.Result(); err != nil {
				t.Errorf("another call ended with %v", err)
			}
		}
		waitIdle(t, ex)
		if a, c := <-g.entered, <-g.entered; a != "a" || c != "c" || len(g.entered) != 0 {
			t.Errorf("the handlers of %s and %s began and %d more, want a and c", a, c, len(g.entered))
		}
	})
}

// TestR_15_Futures: await, done, callbacks, and calls made by handlers.
func TestR_15_Futures(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc, g := newGated("gated", nil)
		svc.Export("twice", func(ctx context.Context, name string) (string, error) {
			caller, _ := service.CallerFrom(ctx)
			e := caller.Conn.Endpoint("gated")
			a, b := e.Go(ctx, "wait", name), e.Go(ctx, "wait", name)
			va, err := a.Result()
			if err != nil {
				return "", err
			}
			vb, err := b.Result()
			return fmt.Sprint(va, vb), err
		}, nil)
		n.announce(svc)
		client := n.connect(nil)
		p := client.Endpoint("gated").Go(patient(t), "wait", "x")
		q := client.Endpoint("gated").Go(patient(t), "twice", "y")
		for range 3 {
			testnet.Receive(t, "the handlers", g.entered)
		}
		told := make(chan outcome, 4)
		p.Then(func(v any, err error) { told <- outcome{value: v, err: err} })
		select {
		case <-p.Done():
			t.Error("done before the answer")
		default:
		}
		close(g.open)
		wantValue(t, testnet.Receive(t, "the callback", told), "x")
		testnet.Receive(t, "done", p.Done())
		p.Then(func(v any, err error) { told <- outcome{value: v, err: err} }) // OSE's B5
		wantValue(t, testnet.Receive(t, "the late callback", told), "x")
		if v, err := q.Result(); err != nil || v != "yy" {
			t.Errorf("twice = %v, %v, want yy", v, err)
		}
		client.Endpoint("nobody").Go(patient(t), "x").Then(func(v any, err error) { told <- outcome{value: v, err: err} })
		o := testnet.Receive(t, "the callback of a failure", told)
		want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, o.err)
		if o.value != nil {
			t.Errorf("beside the failure came %v", o.value)
		}
	})
}

// TestR_13_CallerIsKnown, with its headers, and can be called back.
func TestR_13_CallerIsKnown(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc := service.New("back", nil)
		svc.Export("ask", func(ctx context.Context) (string, error) {
			caller, ok := service.CallerFrom(ctx)
			if !ok || caller.Instance != svc.Address() || caller.Method != "ask" || caller.Depth != 0 {
				return "", fmt.Errorf("the caller is %+v", caller)
			}
			name, err := service.Call[string](ctx, caller.Conn.At(caller.Address), "name")
			return fmt.Sprint(name, " by ", caller.Headers["trace"]), err
		}, nil)
		n.announce(svc)
		for _, name := range []string{"ann", "bob"} {
			client := n.connect(nil)
			client.Export("name", func() string { return name }, nil)
			e := client.Endpoint("back").With(service.CallOptions{Headers: map[string]any{"trace": name + "-1"}})
			if v := call(t, e, "ask"); v != name+" by "+name+"-1" {
				t.Errorf("ask = %v, want %s by %s-1", v, name, name)
			}
		}
	})
}

// TestR_16_EveryServiceAnswersTheseMethods, the exchange's own among them, in one shape.
func TestR_16_EveryServiceAnswersTheseMethods(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		n.announce(newMath("web"))
		client := n.connect(nil)
		for service, method := range map[string]string{"math": "multiply", "_exchange": "services"} {
			e := client.Endpoint(service)
			if v := call(t, e, "system.ping"); v != "pong" {
				t.Errorf("%s: ping = %v, want pong", service, v)
			}
			names, _ := call(t, e, "system.listMethods").([]any)
			if !slices.Contains(names, any(method)) || !slices.IsSortedFunc(names, func(a, b any) int { return compare(a, b) }) {
				t.Errorf("%s: listMethods = %v, want a sorted list with %s", service, names, method)
			}
			signatures, _ := call(t, e, "system.methodSignature", method).([]any)
			if len(signatures) != 1 {
				t.Errorf("%s: methodSignature = %v, want a list of one signature", service, signatures)
			} else if types, _ := signatures[0].([]any); len(types) != 3 {
				t.Errorf("%s: the signature of %s is %v, want the types of a result and two parameters", service, method, types)
			}
			if help, _ := call(t, e, "system.methodHelp", method).(string); help == "" {
				t.Errorf("%s: no help for %s", service, method)
			}
			if d, _ := call(t, e, "system.describe").(map[string]any); d["name"] != service {
				t.Errorf("%s: describe = %v, want its name", service, d)
			}
			if s, _ := call(t, e, "system.stats").(map[string]any); s["calls"] == nil || s["failures"] == nil || s["inflight"] == nil {
				t.Errorf("%s: stats = %v, want calls, failures and inflight", service, s)
			}
		}
	})
}

func compare(a, b any) int {
	x, y := fmt.Sprint(a), fmt.Sprint(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// TestR_16_HelpForWhatIsNotThere fails alike for a service and for the exchange, and does
// not say that the call of system.methodHelp itself was not delivered.
func TestR_16_HelpForWhatIsNotThere(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		math := newMath()
		n.announce(math)
		client := n.connect(nil)
		own := service.Address{Origin: ex.Origin(), Name: "_exchange", Number: 2}
		for e, by := range map[*service.Endpoint]service.Address{client.Endpoint("math"): math.Address(), client.Endpoint("_exchange"): own} {
			for _, method := range []string{"system.methodHelp", "system.methodSignature"} {
				f := want{service.ErrApplication, 57, service.Yes, by}.check(t, failing(e, method, "multipl"))
				if f.Details != "" && f.Details != "did you mean multiply?" {
					t.Errorf("%s of %s has details %q", method, e.Target(), f.Details)
				}
			}
		}
	})
}

// TestR_17_ExchangeIsAService: it tells by calls what it knows.
func TestR_17_ExchangeIsAService(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc, g := newGated("gated", &service.ServiceOptions{Groups: []string{"a"}})
		n.announce(svc)
		client := n.connect(&service.Options{Program: "asker"})
		own := client.Endpoint("_exchange")
		ended := client.Endpoint("gated").Go(patient(t), "wait", "x")
		testnet.Receive(t, "the handler", g.entered)
		services := call(t, own, "services", "g*", "a").([]any)
		if len(services) != 1 {
			t.Fatalf("services = %v, want gated alone", services)
		}
		one := services[0].(map[string]any)["instances"].([]any)[0].(map[string]any)
		if one["address"] != svc.Address().String() || one["inflight"] != int64(1) || one["state"] != "ready" {
			t.Errorf("the instance is %v, want %v, ready, with a call in flight", one, svc.Address())
		}
		if sessions := call(t, own, "sessions").([]any); len(sessions) != 2 || sessions[1].(map[string]any)["program"] != "asker" {
			t.Errorf("sessions = %v, want two, the second of asker", sessions)
		}
		if groups := call(t, own, "groups").([]any); len(groups) != 1 || groups[0].(map[string]any)["name"] != "a" {
			t.Errorf("groups = %v, want a", groups)
		}
		if limits := call(t, own, "limits").(map[string]any); len(limits) < 10 {
			t.Errorf("limits = %v, want all of them", limits)
		}
		stats := call(t, own, "stats").(map[string]any)
		if stats["sessions"] != int64(2) || stats["open_calls"] != int64(2) {
			t.Errorf("stats = %v, want 2 sessions and 2 open calls, this one among them", stats)
		}
		close(g.open)
		if _, err := ended.Result(); err != nil {
			t.Error(err)
		}
	})
}
