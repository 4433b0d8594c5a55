package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// quietTime is how long the calm caller is watched while all calls wait.
const quietTime = 3 * time.Second

// measure runs everything once and prints what it found.
func measure(connections, calls int) error {
	ex, addr, err := process.Start("exchange")
	if err != nil {
		return err
	}
	defer ex.End()
	total := connections * calls
	target, _, err := process.Start("service", addr, strconv.Itoa(total))
	if err != nil {
		return err
	}
	defer target.Kill()
	conn, err := bystander(context.Background(), addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	before, err := memoryOf(ex)
	if err != nil {
		return err
	}
	callers, _, err := process.Start("callers", addr, strconv.Itoa(connections), strconv.Itoa(calls))
	if err != nil {
		return err
	}
	defer callers.Kill()
	if err := fill(conn, total); err != nil {
		return err
	}
	if err := weigh(ex, before, total); err != nil {
		return err
	}
	idle := beCalm(conn)
	time.Sleep(quietTime)
	fmt.Printf("calls of others while they wait:         %s\n", idle.end())
	return loseAll(conn, target, callers)
}

// fill waits until all calls are open.
func fill(conn *service.Conn, total int) error {
	busy, from := beCalm(conn), time.Now()
	for {
		stats, err := service.Call[exchange.Totals](context.Background(), conn.Endpoint("_exchange"), "stats")
		if err != nil {
			return err
		}
		if stats.OpenCalls >= total {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	fmt.Printf("%d calls open after %v\n", total, time.Since(from).Round(time.Millisecond))
	fmt.Printf("calls of others while they were made:    %s\n", busy.end())
	return nil
}

// weigh prints what an open call costs the exchange.
func weigh(ex *process.Process, before memory, total int) error {
	after, err := memoryOf(ex)
	if err != nil {
		return err
	}
	each := func(now, then int64) float64 { return float64(now-then) / float64(total) }
	fmt.Printf("the exchange, for each call: %.0f B of live heap, %.0f B resident\n",
		each(after.heap, before.heap), each(after.resident, before.resident))
	return nil
}

// loseAll kills the service and waits until all callers are told.
func loseAll(conn *service.Conn, target, callers *process.Process) error {
	meanwhile, from := beCalm(conn), time.Now()
	target.Kill()
	line, err := callers.Line()
	if err != nil {
		return err
	}
	fmt.Printf("all told %v after the kill: %s\n", time.Since(from).Round(time.Millisecond), line)
	fmt.Printf("calls of others while they were told:    %s\n", meanwhile.end())
	return nil
}
