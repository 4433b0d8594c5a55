package link

import (
	"sync"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Times are the waits by which links find out about each other. The zero value means
// those of the contract.
type Times struct {
	Beat    time.Duration // a beat goes out when nothing was sent this long; zero means 2 s
	Suspect time.Duration // silence after which the peer gets no new work; zero means 4.5 s
	Dead    time.Duration // silence after which the link is closed; zero means 14.5 s
	Stall   time.Duration // silence inside a frame after which it is closed; zero means 10 s
	Slow    time.Duration // no byte taken this long: the link is closed; zero means 15 s
}

// WithDefaults fills the zero fields.
func (t Times) WithDefaults() Times {
	fill := func(d *time.Duration, standard time.Duration) {
		if *d <= 0 {
			*d = standard
		}
	}
	fill(&t.Beat, 2*time.Second)
	fill(&t.Suspect, 4500*time.Millisecond)
	fill(&t.Dead, 14500*time.Millisecond)
	fill(&t.Stall, 10*time.Second)
	fill(&t.Slow, 15*time.Second)
	return t
}

// checks is how many looks a keeper takes in the time of one beat: every 0.5 s by default.
const checks = 4

// keeping is what a keeper remembers of a link.
type keeping struct {
	sentAt  time.Duration // when a look last saw that something had been written
	movedAt time.Duration // when a look last saw the kernel take bytes, or nothing to take
}

// Keeper looks after the links given to it from one goroutine: it sends their beats, and
// ends those whose peer is frozen, stalled or slow. A look that itself comes over a second
// late blames nobody: every link gets its time anew.
type Keeper struct {
	times Times
	every time.Duration
	stop  chan struct{}
	once  sync.Once
	wg    sync.WaitGroup

	mu    sync.Mutex
	links map[*Link]struct{}

	due []*Link // reused by each look
}

// NewKeeper starts a keeper. Close ends it.
func NewKeeper(t Times) *Keeper {
	t = t.WithDefaults()
	k := &Keeper{times: t, every: max(t.Beat/checks, time.Millisecond), stop: make(chan struct{}), links: map[*Link]struct{}{}}
	k.wg.Go(k.run) // ends when Close closes k.stop
	return k
}

// Close ends the keeper and waits for it. The links stay as they are.
func (k *Keeper) Close() {
	k.once.Do(func() { close(k.stop) })
	k.wg.Wait()
}

// Add puts a link under the keeper's care. It counts as heard from now on.
func (k *Keeper) Add(l *Link) {
	k.mu.Lock()
	defer k.mu.Unlock()
	t := now()
	l.heardAt.Store(int64(t))
	l.keep.sentAt, l.keep.movedAt = t, t
	k.links[l] = struct{}{}
}

// Remove ends the care for a link. A look under way may still reach it.
func (k *Keeper) Remove(l *Link) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.links, l)
}

// lateness is how late a look may be before it doubts itself instead of the peers.
const lateness = time.Second

func (k *Keeper) run() {
	ticker := time.NewTicker(k.every)
	defer ticker.Stop()
	last := now()
	for {
		select {
		case <-k.stop:
			return
		case <-ticker.C:
		}
		t := now()
		k.look(t, t-last > k.every+lateness)
		last = t
	}
}

// look goes through all links once.
func (k *Keeper) look(t time.Duration, late bool) {
	k.mu.Lock()
	for l := range k.links {
		k.due = append(k.due, l)
	}
	k.mu.Unlock()
	for i, l := range k.due {
		if late {
			l.heardAt.Store(int64(t))
			l.keep.movedAt = t
		}
		k.check(l, t)
		k.due[i] = nil
	}
	k.due = k.due[:0]
}

// check does what is due for one link.
func (k *Keeper) check(l *Link, t time.Duration) {
	if l.ended.Load() {
		return
	}
	wrote, stuck := l.glance()
	if wrote {
		l.keep.sentAt = t
	}
	if wrote || !stuck {
		l.keep.movedAt = t
	}
	silent := t - time.Duration(l.heardAt.Load())
	if l.handling.Load() {
		silent = 0
	}
	switch {
	case silent >= k.times.Dead:
		l.Close(ErrFrozen)
	case silent >= k.times.Stall && l.partial.Load():
		l.Close(ErrStalled)
	case t-l.keep.movedAt >= k.times.Slow:
		l.Close(ErrSlow)
	default:
		if silent >= k.times.Suspect {
			l.doubt(k.times.Suspect)
		}
		k.beat(l, t)
	}
}

// glance tells whether the kernel took bytes since the last glance, and whether some wait
// for it.
func (l *Link) glance() (wrote, stuck bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wrote, l.wrote = l.wrote, false
	return wrote, l.unsent > 0
}

// beat sends a beat when nothing else was sent for long enough, or when the peer is to be
// asked. Half a look is allowed for the time between a write and the look that saw it.
func (k *Keeper) beat(l *Link, t time.Duration) {
	idle := t-l.keep.sentAt >= k.times.Beat-k.every/2
	id := l.ask(t, askEvery*k.times.Beat)
	if !idle && id == 0 {
		return
	}
	l.keep.sentAt = t
	if l.AppendFrame(&wire.Header{Kind: wire.KindBeat, ID: id}, nil) == Flush {
		l.FlushNow()
	}
}
