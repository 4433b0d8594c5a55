package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// crowd announces so many instances of a name whose method call does what do says, given the
// number of the instance from 0 up.
func crowd(t *testing.T, host *service.Conn, name string, count int, groups []string, do func(ctx context.Context, n int) (int, error)) {
	t.Helper()
	for n := range count {
		s := service.New(name, &service.ServiceOptions{Groups: groups})
		s.Export("call", func(ctx context.Context) (int, error) { return do(ctx, n) }, nil)
		if err := host.Announce(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

func number(_ context.Context, n int) (int, error) { return n, nil }

// gathered takes all answers of a gathering: the results, and the failures by their codes.
func gathered(t *testing.T, g *service.Gathering, err error) (results []int, failures map[wire.Code]int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	failures = map[wire.Code]int{}
	met := map[service.Address]bool{}
	for a := range g.Answers() {
		if met[a.Instance] {
			t.Errorf("two answers of %s", a.Instance)
		}
		met[a.Instance] = true
		n, err := service.As[int](&a)
		var f *service.Failure
		switch {
		case err == nil:
			results = append(results, n)
		case !errors.As(err, &f) || f.Instance != a.Instance:
			t.Errorf("%s failed with %v, want a failure of its own", a.Instance, err)
		default:
			failures[f.Code]++
		}
	}
	if len(met) != len(g.Members()) {
		t.Errorf("%d answers of %d members", len(met), len(g.Members()))
	}
	slices.Sort(results)
	return results, failures
}

// gathering runs f in a bubble with a connection that hosts and one that calls.
func gathering(t *testing.T, f func(t *testing.T, host, conn *service.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		host, conn := pairUp(t)
		f(t, host, conn)
	})
}

func TestCallAll(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		crowd(t, host, "pool", 300, nil, func(_ context.Context, n int) (int, error) {
			if n%3 == 0 {
				return 0, service.Fail(17, "no paper")
			}
			return n, nil
		})
		crowd(t, host, "other", 1, nil, number)
		g, err := conn.CallAll(t.Context(), "pool", "call")
		results, failures := gathered(t, g, err)
		if len(results) != 200 || results[0] != 1 || results[199] != 299 || failures[wire.CodeApplication] != 100 {
			t.Errorf("%d results, failures %v; want 200 and 100", len(results), failures)
		}
		for range g.Answers() {
			t.Fatal("a second range made the calls again")
		}
	})
}

func TestCallGroup(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		crowd(t, host, "red", 2, []string{"colours"}, number)
		crowd(t, host, "red", 1, nil, number)
		crowd(t, conn, "blue", 1, []string{"colours"}, func(context.Context, int) (int, error) { return 7, nil })
		lacking := service.New("grey", &service.ServiceOptions{Groups: []string{"colours"}})
		if err := host.Announce(t.Context(), lacking); err != nil {
			t.Fatal(err)
		}
		g, err := conn.CallGroup(t.Context(), "colours", "call")
		results, failures := gathered(t, g, err)
		if fmt.Sprint(results) != "[0 1 7]" || failures[wire.CodeNoMethod] != 1 {
			t.Errorf("results %v, failures %v; want [0 1 7] and one no_method", results, failures)
		}
	})
}

func TestCallAllOfNobody(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		crowd(t, host, "pool", 1, []string{"g"}, number)
		for _, tt := range []struct {
			name string
			call func() (*service.Gathering, error)
			code wire.Code
		}{
			{"a name", func() (*service.Gathering, error) { return conn.CallAll(t.Context(), "nobody", "call") }, wire.CodeNoService},
			{"a name nobody can have", func() (*service.Gathering, error) { return conn.CallAll(t.Context(), "p*", "call") }, wire.CodeNoService},
			{"no target", func() (*service.Gathering, error) { return conn.CallAll(t.Context(), "pool@x", "call") }, wire.CodeNoService},
			{"an address", func() (*service.Gathering, error) { return conn.CallAll(t.Context(), "pool@999", "call") }, wire.CodeNoService},
			{"a group", func() (*service.Gathering, error) { return conn.CallGroup(t.Context(), "nobody", "call") }, wire.CodeNoService},
			{"a group nobody can have", func() (*service.Gathering, error) { return conn.CallGroup(t.Context(), "*", "call") }, wire.CodeNoService},
			{"arguments that cannot travel", func() (*service.Gathering, error) {
				return conn.CallGroup(t.Context(), "g", "call", make(chan int))
			}, wire.CodeEncodeArgs},
		} {
			began := time.Now()
			_, err := tt.call()
			if took := time.Since(began); took != 0 {
				t.Errorf("%s: that took %v, want no time", tt.name, took)
			}
			var f *service.Failure
			if !errors.As(err, &f) || f.Code != tt.code || f.Delivered != service.No {
				t.Errorf("%s: CallAll = %v, want %s, not delivered", tt.name, err, tt.code)
			}
		}
	})
}

func TestCallAllOfAnAddress(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		hidden := service.New("pool", &service.ServiceOptions{Hidden: true})
		hidden.Export("call", func() int { return 5 }, nil)
		if err := host.Announce(t.Context(), hidden); err != nil {
			t.Fatal(err)
		}
		g, err := conn.CallAll(t.Context(), hidden.Address().String(), "call")
		if results, failures := gathered(t, g, err); fmt.Sprint(results) != "[5]" {
			t.Errorf("results %v, failures %v; want [5]", results, failures)
		}
	})
}

// TestMembersThatHangHoldNobodyUp, though they are more than are called at a time, and each
// has its failure at the one deadline.
func TestMembersThatHangHoldNobodyUp(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		hang := func(ctx context.Context, n int) (int, error) {
			if n < 200 {
				<-ctx.Done()
			}
			return n, ctx.Err()
		}
		crowd(t, host, "pool", 500, nil, hang)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		began := time.Now()
		g, err := conn.CallAll(ctx, "pool", "call")
		if err != nil {
			t.Fatal(err)
		}
		quick, late := 0, 0
		for a := range g.Answers() {
			after := time.Since(began)
			switch {
			case a.Err == nil && after < 5*time.Second:
				quick++
			case errors.Is(a.Err, service.ErrTimeout) && after >= 20*time.Second && after < 21*time.Second:
				late++
			default:
				t.Errorf("%s: %v after %v", a.Instance, a.Err, after)
			}
		}
		if quick != 300 || late != 200 {
			t.Errorf("%d answered quickly and %d hung, want 300 and 200", quick, late)
		}
	})
}

// TestMembersAreCalledSoManyAtATime, and no more wait for who reads the answers slowly.
func TestMembersAreCalledSoManyAtATime(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		var called, running, most atomic.Int32
		crowd(t, host, "pool", 300, nil, func(_ context.Context, n int) (int, error) {
			called.Add(1)
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			time.Sleep(500 * time.Millisecond)
			running.Add(-1)
			return n, nil
		})
		g, err := conn.CallAll(t.Context(), "pool", "call")
		if err != nil {
			t.Fatal(err)
		}
		if called.Load() != 0 || len(g.Members()) != 300 {
			t.Errorf("%d called and %d members before the range, want 0 and 300", called.Load(), len(g.Members()))
		}
		taken := 0
		for range g.Answers() {
			if taken++; taken == 1 {
				time.Sleep(10 * time.Second)
				if n := called.Load(); n > 65 {
					t.Errorf("%d were called while nobody took their answers, want 65 at most", n)
				}
			}
		}
		if taken != 300 || most.Load() > 64 {
			t.Errorf("%d answers, %d ran at a time; want 300 and 64 at most", taken, most.Load())
		}
	})
}

// TestBreakingOutCancelsTheRest, and nothing goes on behind the range.
func TestBreakingOutCancelsTheRest(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		var running atomic.Int32
		crowd(t, host, "pool", 100, nil, func(ctx context.Context, n int) (int, error) {
			if n == 0 {
				return 0, nil
			}
			running.Add(1)
			defer running.Add(-1)
			<-ctx.Done()
			return 0, ctx.Err()
		})
		began := time.Now()
		g, err := conn.CallAll(t.Context(), "pool", "call")
		if err != nil {
			t.Fatal(err)
		}
		for range g.Answers() {
			break
		}
		synctest.Wait()
		if n, took := running.Load(), time.Since(began); n != 0 || took != 0 {
			t.Errorf("%d handlers run, %v after the break; want none at once", n, took)
		}
	})
}

func TestCancelEndsAllCallsOfAGathering(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		crowd(t, host, "pool", 100, nil, func(ctx context.Context, n int) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		g, err := conn.CallAll(ctx, "pool", "call")
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		_, failures := gathered(t, g, err)
		if took := time.Since(began); failures[wire.CodeCanceled] != 100 || took != 3*time.Second {
			t.Errorf("failures %v after %v, want 100 canceled after 3s", failures, took)
		}
	})
}

// TestAMemberThatLeftHasItsFailure when it went between the count and its call.
func TestAMemberThatLeftHasItsFailure(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		crowd(t, host, "pool", 2, nil, number)
		gone := service.New("pool", nil)
		if err := host.Announce(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		g, err := conn.CallAll(t.Context(), "pool", "call")
		if werr := host.Withdraw(t.Context(), gone); werr != nil {
			t.Fatal(werr)
		}
		crowd(t, host, "pool", 1, nil, number) // too late
		results, failures := gathered(t, g, err)
		if fmt.Sprint(results) != "[0 1]" || failures[wire.CodeNoService] != 1 {
			t.Errorf("results %v, failures %v; want [0 1] and one no_service", results, failures)
		}
	})
}

// TestTheLinkBreaksInAGathering: those that were called may have run, the others have not.
func TestTheLinkBreaksInAGathering(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		type made struct {
			g   *service.Gathering
			err error
		}
		ready := make(chan made, 1)
		go func() {
			g, err := conn.CallAll(t.Context(), "math", "x")
			ready <- made{g, err}
		}()
		var infos []*wire.Info
		for n := range 100 {
			infos = append(infos, info(uint32(3+n), "math"))
		}
		p.present("math", infos...)
		m := <-ready
		if m.err != nil {
			t.Fatal(m.err)
		}
		message[*wire.Unwatch](p, wire.KindUnwatch)
		counts := map[wire.Delivered]int{}
		ended := make(chan bool)
		go func() {
			defer close(ended)
			for a := range m.g.Answers() {
				var f *service.Failure
				if errors.As(a.Err, &f) && f.Code == wire.CodeUnreachable {
					counts[f.Delivered]++
				}
			}
		}()
		synctest.Wait()
		p.lose()
		<-ended
		if counts[service.Maybe] != 64 || counts[service.No] != 36 {
			t.Errorf("unreachable: %v, want 64 maybe and 36 no", counts)
		}
		<-s.peers
	})
}

func TestCallAllWhileTheLinkIsDown(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		p.lose()
		synctest.Wait()
		_, err := conn.CallAll(t.Context(), "math", "x")
		wantFailure(t, err, wire.CodeUnreachable, wire.No)
		<-s.peers
	})
}

// TestRetriesOfAGathering are of each member: by its own marks, and with its own attempts.
func TestRetriesOfAGathering(t *testing.T) {
	gathering(t, func(t *testing.T, host, conn *service.Conn) {
		var runs atomic.Int32
		for _, marked := range []bool{true, false} {
			s := service.New("pool", nil)
			s.Export("slow", func(ctx context.Context) (int, error) {
				if runs.Add(1) <= 2 {
					<-ctx.Done()
				}
				return 1, ctx.Err()
			}, &service.MethodOptions{Idempotent: marked})
			if err := host.Announce(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		retry := &service.Retry{AttemptTimeout: time.Second, Attempts: 2}
		g, err := conn.CallAllRaw(t.Context(), "pool", "slow", nil, &service.CallOptions{Retry: retry})
		results, failures := gathered(t, g, err)
		if fmt.Sprint(results) != "[1]" || failures[wire.CodeTimeout] != 1 || runs.Load() != 3 {
			t.Errorf("results %v, failures %v, %d runs; want [1], one timeout, 3", results, failures, runs.Load())
		}
	})
}
