package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/service"
)

// connection is the one a command has asked for.
type connection struct {
	conn    *service.Conn
	hurried bool // somebody has pressed a key and waits for the end of the process
}

func (c *connection) open(ctx context.Context, s command.Settings, patient bool, log *slog.Logger) (*service.Conn, error) {
	conn, err := command.Dial(ctx, s, patient, log)
	if err == nil {
		c.conn = conn
	}
	return conn, err
}

// farewell is how long the goodbye of a hurried command may take. One that takes longer ends with
// the process.
const farewell = 40 * time.Millisecond

func (c *connection) close() {
	if c.conn == nil {
		return
	}
	if !c.hurried {
		c.conn.Close()
		return
	}
	closed := make(chan struct{})
	var closing sync.WaitGroup
	closing.Go(func() { c.closeAndTell(closed) }) // ends within a second, or with the process
	select {
	case <-closed:
	case <-time.After(farewell):
	}
}

func (c *connection) closeAndTell(closed chan<- struct{}) {
	defer close(closed)
	c.conn.Close()
}
