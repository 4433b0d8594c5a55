package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/netsvc/netsvc/pkg/service"
)

// The service that is killed.
const (
	targetName   = "wait"
	runningCalls = 1_000
	waitingBytes = 256 << 20
)

// runService takes calls and never answers. args are the exchange and how many may wait.
func runService(args []string) error {
	waiting, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	ctx := context.Background()
	conn, err := service.Connect(ctx, args[0], nil)
	if err != nil {
		return err
	}
	s := service.New(targetName, &service.ServiceOptions{Limit: runningCalls, Queue: waiting, QueueBytes: waitingBytes})
	s.Export("wait", func(ctx context.Context, _ []byte) { <-ctx.Done() }, nil)
	if err := conn.Announce(ctx, s); err != nil {
		return err
	}
	fmt.Println("ready")
	<-conn.Done()
	return conn.Err()
}
