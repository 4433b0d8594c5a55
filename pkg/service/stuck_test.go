package service_test

import (
	"context"
	"net"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// newStuckPipe is a connection to an exchange that has said Welcome and reads nothing.
func newStuckPipe() (near, far net.Conn) {
	near, far = link.Pipe()
	w := newScript(nil).welcome
	far.Write(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &w))
	return near, far
}

// dialOf hands out connections in turn, and none more.
func dialOf(conns ...net.Conn) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		if len(conns) == 0 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		c := conns[0]
		conns = conns[1:]
		return c, nil
	}
}
