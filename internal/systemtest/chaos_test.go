package systemtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// chaos is a small town in which everything happens at once, by a fixed seed for each
// inhabitant: calls are made, cancelled and run out of time, services come, go and change
// groups, processes die, and the exchange is restarted. What must hold is checked at each
// outcome, and at the end nothing may be left.
type chaos struct {
	t     *testing.T
	n     *network
	ran   sync.Map // by the number of the call: the handler began
	safe  sync.Map // by the number of the call: it was not delivered
	next  atomic.Int64
	codes sync.Map // how many outcomes of each code
}

const (
	chaosCallers  = 6
	chaosServers  = 3
	chaosCalls    = 250 // of each caller
	chaosRestarts = 4
)

func TestChaos_EveryCallHasOneDefiniteOutcome(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		c := &chaos{t: t, n: n}
		steady := c.newService("town") // one that stays, so that there is somebody to call
		n.announce(steady)
		ctx, stop := context.WithCancel(t.Context())
		var around, callers sync.WaitGroup
		for i := range chaosServers {
			around.Go(func() { c.serve(ctx, uint64(i)) })
		}
		watcher := n.connect(nil)
		around.Go(func() { c.watch(ctx, watcher) })
		for i := range chaosCallers {
			conn := n.connect(nil)
			callers.Go(func() { c.call(conn, uint64(i)) })
		}
		for range chaosRestarts {
			before := c.next.Load()
			testnet.WaitFor(t, "some calls", func() bool { return c.next.Load() > before+chaosCallers*chaosCalls/(2*chaosRestarts) || c.over() })
			n.close()
			n.open()
		}
		callers.Wait()
		stop()
		around.Wait()
		c.settle(steady)
	})
}

// over reports whether all calls have been made.
func (c *chaos) over() bool { return c.next.Load() >= chaosCallers*chaosCalls }

// newService is one whose handlers take a random while, or fail, or call on.
func (c *chaos) newService(name string) *service.Service {
	s := service.New(name, &service.ServiceOptions{Limit: 4, Queue: 4, Groups: []string{"all"}})
	s.Export("work", func(ctx context.Context, number int64, kind int) (int64, error) {
		if _, again := c.ran.LoadOrStore(number, true); again {
			c.t.Errorf("call %d was delivered twice", number)
		}
		switch kind {
		case 0: // until the caller gives up
			<-ctx.Done()
			return 0, ctx.Err()
		case 1:
			return 0, service.Fail(number, "as asked")
		case 2:
			caller, _ := service.CallerFrom(ctx)
			inner := c.next.Add(1) << 32
			return number, c.judge(inner, ignoreValue(caller.Conn.Endpoint("town").Call(ctx, "work", inner, 3)), nil)
		}
		return number, nil
	}, nil)
	return s
}

func ignoreValue(_ any, err error) error { return err }

// serve is a process that offers replicas of town, in good order and in bad.
func (c *chaos) serve(ctx context.Context, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	for ctx.Err() == nil {
		d, err := connectDoomed(ctx, c.n)
		if err != nil {
			continue // ctx has ended
		}
		c.serveOnce(ctx, d, random.IntN(3))
		d.conn.Close()
	}
}

// serveOnce offers one replica for a while and ends it in one of three ways.
func (c *chaos) serveOnce(ctx context.Context, d *doomed, end int) {
	svc := c.newService("town")
	if d.conn.Announce(ctx, svc) != nil {
		return
	}
	svc.Leave("all")
	before := c.next.Load()
	until(ctx, func() bool { return c.next.Load() > before+20 })
	svc.Join("all")
	switch end {
	case 0:
		d.kill()
	case 1:
		d.conn.Withdraw(ctx, svc)
	case 2:
		grace, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		defer cancel()
		d.conn.Shutdown(grace)
	}
}

// until waits for a fact or for ctx. It is for goroutines that must not fail a test.
func until(ctx context.Context, fact func() bool) {
	ask := time.NewTicker(time.Millisecond)
	defer ask.Stop()
	for !fact() {
		select {
		case <-ask.C:
		case <-ctx.Done():
			return
		}
	}
}

// watch checks that the events make sense, one after the other.
func (c *chaos) watch(ctx context.Context, conn *service.Conn) {
	w, err := conn.Watch(service.WatchOptions{Glob: "town"})
	if err != nil {
		c.t.Error(err)
		return
	}
	defer w.Close()
	known := map[service.Address]map[string]bool{}
	for e := range w.Events(ctx) {
		if wrong := apply(known, e); wrong != "" {
			c.t.Errorf("event %q of %v: %s", text(e), e.Info.Address, wrong)
		}
	}
}

// apply brings what is known up to date, and says what is wrong with the event.
func apply(known map[service.Address]map[string]bool, e service.Event) string {
	groups, there := known[e.Info.Address]
	switch e.Kind {
	case service.Available:
		known[e.Info.Address] = map[string]bool{}
		if there {
			return "it is there already"
		}
	case service.Joined:
		if !there || groups[e.Group] {
			return "it is not there, or in the group already"
		}
		groups[e.Group] = true
	case service.Left:
		if !there || !groups[e.Group] {
			return "it was not there, or not in the group"
		}
		delete(groups, e.Group)
	case service.Withdrawn:
		delete(known, e.Info.Address)
		if !there || len(groups) > 0 {
			return fmt.Sprintf("it was not there, or still in %v", groups)
		}
	case service.Changed:
		if !there {
			return "it is not there"
		}
	case service.Reset:
		clear(known)
	case service.Synced:
	}
	return ""
}

// call is a process that makes calls in each way.
func (c *chaos) call(conn *service.Conn, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 2))
	town := conn.Endpoint("town")
	for range chaosCalls {
		number, kind := c.next.Add(1), random.IntN(8)
		ctx, cancel := context.WithTimeout(c.t.Context(), time.Duration(1+random.IntN(30))*time.Millisecond)
		if random.IntN(4) == 0 {
			ctx, cancel = context.WithCancel(ctx)
		}
		p := town.Go(ctx, "work", number, kind)
		if random.IntN(4) == 0 {
			cancel()
		}
		v, err := p.Result()
		cancel()
		c.judge(number, err, v)
		if errors.Is(err, service.ErrUnreachable) {
			conn.Ready(c.t.Context())
		}
	}
}

// judge checks an outcome against what is known of the handler, and returns the error.
func (c *chaos) judge(number int64, err error, v any) error {
	_, ran := c.ran.Load(number)
	var f *service.Failure
	switch {
	case err == nil && !ran:
		c.t.Errorf("call %d has a result %v, and no handler ran", number, v)
	case err == nil:
		c.count("result")
	case !errors.As(err, &f):
		c.t.Errorf("call %d ended with %T %v, want a Failure", number, err, err)
	case f.Delivered == service.No && ran:
		c.t.Errorf("call %d ended with %v, not delivered, but its handler ran", number, f)
	case f.Delivered == service.Yes && !ran:
		c.t.Errorf("call %d ended with %v, delivered, but no handler ran", number, f)
	default:
		c.count(f.Code.String())
	}
	if f != nil && f.Delivered == service.No {
		c.safe.Store(number, f)
	}
	return err
}

func (c *chaos) count(what string) {
	n, _ := c.codes.LoadOrStore(what, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
}

// settle waits for the last answers; then nothing is open, and the steady service is there
// alone and free.
func (c *chaos) settle(steady *service.Service) {
	c.t.Helper()
	ex := c.n.exchange()
	waitIdle(c.t, ex)
	testnet.WaitFor(c.t, "the steady service to be there alone", func() bool {
		s := ex.Services("town", "all")
		return len(s) == 1 && len(s[0].Instances) == 1 && s[0].Instances[0].Address == steady.Address().String()
	})
	if n := ex.Services("town", "")[0].Instances[0].Inflight; n != 0 {
		c.t.Errorf("%d calls are in flight at the end, want none", n)
	}
	if s := ex.Stats(); s.Violations != 0 || s.SlowSessions != 0 {
		c.t.Errorf("%d violations and %d slow sessions, want none", s.Violations, s.SlowSessions)
	}
	client := c.n.connect(nil)
	e := client.Endpoint("town")
	for range 20 { // more than limit and queue: no place was lost
		number := c.next.Add(1)
		if v := call(c.t, e, "work", number, 3); v != number {
			c.t.Errorf("work = %v, want %d", v, number)
		}
	}
	c.safe.Range(func(number, f any) bool {
		if _, ran := c.ran.Load(number); ran {
			c.t.Errorf("call %v ended with %v, not delivered, and its handler began afterwards", number, f)
		}
		return true
	})
	var all []string
	c.codes.Range(func(k, v any) bool {
		all = append(all, fmt.Sprintf("%s %d", k, v.(*atomic.Int64).Load()))
		return true
	})
	c.t.Logf("outcomes: %v", all)
}
