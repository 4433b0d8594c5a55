package service_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// replica is one of several services of the name "pool" that say who they are.
func replica(label string) *service.Service {
	s := service.New("pool", &service.ServiceOptions{Labels: map[string]string{"zone": label}})
	s.Export("who", func() string { return label }, nil)
	s.Export("letters", func() iter.Seq[string] { return slices.Values([]string{label, label}) }, nil)
	return s
}

// pool makes replicas a, b and c at a real exchange and a connection to call them by.
func pool(t *testing.T, f func(t *testing.T, host, conn *service.Conn, replicas []*service.Service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		replicas := []*service.Service{replica("a"), replica("b"), replica("c")}
		host, conn := pairUp(t, replicas...)
		f(t, host, conn, replicas)
	})
}

// who calls so often and returns who answered, one letter each.
func who(t *testing.T, e *service.Endpoint, calls int) string {
	t.Helper()
	var b strings.Builder
	for range calls {
		name, err := service.Call[string](t.Context(), e, "who")
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(name)
	}
	return b.String()
}

func TestPolicies(t *testing.T) {
	inZone := func(zone string) func([]service.Info) int {
		return func(list []service.Info) int {
			return slices.IndexFunc(list, func(i service.Info) bool { return i.Labels["zone"] == zone })
		}
	}
	for _, tt := range []struct {
		name string
		opts service.CallOptions
		want []string // any of these
	}{
		{"round-robin takes turns, from anywhere on", service.CallOptions{Pick: service.RoundRobin}, []string{"abcabc", "bcabca", "cabcab"}},
		{"first takes the oldest", service.CallOptions{Pick: service.First}, []string{"aaaaaa"}},
		{"an own choice goes by labels", service.CallOptions{Choose: inZone("b")}, []string{"bbbbbb"}},
		{"an own choice is stronger than a policy", service.CallOptions{Choose: inZone("c"), Pick: service.First}, []string{"cccccc"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pool(t, func(t *testing.T, _, conn *service.Conn, _ []*service.Service) {
				if got := who(t, conn.Endpoint("pool").With(tt.opts), 6); !slices.Contains(tt.want, got) {
					t.Errorf("answered %s, want one of %s", got, tt.want)
				}
			})
		})
	}
}

func TestEndpointsOfOneNameShareTheTurn(t *testing.T) {
	pool(t, func(t *testing.T, _, conn *service.Conn, _ []*service.Service) {
		opts := service.CallOptions{Pick: service.RoundRobin}
		var got string
		for range 3 {
			got += who(t, conn.Endpoint("pool").With(opts), 1)
		}
		if !slices.Contains([]string{"abc", "bca", "cab"}, got) {
			t.Errorf("three endpoints met %s, want each replica once", got)
		}
	})
}

func TestAnAddressHasNothingToChoose(t *testing.T) {
	pool(t, func(t *testing.T, _, conn *service.Conn, replicas []*service.Service) {
		at := replicas[1].Address()
		opts := service.CallOptions{Pick: service.First}
		if got := who(t, conn.At(at).With(opts), 2) + who(t, conn.Endpoint(at.String()).With(opts), 2); got != "bbbb" {
			t.Errorf("answered %s, want b alone", got)
		}
	})
}

// TestPoliciesWorkForEveryWayToCall and each of them meets all three by round-robin.
func TestPoliciesWorkForEveryWayToCall(t *testing.T) {
	decode := func(raw value.Raw, err error) string {
		v, _ := value.Decode(raw)
		return fmt.Sprint(v, err)
	}
	ways := map[string]func(ctx context.Context, e *service.Endpoint) string{
		"Call": func(ctx context.Context, e *service.Endpoint) string {
			v, err := e.Call(ctx, "who")
			return fmt.Sprint(v, err)
		},
		"CallRaw": func(ctx context.Context, e *service.Endpoint) string {
			r, err := e.CallRaw(ctx, "who", nil, nil)
			if err != nil {
				return err.Error()
			}
			return decode(r.Value, err)
		},
		"Go": func(ctx context.Context, e *service.Endpoint) string {
			v, err := e.Go(ctx, "who").Result()
			return fmt.Sprint(v, err)
		},
		"Stream": func(ctx context.Context, e *service.Endpoint) string {
			var all []string
			for v, err := range e.Stream(ctx, "letters") {
				all = append(all, fmt.Sprint(v, err))
			}
			if len(all) != 2 || all[0] != all[1] {
				return fmt.Sprint(all)
			}
			return all[0]
		},
		"StreamRaw of no stream": func(ctx context.Context, e *service.Endpoint) string {
			var all string
			for v, err := range e.StreamRaw(ctx, "who", nil, nil) {
				all += decode(v, err)
			}
			return all
		},
	}
	want := []string{"a<nil>", "b<nil>", "c<nil>"}
	for name, call := range ways {
		t.Run(name, func(t *testing.T) {
			pool(t, func(t *testing.T, _, conn *service.Conn, _ []*service.Service) {
				e := conn.Endpoint("pool").With(service.CallOptions{Pick: service.RoundRobin})
				got := []string{call(t.Context(), e), call(t.Context(), e), call(t.Context(), e)}
				slices.Sort(got)
				for i := range want {
					if strings.ReplaceAll(got[i], " ", "") != want[i] {
						t.Fatalf("answered %q, want %q", got, want)
					}
				}
			})
		})
	}
}

func TestSendByRoundRobin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := make(chan int, 10)
		var all []*service.Service
		for i := range 3 {
			s := service.New("pool", nil)
			s.Export("note", func() { heard <- i }, nil)
			all = append(all, s)
		}
		_, conn := pairUp(t, all...)
		e := conn.Endpoint("pool").With(service.CallOptions{Pick: service.RoundRobin})
		var met []int
		for range 3 {
			if err := e.Send(t.Context(), "note"); err != nil {
				t.Fatal(err)
			}
			met = append(met, <-heard)
		}
		slices.Sort(met)
		if !slices.Equal(met, []int{0, 1, 2}) {
			t.Errorf("sent to %v, want each once", met)
		}
	})
}

func TestWhoJustCameAndWhoJustWent(t *testing.T) {
	pool(t, func(t *testing.T, host, conn *service.Conn, replicas []*service.Service) {
		e := conn.Endpoint("pool").With(service.CallOptions{Pick: service.First})
		if got := who(t, e, 1); got != "a" {
			t.Errorf("answered %s, want a", got)
		}
		for i, next := range []string{"b", "c"} {
			if err := host.Withdraw(t.Context(), replicas[i]); err != nil {
				t.Fatal(err)
			}
			if got := who(t, e, 1); got != next {
				t.Errorf("answered %s at once after %d went, want %s", got, i+1, next)
			}
		}
		if err := host.Withdraw(t.Context(), replicas[2]); err != nil {
			t.Fatal(err)
		}
		_, err := e.Call(t.Context(), "who")
		wantFailure(t, err, wire.CodeNoService, wire.No)
		if err := host.Announce(t.Context(), replica("d")); err != nil {
			t.Fatal(err)
		}
		if got := who(t, e, 1); got != "d" {
			t.Errorf("answered %s at once after d came, want d", got)
		}
	})
}

func TestANameThatNobodyCanHaveIsNotWatched(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		ended := start(t.Context(), conn.Endpoint("*").With(service.CallOptions{Pick: service.First}), "x")
		p.bound("*")
		p.fail(p.request().ID, 0, wire.Failf(wire.CodeNoService, wire.No, "nobody"))
		wantFailure(t, (<-ended).err, wire.CodeNoService, wire.No)
	})
}

// present answers the Watch of a name with its instances.
func (p *peer) present(name string, infos ...*wire.Info) (watch uint32) {
	p.t.Helper()
	m, _ := message[*wire.Watch](p, wire.KindWatch)
	if m.Scope != wire.ScopeGlob || m.Pattern != name {
		p.t.Fatalf("watches %v %q, want the name %q", m.Scope, m.Pattern, name)
	}
	var events []wire.Event
	for _, i := range infos {
		events = append(events, wire.Event{Rev: 5, Kind: wire.Available, Info: i})
	}
	p.tell(m.ID, append(events, wire.Event{Rev: 5, Kind: wire.Synced})...)
	return m.ID
}

func inState(number uint32, state wire.State) *wire.Info {
	i := info(number, "math")
	i.State = state
	return i
}

func TestSuspectAndDrainingArePassedOverWhileOthersExist(t *testing.T) {
	const ready, suspect, draining = wire.StateReady, wire.StateSuspect, wire.StateDraining
	for _, tt := range []struct {
		name   string
		states []wire.State // of math@3, math@4, ...
		want   string
	}{
		{"one is ready", []wire.State{suspect, draining, ready}, "math@5"},
		{"suspect before draining", []wire.State{draining, suspect}, "math@4"},
		{"nobody else", []wire.State{draining}, "math@3"},
	} {
		for _, policy := range []service.Policy{service.First, service.RoundRobin} {
			t.Run(tt.name+", "+policy.String(), func(t *testing.T) {
				inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
					ended := start(t.Context(), conn.Endpoint("math").With(service.CallOptions{Pick: policy}), "x")
					var infos []*wire.Info
					for i, state := range tt.states {
						infos = append(infos, inState(uint32(3+i), state))
					}
					p.present("math", infos...)
					b, _ := message[*wire.Bind](p, wire.KindBind)
					p.respond(p.request().ID, 3, nil)
					if o := <-ended; o.err != nil || b.Target != tt.want {
						t.Errorf("called %s, %v; want %s", b.Target, o.err, tt.want)
					}
				})
			})
		}
	}
}

// TestInstancesThatDoNotTakeTheCall are passed over as the policy has it.
func TestInstancesThatDoNotTakeTheCall(t *testing.T) {
	first := func([]service.Info) int { return 0 }
	for _, tt := range []struct {
		name  string
		opts  service.CallOptions
		code  wire.Code // from all but the last that is to be called
		calls int       // until the call ends
		ask   bool      // the exchange is asked when nobody is left
		end   wire.Code // zero: a result of the last one
	}{
		{"gone", service.CallOptions{Pick: service.First}, wire.CodeNoService, 3, false, 0},
		{"gone, by an own choice", service.CallOptions{Choose: first}, wire.CodeNoService, 3, false, 0},
		{"draining", service.CallOptions{Pick: service.First}, wire.CodeDraining, 3, false, 0},
		{"busy, by turns", service.CallOptions{Pick: service.RoundRobin}, wire.CodeBusy, 3, false, 0},
		{"all busy, by turns: each once", service.CallOptions{Pick: service.RoundRobin}, wire.CodeBusy, 3, false, wire.CodeBusy},
		{"all draining, by turns: each once", service.CallOptions{Pick: service.RoundRobin}, wire.CodeDraining, 3, false, wire.CodeDraining},
		{"the first is busy", service.CallOptions{Pick: service.First}, wire.CodeBusy, 1, false, wire.CodeBusy},
		{"the chosen one is busy", service.CallOptions{Choose: first}, wire.CodeBusy, 1, false, wire.CodeBusy},
		{"all are gone", service.CallOptions{Pick: service.First}, wire.CodeNoService, 3, true, wire.CodeNoService},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				ended := start(t.Context(), conn.Endpoint("math").With(tt.opts), "x")
				p.present("math", info(3, "math"), info(4, "math"), info(5, "math"))
				met := map[string]bool{}
				for i := range tt.calls {
					b, _ := message[*wire.Bind](p, wire.KindBind)
					met[b.Target] = true
					id := p.request().ID
					if i == tt.calls-1 && tt.end == 0 {
						p.respond(id, 5, "done")
					} else {
						p.fail(id, 3, wire.Failf(tt.code, wire.No, "not me"))
					}
				}
				if tt.ask {
					_, f := message[*wire.Describe](p, wire.KindDescribe)
					p.refuse(f, wire.Failf(wire.CodeNoService, wire.No, "nobody"))
				}
				o := <-ended
				if tt.end == 0 && (o.err != nil || o.value != "done") {
					t.Errorf("Call = %v, %v, want done", o.value, o.err)
				}
				if tt.end != 0 {
					wantFailure(t, o.err, tt.end, wire.No)
				}
				if len(met) != tt.calls {
					t.Errorf("called %v, want %d different ones", met, tt.calls)
				}
				p.quiet()
			})
		})
	}
}

func TestAnOwnChoiceOfNobody(t *testing.T) {
	pool(t, func(t *testing.T, _, conn *service.Conn, _ []*service.Service) {
		e := conn.Endpoint("pool").With(service.CallOptions{Choose: func(list []service.Info) int { return len(list) }})
		_, err := e.Call(t.Context(), "who")
		wantFailure(t, err, wire.CodeNoService, wire.No)
	})
}

func TestAPolicyThatDoesNotExist(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		_, err := conn.Endpoint("math").With(service.CallOptions{Pick: 9}).Call(t.Context(), "x")
		wantFailure(t, err, wire.CodeBadParams, wire.No)
	})
}

func TestFirstUseWaitsForTheCopyWithinTheDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math").With(service.CallOptions{Pick: service.First, Timeout: 2 * time.Second})
		late := start(t.Context(), e, "x")
		m, _ := message[*wire.Watch](p, wire.KindWatch)
		if o := <-late; o.after != 2*time.Second {
			t.Errorf("the call ended after %v, want 2s", o.after)
		} else {
			wantFailure(t, o.err, wire.CodeTimeout, wire.No)
		}
		patient := start(t.Context(), e, "x")
		time.Sleep(time.Second)
		p.tell(m.ID, wire.Event{Rev: 5, Kind: wire.Available, Info: info(3, "math")}, wire.Event{Rev: 5, Kind: wire.Synced})
		p.bound("math@3")
		r := p.request()
		if r.TTL > 1000 {
			t.Errorf("the request has %d ms left, want 1000 at most", r.TTL)
		}
		p.respond(r.ID, 3, nil)
		if o := <-patient; o.err != nil {
			t.Error(o.err)
		}
	})
}

func TestPoliciesOverALostLink(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math").With(service.CallOptions{Pick: service.First})
		before := start(t.Context(), e, "x")
		p.present("math", info(3, "math"))
		p.bound("math@3")
		p.respond(p.request().ID, 3, nil)
		if o := <-before; o.err != nil {
			t.Error(o.err)
		}
		p.lose()
		synctest.Wait()
		_, err := e.Call(t.Context(), "x")
		wantFailure(t, err, wire.CodeUnreachable, wire.No)
		p = <-s.peers
		if err := conn.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := start(t.Context(), e, "x")
		p.present("math", info(9, "math"))
		p.bound("math@9")
		p.respond(p.request().ID, 9, nil)
		if o := <-after; o.err != nil {
			t.Error(o.err)
		}
	})
}

// TestMoreNamesThanWatches: the copy not used for longest makes room.
func TestMoreNamesThanWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		s.welcome.Limits.Watches = 4
		conn, p := s.connect(nil)
		defer s.close(conn)
		watches := map[string]uint32{}
		call := func(name string, known bool) {
			t.Helper()
			ended := start(t.Context(), conn.Endpoint(name).With(service.CallOptions{Pick: service.First}), "x")
			if !known {
				watches[name] = p.present(name, info(3, name))
				p.bound(name + "@3")
			}
			p.respond(p.request().ID, 3, nil)
			if o := <-ended; o.err != nil {
				t.Fatal(o.err)
			}
		}
		call("a", false)
		call("b", false)
		call("a", true)
		ended := start(t.Context(), conn.Endpoint("c").With(service.CallOptions{Pick: service.First}), "x")
		p.present("c", info(3, "c"))
		if u, _ := message[*wire.Unwatch](p, wire.KindUnwatch); u.ID != watches["b"] {
			t.Errorf("ended watch %d, want that of b, %d", u.ID, watches["b"])
		}
		p.bound("c@3")
		p.respond(p.request().ID, 3, nil)
		if o := <-ended; o.err != nil {
			t.Error(o.err)
		}
		call("a", true)
	})
}

// TestTheExchangeRefusesTheCopy: the call fails with what it says, and the next one asks anew.
func TestTheExchangeRefusesTheCopy(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		for range 2 {
			ended := start(t.Context(), conn.Endpoint("math").With(service.CallOptions{Pick: service.First}), "x")
			_, f := message[*wire.Watch](p, wire.KindWatch)
			p.refuse(f, wire.Failf(wire.CodeBusy, wire.No, "over the limit of 1024 watches"))
			wantFailure(t, (<-ended).err, wire.CodeBusy, wire.No)
		}
	})
}
