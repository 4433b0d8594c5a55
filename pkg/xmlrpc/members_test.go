package xmlrpc

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// fakeNetwork is a registry without an exchange.
type fakeNetwork struct {
	down   bool
	infos  []service.Info           // oldest first
	synced chan struct{}            // nil: at once
	refuse map[string]*wire.Failure // by the target that is called
	hold   map[string]chan struct{} // calls of the target wait for it
	turns  map[string]service.Info  // a call of the target finds its service replaced by this
	asked  int                      // Describe

	returning string // the name that is expected back
	leaves    bool   // all are gone once one was called

	mu     sync.Mutex
	called []string
}

func instance(name string, number uint32, groups ...string) service.Info {
	return service.Info{
		Address: service.Address{Origin: 1, Name: name, Number: number}, Name: name, State: service.Ready, Groups: groups,
		Hash: [wire.HashSize]byte{byte(number)},
	}
}

func (n *fakeNetwork) Connected() bool { return !n.down }

func (n *fakeNetwork) Directory(opts service.WatchOptions) (directory, error) {
	return &fakeDirectory{n, opts}, nil
}

func (n *fakeNetwork) Describe(_ context.Context, target string) (*service.Description, error) {
	n.asked++
	return &service.Description{Methods: []value.Signature{{Name: "of " + target}}, Hash: [wire.HashSize]byte{2}}, nil
}

func (n *fakeNetwork) Endpoint(target string) caller { return &fakeCaller{n, target} }
func (n *fakeNetwork) At(a service.Address) caller   { return &fakeCaller{n, a.String()} }

type fakeCaller struct {
	network *fakeNetwork
	target  string
}

func (c *fakeCaller) Call(context.Context, string, ...any) (any, error) {
	n := c.network
	n.mu.Lock()
	n.called = append(n.called, c.target)
	if n.leaves {
		n.infos = nil
	}
	if next, ok := n.turns[c.target]; ok {
		n.infos = []service.Info{next}
	}
	n.mu.Unlock()
	if gate, ok := n.hold[c.target]; ok {
		<-gate
	}
	if f, ok := n.refuse[c.target]; ok {
		return nil, f
	}
	return c.target, nil
}

type fakeDirectory struct {
	network *fakeNetwork
	opts    service.WatchOptions
}

func (d *fakeDirectory) All() []service.Info {
	if d.network.synced != nil {
		select {
		case <-d.network.synced:
		default:
			return nil
		}
	}
	return slices.DeleteFunc(slices.Clone(d.network.infos), func(info service.Info) bool {
		switch {
		case d.opts.Glob != "":
			return info.Name != d.opts.Glob
		case d.opts.Group != "":
			return !slices.Contains(info.Groups, d.opts.Group)
		case !d.opts.Address.IsZero():
			return info.Address != d.opts.Address
		}
		return false
	})
}

func (d *fakeDirectory) Lookup(name string) []service.Info {
	return slices.DeleteFunc(d.All(), func(info service.Info) bool { return info.Name != name })
}

func (d *fakeDirectory) Returning(name string) bool { return d.network.returning == name }

func (d *fakeDirectory) Current(ctx context.Context) error {
	if d.network.synced == nil {
		return nil
	}
	select {
	case <-d.network.synced:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *fakeDirectory) Close() {}

func newTestMembers(t *testing.T, n *fakeNetwork, s Selection) *Members {
	t.Helper()
	m, err := newMembers(n, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// town has a math in the group web, one outside of it, and a clock in two groups.
func town() *fakeNetwork {
	return &fakeNetwork{infos: []service.Info{
		instance("math", 1, "web"), instance("math", 2), instance("clock", 3, "web", "time"), instance("bank", 4),
	}}
}

func TestMembersResolve(t *testing.T) {
	group, exact := Selection{Groups: []string{"web", "time"}}, Selection{Instances: []service.Address{{Origin: 1, Name: "math", Number: 2}}}
	tests := map[string]struct {
		selection Selection
		target    string
		calls     string // what the call goes to; empty when there is no such service
	}{
		"a member":                            {group, "clock", "clock@3"},
		"a member among others of its name":   {group, "math", "math@1"},
		"a member by address":                 {group, "math@1", "math@1"},
		"an instance outside of the group":    {group, "math@2", ""},
		"a service outside of the group":      {group, "bank", ""},
		"a wrong name with a right number":    {group, "bank@1", ""},
		"a number with a zero before":         {group, "math@01", ""},
		"a number alone":                      {group, "@1", ""},
		"a path":                              {group, "../math", ""},
		"nothing":                             {group, "", ""},
		"one instance":                        {exact, "math", "math@2"},
		"another instance":                    {exact, "math@1", ""},
		"a service by name":                   {Selection{Services: []string{"math"}}, "math", "math"},
		"a service by name, by its address":   {Selection{Services: []string{"math"}}, "math@2", "math@2"},
		"another service":                     {Selection{Services: []string{"math"}}, "bank", ""},
		"any service":                         {Selection{All: true}, "bank", "bank"},
		"a service that is whole and grouped": {Selection{Groups: []string{"web"}, Services: []string{"math"}}, "math", "math"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := town()
			m := newTestMembers(t, n, test.selection)
			has, err := m.Has(t.Context(), test.target)
			if err != nil || has != (test.calls != "") {
				t.Errorf("Has = %v, %v, want %v", has, err, test.calls != "")
			}
			got, err := m.Call(t.Context(), test.target, "m", nil)
			if test.calls == "" {
				if !errors.Is(err, service.ErrNoService) || len(n.called) > 0 {
					t.Errorf("Call = %v, %v, having called %v; want no such service", got, err, n.called)
				}
				return
			}
			if err != nil || got != test.calls {
				t.Errorf("Call = %v, %v, want %s", got, err, test.calls)
			}
		})
	}
}

func TestMembersServices(t *testing.T) {
	m := newTestMembers(t, town(), Selection{Groups: []string{"time", "web"}, Services: []string{"bank"}})
	got, err := m.Services(t.Context())
	if want := []string{"bank", "clock", "math"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Services = %v, %v, want %v", got, err, want)
	}
}

func TestMembersFollowTheRegistry(t *testing.T) {
	n := town()
	m := newTestMembers(t, n, Selection{Groups: []string{"web"}})
	n.infos = n.infos[2:] // both maths leave
	if has, err := m.Has(t.Context(), "math"); has || err != nil {
		t.Errorf("after it left: %v, %v, want false", has, err)
	}
	n.infos = append(n.infos, instance("math", 9, "web"))
	if got, err := m.Call(t.Context(), "math", "m", nil); err != nil || got != "math@9" {
		t.Errorf("after it came back: %v, %v, want math@9", got, err)
	}
}

func TestMembersShareCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // to know when calls are under way
		n := &fakeNetwork{infos: []service.Info{instance("math", 1, "web"), instance("math", 2, "web"), instance("math", 3, "web")}}
		n.hold = map[string]chan struct{}{"math@1": make(chan struct{}), "math@2": make(chan struct{}), "math@3": make(chan struct{})}
		m := newTestMembers(t, n, Selection{Groups: []string{"web"}})
		var calls sync.WaitGroup
		for range 9 {
			calls.Go(func() { _, _ = m.Call(t.Context(), "math", "m", nil) })
		}
		synctest.Wait()
		slices.Sort(n.called)
		want := []string{"math@1", "math@1", "math@1", "math@2", "math@2", "math@2", "math@3", "math@3", "math@3"}
		if !slices.Equal(n.called, want) {
			t.Errorf("called %v, want each three times", n.called)
		}
		close(n.hold["math@2"]) // its calls end, so the next three go there
		synctest.Wait()
		n.called = nil
		for range 3 {
			_, _ = m.Call(t.Context(), "math", "m", nil)
		}
		if want := []string{"math@2", "math@2", "math@2"}; !slices.Equal(n.called, want) {
			t.Errorf("called %v, want %v", n.called, want)
		}
		close(n.hold["math@1"])
		close(n.hold["math@3"])
		calls.Wait()
	})
}

func TestMembersTryAnother(t *testing.T) {
	tests := map[string]struct {
		failure *wire.Failure
		calls   int
	}{
		"gone":                   {wire.Failf(wire.CodeNoService, wire.No, ""), 2},
		"busy":                   {wire.Failf(wire.CodeBusy, wire.No, ""), 2},
		"draining":               {wire.Failf(wire.CodeDraining, wire.No, ""), 2},
		"no method":              {wire.Failf(wire.CodeNoMethod, wire.No, ""), 1},
		"lost after it may run":  {wire.Failf(wire.CodeLost, wire.Maybe, ""), 1},
		"busy after it has run":  {wire.Failf(wire.CodeBusy, wire.Yes, ""), 1},
		"the exchange went away": {wire.Failf(wire.CodeUnreachable, wire.No, ""), 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := &fakeNetwork{infos: []service.Info{instance("math", 1, "web"), instance("math", 2, "web")}}
			n.refuse = map[string]*wire.Failure{"math@1": test.failure, "math@2": test.failure}
			m := newTestMembers(t, n, Selection{Groups: []string{"web"}})
			if _, err := m.Call(t.Context(), "math", "m", nil); !errors.Is(err, test.failure) || len(n.called) != test.calls {
				t.Errorf("called %v and got %v, want %d calls and %v", n.called, err, test.calls, test.failure)
			}
		})
	}
}

// TestMembersOfferNothingReserved: what the exchange says of itself, who is connected from
// where, is nobody's business over HTTP.
func TestMembersOfferNothingReserved(t *testing.T) {
	n := &fakeNetwork{infos: []service.Info{instance("_exchange", 2, "web"), instance("math", 3, "web")}}
	all := Selection{All: true, Groups: []string{"web"}, Instances: []service.Address{n.infos[0].Address}}
	m := newTestMembers(t, n, all)
	if names, err := m.Services(t.Context()); err != nil || !slices.Equal(names, []string{"math"}) {
		t.Errorf("Services = %v, %v, want math alone", names, err)
	}
	for _, target := range []string{"_exchange", "_exchange@2"} {
		if has, err := m.Has(t.Context(), target); has || err != nil {
			t.Errorf("Has(%s) = %v, %v, want false", target, has, err)
		}
		if v, err := m.Call(t.Context(), target, "sessions", nil); err == nil {
			t.Errorf("Call of %s = %v, want no_service", target, v)
		}
	}
}

// TestMembersLookAgain: all that the copy of the registry had are gone by the time they are
// called, as happens when replicas are restarted one after the other.
func TestMembersLookAgain(t *testing.T) {
	gone := wire.Failf(wire.CodeNoService, wire.No, "gone")
	n := &fakeNetwork{
		infos:  []service.Info{instance("math", 1, "web")},
		refuse: map[string]*wire.Failure{"math@1": gone, "math@2": gone},
		turns:  map[string]service.Info{"math@1": instance("math", 2, "web"), "math@2": instance("math", 3, "web")},
	}
	m := newTestMembers(t, n, Selection{Groups: []string{"web"}})
	if got, err := m.Call(t.Context(), "math", "m", nil); err != nil || got != "math@3" {
		t.Errorf("Call = %v, %v, want math@3, the newest; called %v", got, err, n.called)
	}
}

func TestMembersPreferReadyInstances(t *testing.T) {
	n := &fakeNetwork{infos: []service.Info{instance("math", 1, "web"), instance("math", 2, "web")}}
	n.infos[0].State = service.Suspect
	m := newTestMembers(t, n, Selection{Groups: []string{"web"}})
	for range 4 {
		if got, err := m.Call(t.Context(), "math", "m", nil); err != nil || got != "math@2" {
			t.Errorf("Call = %v, %v, want the one that is ready", got, err)
		}
	}
}

func TestMembersWhileTheExchangeIsAway(t *testing.T) {
	n := town()
	n.down = true
	m := newTestMembers(t, n, Selection{All: true})
	_, err1 := m.Has(t.Context(), "math")
	_, err2 := m.Services(t.Context())
	_, err3 := m.Call(t.Context(), "math", "m", nil)
	for _, err := range []error{err1, err2, err3} {
		if !isAway(err) {
			t.Errorf("error = %v, want unreachable, not delivered", err)
		}
	}
}

func TestMembersKeepTheExchangesPlace(t *testing.T) {
	for _, delivered := range []wire.Delivered{wire.No, wire.Maybe} {
		n := town()
		n.refuse = map[string]*wire.Failure{"bank": wire.Failf(wire.CodeUnreachable, delivered, "10.0.0.1:11111 refused")}
		_, err := newTestMembers(t, n, Selection{All: true}).Call(t.Context(), "bank", "m", nil)
		f, ok := failureOf(err)
		if !ok || f.Code != wire.CodeUnreachable || f.Delivered != delivered || strings.Contains(f.Description, "10.0.0.1") {
			t.Errorf("Call = %v, want unreachable, %v, and nothing of where", err, delivered)
		}
	}
}

// TestMembersExpectServicesBack: who was there when the exchange went away is not said to be
// unknown before he had time to come back; nor is who answers that he is gone.
func TestMembersExpectServicesBack(t *testing.T) {
	n := &fakeNetwork{returning: "math", infos: []service.Info{instance("bank", 4, "web")}}
	m := newTestMembers(t, n, Selection{Groups: []string{"web"}})
	if _, err := m.Has(t.Context(), "math"); !isAway(err) {
		t.Errorf("Has of what comes back: %v, want unreachable, not delivered", err)
	}
	if _, err := m.Call(t.Context(), "math", "m", nil); !isAway(err) {
		t.Errorf("Call of what comes back: %v, want unreachable, not delivered", err)
	}
	if has, err := m.Has(t.Context(), "moth"); has || err != nil {
		t.Errorf("Has of another = %v, %v, want false", has, err)
	}
	n.refuse = map[string]*wire.Failure{"bank@4": wire.Failf(wire.CodeNoService, wire.No, "")}
	n.returning, n.leaves = "bank", true
	if _, err := m.Call(t.Context(), "bank", "m", nil); !isAway(err) {
		t.Errorf("Call across the loss: %v, want unreachable, not delivered", err)
	}
}

// TestMembersByNameLookAgain: the exchange has nobody of the name yet when it is asked, and
// has when the copy is looked at.
func TestMembersByNameLookAgain(t *testing.T) {
	n := &fakeNetwork{
		infos:  []service.Info{instance("math", 1)},
		refuse: map[string]*wire.Failure{"math": wire.Failf(wire.CodeNoService, wire.No, "")},
		turns:  map[string]service.Info{"math": instance("math", 2)},
	}
	m := newTestMembers(t, n, Selection{All: true})
	if _, err := m.Call(t.Context(), "math", "m", nil); !errors.Is(err, service.ErrNoService) || len(n.called) != 2 {
		t.Errorf("called %v and got %v, want two calls", n.called, err)
	}
}

func TestMembersWaitForTheRegistry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // virtual time
		n := town()
		n.synced = make(chan struct{})
		m := newTestMembers(t, n, Selection{All: true})
		start := time.Now()
		if _, err := m.Has(t.Context(), "math"); !isAway(err) || time.Since(start) != maxSyncWait {
			t.Errorf("before the registry is known: %v after %v, want unreachable after %v", err, time.Since(start), maxSyncWait)
		}
		time.AfterFunc(time.Second, func() { close(n.synced) })
		if has, err := m.Has(t.Context(), "math"); err != nil || !has {
			t.Errorf("when the registry becomes known: %v, %v, want true", has, err)
		}
	})
}

func TestMembersAskForMethodsOnce(t *testing.T) {
	n := town()
	m := newTestMembers(t, n, Selection{Services: []string{"math"}})
	for range 3 {
		got, err := m.Methods(t.Context(), "math")
		if err != nil || len(got) != 1 || got[0].Name != "of math@2" {
			t.Errorf("Methods = %v, %v, want those of the newest", got, err)
		}
	}
	if n.asked != 1 {
		t.Errorf("asked %d times, want once", n.asked)
	}
}

func TestPlacesAreBounded(t *testing.T) {
	n := town()
	p := places{network: n}
	for i := range uint32(maxPlaces + 100) {
		infos := []service.Info{instance("math", i+1)}
		if _, err := p.call(t.Context(), infos, nil, "m", nil); err != nil {
			t.Fatal(err)
		}
		p.named(infos[0].Address.String())
	}
	if len(p.exact) > maxPlaces || len(p.names) > maxPlaces {
		t.Errorf("%d and %d places are kept, want at most %d", len(p.exact), len(p.names), maxPlaces)
	}
}

func TestSelectionRefuses(t *testing.T) {
	for name, s := range map[string]Selection{"nothing": {}, "a pattern": {Services: []string{"ma*"}}, "a reserved name": {Services: []string{"_exchange"}}} {
		if _, err := newMembers(town(), s); err == nil {
			t.Errorf("%s: selected, want an error", name)
		}
	}
}
