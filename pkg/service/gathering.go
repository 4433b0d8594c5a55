package service

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Gathering is one method called at each of several instances. Which ones is settled when it
// is made: those the registry held at one revision.
type Gathering struct {
	members []Info
	answers iter.Seq[Answer]
}

// Answer is the outcome of the call to one member of a Gathering.
type Answer struct {
	Instance Address   // of the member
	Value    value.Raw // of the result, not checked; nil with Err
	Err      error     // a *Failure, or nil
}

// Result is what the member answered, in the Go form that value.Decode gives it. The error is
// Err, or a *Failure with code decode.
func (a *Answer) Result() (any, error) { return resultOf(a, value.Decode) }

// As is Answer.Result as a T, by the rules of value.Unmarshal.
func As[T any](a *Answer) (T, error) { return resultOf(a, unmarshal[T]) }

func resultOf[T any](a *Answer, decode func([]byte) (T, error)) (T, error) {
	var none T
	if a.Err != nil {
		return none, a.Err
	}
	v, err := decode(a.Value)
	if err != nil {
		f := undecoded(err)
		f.Instance = a.Instance
		return none, f
	}
	return v, nil
}

// CallAll prepares a call of a method at every instance of a name; an address has one. It
// waits for the registry and no longer: the calls are made when Answers is ranged over. The
// deadline, by the rules of Call, is one for all of that. The error is always a *Failure,
// no_service when there is nobody. Instances that are not listed are not called.
func (c *Conn) CallAll(ctx context.Context, name, method string, args ...any) (*Gathering, error) {
	raw, f := encodeArgs(args)
	if f != nil {
		return nil, f
	}
	return c.CallAllRaw(ctx, name, method, raw, nil)
}

// CallAllRaw is CallAll with encoded arguments, as in CallRaw. Of opts, which may be nil, the
// policies have nothing to say here; retries are of each member's call.
func (c *Conn) CallAllRaw(ctx context.Context, name, method string, args []byte, opts *CallOptions) (*Gathering, error) {
	e := c.Endpoint(name)
	if e.bad || e.number == 0 && !e.choosable() {
		return nil, noTarget(name)
	}
	g := gatherer{conn: c, watch: e.watch(), whom: "no service %q is announced", who: name}
	return g.gather(ctx, method, args, opts)
}

// CallGroup is CallAll for every member of a group. A process with several instances in it
// gets a call for each.
func (c *Conn) CallGroup(ctx context.Context, group, method string, args ...any) (*Gathering, error) {
	raw, f := encodeArgs(args)
	if f != nil {
		return nil, f
	}
	return c.CallGroupRaw(ctx, group, method, raw, nil)
}

// CallGroupRaw is CallGroup with encoded arguments, as in CallAllRaw.
func (c *Conn) CallGroupRaw(ctx context.Context, group, method string, args []byte, opts *CallOptions) (*Gathering, error) {
	if err := value.CheckGroupName(group); err != nil {
		return nil, wire.Failf(wire.CodeNoService, wire.No, "%v", err)
	}
	g := gatherer{conn: c, watch: &WatchOptions{Group: group}, whom: "nobody is in group %q", who: group}
	return g.gather(ctx, method, args, opts)
}

// Members are the instances that are called, oldest first. The list must not be changed.
func (g *Gathering) Members() []Info { return g.members }

// Answers makes the calls and yields one answer for each member, in the order in which they
// come, which says nothing about the order of Members. A member that is gone by now has its
// failure, as one that does not answer before the deadline. Breaking out of the range, and
// the end of ctx, cancel what is open; nothing is on its way when the range has ended. The
// calls are made once: a second range yields nothing.
//
// At most 64 members are called at a time, of those that answer within a second. One that
// takes longer makes room for the next, up to 1,024 open calls, so that some that hang do
// not hold up thousands. As many answers wait at most for the range's body.
func (g *Gathering) Answers() iter.Seq[Answer] { return g.answers }

// gatherer is what a Gathering is made with.
type gatherer struct {
	conn      *Conn
	watch     *WatchOptions
	whom, who string // the words for nobody
}

// gather waits for the members and prepares their calls.
func (g *gatherer) gather(ctx context.Context, method string, args []byte, opts *CallOptions) (*Gathering, error) {
	if len(args) == 0 {
		args = emptyArgs
	}
	w := round{conn: g.conn, method: method, args: args}
	if opts != nil {
		w.settings = opts.settings()
	}
	w.settings.pick, w.settings.choose = LeastInFlight, nil
	w.settings.guided = w.settings.retry != nil
	left := g.conn.budget(ctx, w.settings.timeout)
	w.deadline = g.conn.now() + left
	within, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	members, f := g.members(within)
	if f != nil {
		return nil, f
	}
	var once atomic.Bool
	return &Gathering{members: members, answers: func(yield func(Answer) bool) {
		if once.CompareAndSwap(false, true) {
			w.run(ctx, members, yield)
		}
	}}, nil
}

// members reads who there is. The watch is a fresh one: what was announced before is in it.
func (g *gatherer) members(ctx context.Context) ([]Info, *wire.Failure) {
	if err := ctx.Err(); err != nil {
		return nil, ended(err, wire.No)
	}
	f, asked, err := g.conn.newFollower(g.watch, nil)
	if err != nil {
		return nil, g.conn.rosterFailure(err)
	}
	asked.flush()
	defer f.close()
	if err := f.ready(ctx); err != nil {
		return nil, g.conn.rosterFailure(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known.infos) == 0 {
		return nil, wire.Failf(wire.CodeNoService, wire.No, g.whom, g.who)
	}
	return f.known.all(), nil
}

// round is the calls of one Gathering.
type round struct {
	conn     *Conn
	method   string
	args     []byte
	settings callSettings
	deadline time.Duration // on the Conn's clock
	places   chan struct{} // one in it for each call that has answered or is young
	open     chan struct{} // one in it for each call
	answers  chan Answer   // without room: a worker keeps its answer until it is taken
}

const (
	gatherPlaces = 64          // when all are taken the next call waits
	gatherOpen   = 1024        // so it does when so many are open
	gatherYoung  = time.Second // after which a call that has not answered gives up its place
)

// run makes the calls and yields their answers.
func (r *round) run(ctx context.Context, members []Info, yield func(Answer) bool) {
	ctx, cancel := context.WithTimeout(ctx, r.deadline-r.conn.now())
	r.places, r.open = make(chan struct{}, gatherPlaces), make(chan struct{}, gatherOpen)
	r.answers = make(chan Answer)
	unwanted := make(chan struct{}) // closed when nobody takes answers any more
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(unwanted)
	defer cancel()
	wg.Go(func() { r.callEach(ctx, members, unwanted, &wg) }) // ends when all calls have begun, or are unwanted
	for range members {
		if !yield(<-r.answers) {
			return
		}
	}
}

// callEach begins the calls, each as soon as there is room. When ctx has ended they fail at
// once, so that each member has its answer.
func (r *round) callEach(ctx context.Context, members []Info, unwanted <-chan struct{}, wg *sync.WaitGroup) {
	for _, m := range members {
		for _, room := range []chan struct{}{r.places, r.open} {
			select {
			case room <- struct{}{}:
			case <-unwanted:
				return
			}
		}
		wg.Go(func() { r.callOne(ctx, &m, unwanted) }) // ends when its answer is taken or unwanted
	}
}

// callOne calls one member and hands its answer over.
func (r *round) callOne(ctx context.Context, m *Info, unwanted <-chan struct{}) {
	giveUpPlace := sync.OnceFunc(func() { <-r.places })
	young := time.AfterFunc(gatherYoung, giveUpPlace)
	a := Answer{Instance: m.Address, Err: goneWithItsGoroutine(m)}
	defer func() { // also when middleware ends the goroutine
		young.Stop()
		select {
		case r.answers <- a:
		case <-unwanted:
		}
		giveUpPlace()
		<-r.open
	}()
	a = r.answer(ctx, m)
}

func goneWithItsGoroutine(m *Info) *wire.Failure {
	f := wire.Failf(wire.CodeUnknown, wire.Maybe, "the call's middleware ended its goroutine")
	f.Instance = m.Address
	return f
}

func (r *round) answer(ctx context.Context, m *Info) Answer {
	a := Answer{Instance: m.Address}
	c, f := r.conn.At(m.Address).perform(ctx, r.method, nil, r.args, r.settingsFor(ctx, m))
	if f == nil {
		defer c.recycle()
		if f = c.outcome(); f == nil {
			a.Value, c.value = c.value, nil // the caller's now
			return a
		}
	}
	own := *f // it may be one that many calls share
	own.Instance, a.Err = m.Address, &own
	return a
}

// settingsFor are the settings of a member's call. What may run twice is known of the member
// itself.
func (r *round) settingsFor(ctx context.Context, m *Info) *callSettings {
	retry := r.settings.retry
	if retry == nil || retry.Idempotent || !r.conn.marked(ctx, m.Hash, r.method) {
		return &r.settings
	}
	own, repeatable := r.settings, *retry
	repeatable.Idempotent = true
	own.retry = &repeatable
	return &own
}
