package systemtest

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// doomed is a process that can be killed: its connection breaks without a goodbye and it
// does not come back.
type doomed struct {
	conn *service.Conn

	mu   sync.Mutex
	link net.Conn
	dead bool
}

func newDoomed(t *testing.T, n *network) *doomed {
	t.Helper()
	d, err := connectDoomed(patient(t), n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.conn.Close() })
	return d
}

func connectDoomed(ctx context.Context, n *network) (*doomed, error) {
	d := new(doomed)
	dial := func(ctx context.Context) (net.Conn, error) { return d.dial(ctx, n) }
	var err error
	d.conn, err = service.Connect(ctx, n.address(), &service.Options{Dial: dial, RetryMin: time.Millisecond, RetryMax: 20 * time.Millisecond})
	return d, err
}

func (d *doomed) dial(ctx context.Context, n *network) (net.Conn, error) {
	link, err := n.dialAny(ctx)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		link.Close()
		return nil, errAway
	}
	d.link = link
	return link, nil
}

// kill breaks the connection as the kernel does for a process that dies.
func (d *doomed) kill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
	d.link.Close()
}
