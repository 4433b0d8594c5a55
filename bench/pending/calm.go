package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// calm calls a service that has nothing to do with the others, one call after the other.
type calm struct {
	stop  context.CancelFunc
	wg    sync.WaitGroup
	took  []time.Duration
	fails int
}

// bystander announces the service that the calm caller calls.
func bystander(ctx context.Context, addr string) (*service.Conn, error) {
	conn, err := service.Connect(ctx, addr, nil)
	if err != nil {
		return nil, err
	}
	s := service.New("bystander", nil)
	s.Export("same", func(n int64) int64 { return n }, nil)
	return conn, conn.Announce(ctx, s)
}

func beCalm(conn *service.Conn) *calm {
	ctx, stop := context.WithCancel(context.Background())
	c := &calm{stop: stop}
	c.wg.Go(func() { c.run(ctx, conn.Endpoint("bystander")) }) // ends by end
	return c
}

func (c *calm) run(ctx context.Context, e *service.Endpoint) {
	for ctx.Err() == nil {
		from := time.Now()
		if _, err := service.Call[int64](context.Background(), e, "same", 1); err != nil {
			c.fails++
		}
		c.took = append(c.took, time.Since(from))
		time.Sleep(time.Millisecond)
	}
}

// end stops calling and tells how it went.
func (c *calm) end() string {
	c.stop()
	c.wg.Wait()
	if len(c.took) == 0 {
		return "no calls"
	}
	slices.Sort(c.took)
	return fmt.Sprintf("%d calls, %d failed, p50 %v, p99 %v, longest %v", len(c.took), c.fails,
		c.took[len(c.took)/2], c.took[len(c.took)*99/100], c.took[len(c.took)-1])
}
