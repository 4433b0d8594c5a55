package service

import (
	"context"
	"errors"
	"sync"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// rosters are the copies of the registry by which a Conn's callers choose among instances,
// one for each name, made at its first use and shared by all endpoints. They fill half of
// the watches that a session may have. To make room for another one that was not used for
// longest is dropped, and made again when it is wanted: so a process that chooses among the
// instances of more names than that pays a question for each change of name.
type rosters struct {
	mu     sync.Mutex
	uses   uint64
	byName map[string]*roster
	marks  marks
}

// roster is the copy of what the registry says of one name or address.
type roster struct {
	name string // of the service
	copy *follower
	used uint64 // when last; guarded by rosters.mu

	mu     sync.Mutex // taken after the copy's
	turn   turn
	stamp  chan struct{}                // of the copy that hashes were read from
	hashes map[[wire.HashSize]byte]bool // of the signatures of all instances
}

// roster returns the copy for an endpoint, which it waits for.
func (c *Conn) roster(ctx context.Context, e *Endpoint) (*roster, *wire.Failure) {
	for {
		r, err := c.rosters.get(c, e)
		if err != nil {
			return nil, c.rosterFailure(err)
		}
		if err = r.copy.ready(ctx); err == nil {
			return r, nil
		}
		if r.copy.hasEnded() {
			c.rosters.drop(e, r)
		}
		if !errors.Is(err, ErrClosed) || ctx.Err() != nil {
			return nil, c.rosterFailure(err)
		}
	}
}

// get finds or makes the roster of an endpoint.
func (t *rosters) get(c *Conn, e *Endpoint) (*roster, error) {
	t.mu.Lock()
	r, ok := t.byName[e.target]
	if ok {
		t.used(r)
		t.mu.Unlock()
		return r, nil
	}
	oldest := t.makeRoom(c)
	f, asked, err := c.newFollower(e.watch(), nil)
	if err == nil {
		r = &roster{name: e.name, copy: f}
		t.used(r)
		if t.byName == nil {
			t.byName = map[string]*roster{}
		}
		t.byName[e.target] = r
	}
	t.mu.Unlock()
	asked.flush()
	if oldest != nil {
		oldest.copy.close()
	}
	return r, err
}

func (t *rosters) used(r *roster) {
	t.uses++
	r.used = t.uses
}

// watch is what an endpoint's roster follows.
func (e *Endpoint) watch() *WatchOptions {
	if e.number == 0 {
		return &WatchOptions{Glob: e.name}
	}
	return &WatchOptions{Address: Address{Origin: e.origin.Load(), Name: e.name, Number: e.number}}
}

// makeRoom takes out the roster not used for longest when there are as many as there may be.
// The caller closes it, without the mutex.
func (t *rosters) makeRoom(c *Conn) *roster {
	s := c.session.Load()
	if s == nil || len(t.byName) < int(max(s.limits.Watches/2, 1)) {
		return nil
	}
	var name string
	var oldest *roster
	for n, r := range t.byName {
		if oldest == nil || r.used < oldest.used {
			name, oldest = n, r
		}
	}
	delete(t.byName, name)
	return oldest
}

// drop takes out a roster that has ended, so that the next call makes another one.
func (t *rosters) drop(e *Endpoint, r *roster) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byName[e.target] == r {
		delete(t.byName, e.target)
	}
}

// rosterFailure words why a call has no copy to go by. It was not sent.
func (c *Conn) rosterFailure(err error) *wire.Failure {
	var refusal *wire.Failure
	switch {
	case errors.Is(err, ErrClosed):
		return c.unreachable()
	case errors.As(err, &refusal):
		f := *refusal
		f.Delivered, f.Instance = wire.No, Address{}
		return &f
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ended(err, wire.No)
	}
	return wire.Failf(wire.CodeUnknown, wire.No, "%v", err)
}

// ready waits until the copy holds the present state. It does not wait for the link.
func (f *follower) ready(ctx context.Context) error {
	err := f.await(ctx, func() bool { return f.synced || f.conn.session.Load() == nil })
	if err == nil && f.conn.session.Load() == nil {
		return f.conn.unreachable()
	}
	return err
}

func (f *follower) hasEnded() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err != nil
}

// choose picks one of the instances that fit.
func (r *roster) choose(o *callSettings, fits func(uint32) bool) (Address, bool) {
	f := r.copy
	f.mu.Lock()
	if o.choose == nil {
		defer f.mu.Unlock()
		return r.byPolicy(o.pick, &f.known, fits)
	}
	infos := f.known.pick(f.known.names[r.name])
	f.mu.Unlock() // before the user's func runs
	return chosenBy(o.choose, infos, fits)
}

// chooseFrom is choose, from what is not the copy.
func (r *roster) chooseFrom(x *index, o *callSettings, fits func(uint32) bool) (Address, bool) {
	if o.choose == nil {
		return r.byPolicy(o.pick, x, fits)
	}
	return chosenBy(o.choose, x.pick(x.names[r.name]), fits)
}

// byPolicy picks one of an index.
func (r *roster) byPolicy(p Policy, x *index, fits func(uint32) bool) (Address, bool) {
	numbers := x.names[r.name]
	var n uint32
	var ok bool
	if p == RoundRobin {
		r.mu.Lock()
		n, ok = r.turn.next(x, numbers, fits)
		r.mu.Unlock()
	} else {
		n, ok = fittest(x, numbers, 0, fits)
	}
	return x.infos[n].Address, ok
}

// chosenBy has the caller's own func pick one.
func chosenBy(choose func([]Info) int, infos []Info, fits func(uint32) bool) (Address, bool) {
	candidates := fit(infos, fits)
	if len(candidates) == 0 {
		return Address{}, false
	}
	i := choose(candidates)
	if i < 0 || i >= len(candidates) {
		return Address{}, false
	}
	return candidates[i].Address, true
}

// choosable reports whether an endpoint stands for a name among whose instances there is
// something to choose.
func (e *Endpoint) choosable() bool { return e.number == 0 && value.CheckServiceName(e.name) == nil }
