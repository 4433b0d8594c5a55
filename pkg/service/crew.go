package service

import (
	"context"
	"sync"
)

// crew is the goroutines of a Conn that run the user's code: handlers and callbacks. They
// end when that code returns, so they are waited for as long as a context allows and not
// longer.
type crew struct {
	wg sync.WaitGroup

	mu      sync.Mutex
	running int
	idle    chan struct{} // made by those who wait; closed when nobody runs
}

// Go runs f on a goroutine of the crew.
func (c *crew) Go(f func()) {
	c.mu.Lock()
	c.running++
	c.mu.Unlock()
	c.wg.Go(func() { c.run(f) }) // ends when f returns
}

func (c *crew) run(f func()) {
	defer c.leave()
	f()
}

func (c *crew) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
	if c.running == 0 && c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

// wait returns when nobody runs, or with ctx's error.
func (c *crew) wait(ctx context.Context) error {
	c.mu.Lock()
	if c.running == 0 {
		c.mu.Unlock()
		return nil
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
