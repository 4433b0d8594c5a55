package catalog

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

const (
	asksAtOnce = 4
	askTime    = 5 * time.Second
	askTries   = 3                 // of an exchange that is there; then the methods stay unknown
	askPause   = time.Second       // between two of them
	maxSpare   = 1024              // sets of methods that are kept though nobody announced has them
	maxMethods = 20_000 + maxSpare // sets of methods; those of further services are not known
)

type hash = [wire.HashSize]byte

// methods are the sets of methods that are known, and those that are asked for. It is guarded by
// the Catalog's mutex.
type methods struct {
	c      *Catalog
	known  map[hash][]value.Signature
	asked  map[hash]bool            // in the queue, being asked for, or given up
	wanted map[hash]map[string]bool // the services that wait for what is asked
	queue  []service.Info
	asking int
}

func newMethods(c *Catalog) *methods {
	return &methods{c: c, known: make(map[hash][]value.Signature), asked: make(map[hash]bool), wanted: make(map[hash]map[string]bool)}
}

// of are the methods of the newest instance, or as long as these are not known, of the newest
// one whose are. What is missing is asked for.
func (m *methods) of(infos []service.Info) (sigs []value.Signature, known bool) {
	newest := &infos[len(infos)-1]
	if sigs, known = m.known[newest.Hash]; known {
		return sigs, true
	}
	m.want(newest)
	for _, info := range slices.Backward(infos) {
		if sigs, known = m.known[info.Hash]; known {
			return sigs, false
		}
	}
	return nil, false
}

// want asks for the methods of an instance, unless somebody has, and has its service made anew
// when they are there.
func (m *methods) want(info *service.Info) {
	if !m.asked[info.Hash] {
		if len(m.known)+len(m.asked) >= maxMethods {
			return
		}
		m.asked[info.Hash] = true
		m.wanted[info.Hash] = make(map[string]bool)
		m.queue = append(m.queue, *info)
	}
	if waiting := m.wanted[info.Hash]; waiting != nil {
		waiting[info.Name] = true
	}
}

// begin has as many asking as there is work for. It is called with the mutex held, on a goroutine
// that Close waits for.
func (m *methods) begin(ctx context.Context) {
	for m.asking < min(asksAtOnce, len(m.queue)) {
		m.asking++
		m.c.wg.Go(func() { m.work(ctx) }) // ends with the queue, or with ctx
	}
}

// work asks for what is in the queue.
func (m *methods) work(ctx context.Context) {
	for {
		info, ok := m.next(ctx)
		if !ok {
			return
		}
		d, err := m.ask(ctx, info.Address.String())
		m.learn(&info, d, err)
	}
}

// next takes the oldest of the queue. Without any the one who asks is gone.
func (m *methods) next(ctx context.Context) (service.Info, bool) {
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	if len(m.queue) == 0 || ctx.Err() != nil {
		m.asking--
		return service.Info{}, false
	}
	info := m.queue[0]
	m.queue = m.queue[1:]
	return info, true
}

// ask asks the exchange what an instance has. Without a link it waits for one.
func (m *methods) ask(ctx context.Context, address string) (*service.Description, error) {
	for tries := 1; ; {
		within, cancel := context.WithTimeout(ctx, askTime)
		d, err := m.c.conn.Describe(within, address)
		cancel()
		switch {
		case err == nil || errors.Is(err, service.ErrNoService) || ctx.Err() != nil:
			return d, err
		case errors.Is(err, service.ErrUnreachable):
			if err := m.c.conn.Ready(ctx); err != nil {
				return nil, err
			}
			continue
		case tries == askTries:
			return nil, err
		}
		tries++
		if err := pause(ctx, askPause); err != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// learn notes what was answered. An instance that has gone may have left others with the same
// methods behind, which are asked next.
func (m *methods) learn(info *service.Info, d *service.Description, err error) {
	c := m.c
	c.mu.Lock()
	defer c.mu.Unlock()
	for name := range m.wanted[info.Hash] {
		c.shelf.names.changed[name] = true
	}
	delete(m.wanted, info.Hash)
	switch {
	case err == nil: // they may have changed meanwhile: then there is an event of it
		m.known[d.Hash] = d.Methods
		delete(m.asked, info.Hash)
		m.thin()
	case errors.Is(err, service.ErrNoService):
		delete(m.asked, info.Hash)
	}
	nudge(c.dirty)
}

// thin forgets methods that nobody has any more, once they are many.
func (m *methods) thin() {
	if len(m.known) <= len(m.c.shelf.byNumber)+maxSpare {
		return
	}
	used := make(map[hash]bool, len(m.known))
	for _, info := range m.c.shelf.byNumber {
		used[info.Hash] = true
	}
	for h := range m.known {
		if !used[h] {
			delete(m.known, h)
		}
	}
}
