package main

import (
	"context"

	"github.com/netsvc/netsvc/pkg/service"
)

// What is published, and by whom.
const (
	publisherName = "clock"
	subject       = "tick"
)

// clock publishes by netsvc.
type clock struct {
	conn    *service.Conn
	service *service.Service
}

func netsvcPublisher(addr string) (publisher, error) {
	ctx := context.Background()
	conn, err := service.Connect(ctx, addr, nil)
	if err != nil {
		return nil, err
	}
	c := clock{conn, service.New(publisherName, nil)}
	if err := conn.Announce(ctx, c.service); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c clock) publish(report []byte) error {
	return c.service.Publish(context.Background(), subject, report)
}

func (c clock) flush() error { return nil }

func (c clock) close() { c.conn.Close() }

// subscribeNetsvc is one subscriber. A gap ends the process.
func subscribeNetsvc(addr string, each func([]byte)) (leave func(), err error) {
	ctx := context.Background()
	conn, err := service.Connect(ctx, addr, nil)
	if err != nil {
		return nil, err
	}
	sub, err := conn.Subscribe(service.SubscribeOptions{
		Service: publisherName, Subjects: []string{subject},
		OnReport: func(_ context.Context, r service.Report) {
			var report []byte
			if err := r.Decode(&report); err != nil {
				stop(err)
			}
			each(report)
		},
		OnGap: func(_ context.Context, gap *service.GapError) { stop(gap) },
	})
	if err == nil {
		err = sub.Synced(ctx)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return func() { sub.Close(); conn.Close() }, nil
}
