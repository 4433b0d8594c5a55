package systemtest

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cable is a connection in memory that can be made a black hole: from then on each end
// sees nothing of what the other does, not even that it closes.
type cable struct {
	net.Conn
	hole atomic.Bool
	once sync.Once
	gone chan struct{} // closed when this end is
}

func (c *cable) Write(p []byte) (int, error) {
	if c.hole.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func (c *cable) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		switch {
		case !c.hole.Load():
			return n, err
		case err == io.EOF:
			<-c.gone
			return 0, net.ErrClosed
		case err != nil:
			return 0, err
		}
	}
}

// Close leaves the far end in the dark when there is a hole.
func (c *cable) Close() error {
	c.once.Do(func() { close(c.gone) })
	if c.hole.Load() {
		return c.Conn.SetDeadline(time.Unix(1, 0)) // wakes the reader
	}
	return c.Conn.Close()
}

// cables are those of one process.
type cables struct {
	n    *network
	mu   sync.Mutex
	all  []*cable
	down bool // no new ones
}

func newCables(t *testing.T, n *network) *cables {
	t.Helper()
	c := &cables{n: n}
	t.Cleanup(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, one := range c.all {
			one.Conn.Close()
		}
	})
	return c
}

// dial is for service.Options.
func (c *cables) dial(ctx context.Context) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return nil, errAway
	}
	conn, err := c.n.dial(ctx)
	if err != nil {
		return nil, err
	}
	made := &cable{Conn: conn, gone: make(chan struct{})}
	c.all = append(c.all, made)
	return made, nil
}

// set makes black holes of the cables there are, or ends that. New ones are whole.
func (c *cables) set(hole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.all {
		one.hole.Store(hole)
	}
}
