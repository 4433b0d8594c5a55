package systemtest

import (
	"context"
	"net"
	"sync"
	"testing"

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
	d := new(doomed)
	conn, err := service.Connect(patient(t), n.address(), &service.Options{Dial: func(ctx context.Context) (net.Conn, error) { return d.dial(ctx, n) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	d.conn = conn
	return d
}

func (d *doomed) dial(ctx context.Context, n *network) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return nil, errAway
	}
	var err error
	var dialer net.Dialer
	switch n.kind {
	case "memory":
		d.link, err = n.dial(ctx)
	default:
		d.link, err = dialer.DialContext(ctx, n.kind, n.addr)
	}
	return d.link, err
}

// kill breaks the connection as the kernel does for a process that dies.
func (d *doomed) kill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
	d.link.Close()
}
