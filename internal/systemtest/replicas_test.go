package systemtest

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// load makes calls from several goroutines until it is stopped.
type load struct {
	stop  atomic.Bool
	calls atomic.Int64
	wg    sync.WaitGroup
}

// run calls f again and again on count goroutines; f reports a failure itself.
func (l *load) run(count int, f func()) {
	for range count {
		l.wg.Go(func() {
			for !l.stop.Load() {
				f()
				l.calls.Add(1)
			}
		})
	}
}

func (l *load) end() int64 {
	l.stop.Store(true)
	l.wg.Wait()
	return l.calls.Load()
}

// One of two replicas is restarted again and again, in good order: not one call fails, from
// Go or over HTTP.
func TestReplicas_RestartLosesNoCall(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		n.announce(newMath("web"))
		client := n.connect(nil)
		web := newWebsite(t, n.connect(nil), xmlrpc.Selection{Groups: []string{"web"}}, nil)
		web.eventually("math", http.StatusOK)
		math := client.Endpoint("math")
		var l load
		l.run(4, func() {
			if v, err := math.Call(t.Context(), "multiply", 3, 4); err != nil || v != int64(12) {
				t.Errorf("multiply = %v, %v, want 12", v, err)
				l.stop.Store(true)
			}
		})
		l.run(2, func() {
			if a := web.call(mathPath, "multiply", 3, 4); a.value != int64(12) {
				t.Errorf("multiply over HTTP = %+v, want 12", a)
				l.stop.Store(true)
			}
		})
		for range 25 {
			replica := newMath("web")
			stop := n.run(replica)
			testnet.WaitFor(t, "the replica to take calls", func() bool {
				return !replica.Address().IsZero() || l.stop.Load()
			})
			before := l.calls.Load()
			testnet.WaitFor(t, "some calls", func() bool { return l.calls.Load() > before+50 || l.stop.Load() })
			if err := stop(); err != nil {
				t.Errorf("the replica ended with %v, want nil", err)
			}
		}
		if calls := l.end(); calls < 1000 {
			t.Errorf("%d calls were made, too few to tell", calls)
		}
	})
}

// Two replicas share the calls; an address reaches the one.
func TestReplicas_ShareCallsAndAnAddressReachesOne(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		var conns [2]*service.Conn
		for i := range conns {
			s := service.New("who", nil)
			s.Export("number", func() int { return i }, nil)
			conns[i] = n.announce(s)
			defer func() {
				if v := call(t, conns[0].At(s.Address()), "number"); v != int64(i) {
					t.Errorf("%v answers %v, want %d", s.Address(), v, i)
				}
			}()
		}
		counts := map[any]int{}
		for range 20 {
			counts[call(t, n.connect(nil).Endpoint("who"), "number")]++
		}
		if counts[int64(0)] != 10 || counts[int64(1)] != 10 {
			t.Errorf("20 callers met the replicas %v times, want 10 each", counts)
		}
	})
}
