package catalog

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// Options say how to keep a Catalog.
type Options struct {
	// OnEvent, if not nil, is told each event of the registry, in order and one at a time, also
	// those of instances that no snapshot has. It runs on a goroutine of the Catalog, which
	// reads no further meanwhile, and must not call Close.
	OnEvent func(service.Event)
}

// pace is the least time between two snapshots.
const pace = time.Second / 30

// Catalog is a live copy of the registry. Its methods may be called by any number of goroutines.
type Catalog struct {
	conn    *service.Conn
	watch   *service.Watch
	onEvent func(service.Event)
	current atomic.Pointer[state]
	changed chan struct{} // room for one
	synced  chan struct{} // closed when the present state has been told once
	ended   chan struct{} // closed when no event will come any more; err is set
	dirty   chan struct{} // room for one: there is something to publish
	stop    context.CancelFunc
	wg      sync.WaitGroup

	mu      sync.Mutex
	err     error
	shelf   *shelf
	loading bool      // the present state is being told
	once    bool      // it has been told once
	stale   time.Time // since when the snapshot is not kept up
	methods *methods
}

// state is what is published: what screens show, and what only completion asks for.
type state struct {
	Snapshot
	own []Service // whose name begins with "_"
}

// Open begins to keep a copy of all there is in the registry of conn's exchange, and does not
// wait for it. The conn stays the caller's, and must be open for as long as the Catalog.
func Open(conn *service.Conn, opts Options) (*Catalog, error) {
	watch, err := conn.Watch(service.WatchOptions{})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &Catalog{
		conn: conn, watch: watch, onEvent: opts.OnEvent, stop: stop, shelf: newShelf(), loading: true,
		changed: make(chan struct{}, 1), synced: make(chan struct{}), ended: make(chan struct{}), dirty: make(chan struct{}, 1),
	}
	c.methods = newMethods(c)
	c.current.Store(new(state))
	c.wg.Go(func() { c.follow(ctx) })  // ends with ctx, or with the watch
	c.wg.Go(func() { c.publish(ctx) }) // ends with ctx
	return c, nil
}

// Close ends the copy, and waits until OnEvent has returned. The last snapshot stays.
func (c *Catalog) Close() {
	c.watch.Close()
	c.stop()
	c.wg.Wait()
}

// Snapshot is the registry as it is known now. It is never nil, and free.
func (c *Catalog) Snapshot() *Snapshot { return &c.current.Load().Snapshot }

// Changed has a value when there is another Snapshot than at the last one: one at most, and at
// most thirty a second. It is for one reader.
func (c *Catalog) Changed() <-chan struct{} { return c.changed }

// Synced waits until the registry has been told whole, for the first time. The error is ctx's, or
// why the registry is not told any more.
func (c *Catalog) Synced(ctx context.Context) error {
	select {
	case <-c.synced:
		return nil
	default:
	}
	select {
	case <-c.synced:
		return nil
	case <-c.ended:
		return c.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// follow takes in what the registry tells, until there is nothing more.
func (c *Catalog) follow(ctx context.Context) {
	for {
		e, err := c.watch.Next(ctx)
		if err != nil {
			c.end(err)
			return
		}
		c.take(&e)
		if c.onEvent != nil {
			c.onEvent(e)
		}
	}
}

// end notes that nothing will be told any more.
func (c *Catalog) end(err error) {
	c.mu.Lock()
	c.err = err
	c.outdate(time.Now())
	c.mu.Unlock()
	close(c.ended)
	nudge(c.dirty)
}

// take notes one event.
func (c *Catalog) take(e *service.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case e.Kind == service.Synced:
		c.whole()
	case e.Kind == service.Reset:
		c.outdate(time.Now())
		c.forget()
	case e.Reason == service.ReasonExchangeLost:
		c.outdate(time.Now())
		c.shelf.remove(e.Info.Address.Number)
	case e.Kind == service.Withdrawn:
		c.shelf.remove(e.Info.Address.Number)
	default:
		c.shelf.set(e.Info)
	}
	nudge(c.dirty)
}

// outdate notes that what there is will be told anew. Until then the last snapshot stands for it.
func (c *Catalog) outdate(now time.Time) {
	c.loading = true
	if c.stale.IsZero() {
		c.stale = now
	}
}

// forget empties the shelf, and knows that it has.
func (c *Catalog) forget() {
	for number := range c.shelf.byNumber {
		c.shelf.remove(number)
	}
}

// whole notes that the present state has been told.
func (c *Catalog) whole() {
	c.loading, c.once, c.stale = false, true, time.Time{}
}

// nudge leaves a note for a reader, if none lies there yet.
func nudge(notes chan<- struct{}) {
	select {
	case notes <- struct{}{}:
	default:
	}
}
