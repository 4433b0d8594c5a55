package command

import (
	"context"
	"fmt"
	"sync"

	"github.com/netsvc/netsvc/pkg/service"
)

// notice says once, on a terminal, that a command waits for an exchange that is not there.
// With --verbose the connection says it by itself.
type notice struct{ wg sync.WaitGroup }

// begin waits as long as a connection may take. It ends with ctx at the latest.
func (n *notice) begin(ctx context.Context, env *Env, conn *service.Conn) {
	if !env.ErrLook.Terminal || env.Settings.Verbose || conn.Connected() {
		return
	}
	n.wg.Go(func() { sayNoExchange(ctx, env, conn) }) // ends with ctx
}

func sayNoExchange(ctx context.Context, env *Env, conn *service.Conn) {
	within, cancel := context.WithTimeout(ctx, env.Settings.ConnectTimeout)
	defer cancel()
	if conn.Ready(within) != nil && ctx.Err() == nil {
		fmt.Fprintf(env.Err, "netsvc: no exchange at %s yet, trying on\n", env.Settings.Exchange)
	}
}
