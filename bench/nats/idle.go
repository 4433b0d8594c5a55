package main

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/pkg/service"
)

// idleness is what many idle connections with one service each cost a middle.
type idleness struct {
	side        string
	resident    float64 // bytes of each connection
	core        float64 // share of one core that all of them take
	alone, with sample  // 64 in flight by others, without and with them
}

// measureIdle looks at a side with x.idle connections that do nothing.
func (x extent) measureIdle(side string) (idleness, error) {
	w := &workload{Method: multiply, Connections: 1, Flight: 64}
	i := idleness{side: side}
	alone, err := startContestant(side, w)
	if err != nil {
		return i, err
	}
	i.alone, err = x.settled(alone)
	alone.end()
	if err != nil {
		return i, err
	}
	c, err := startContestant(side, w)
	if err != nil {
		return i, err
	}
	defer c.end()
	idlers, err := x.crowd(c, &i)
	if err != nil {
		return i, err
	}
	defer idlers.End()
	i.with, err = x.settled(c)
	return i, err
}

// settled is a run after a warm-up.
func (x extent) settled(c *contestant) (sample, error) {
	if _, err := c.run(x.warmUp); err != nil {
		return sample{}, err
	}
	return c.run(x.length)
}

// crowd connects the idle ones and weighs them.
func (x extent) crowd(c *contestant, i *idleness) (*process.Process, error) {
	empty, err := c.middle.Resident()
	if err != nil {
		return nil, err
	}
	idlers, err := c.join("idlers", strconv.Itoa(x.idle))
	if err != nil {
		return nil, err
	}
	if err := x.weigh(c.middle, empty, i); err != nil {
		idlers.End()
		return nil, err
	}
	return idlers, nil
}

// weigh reads what the middle has more than when it was empty, and what it does.
func (x extent) weigh(middle *process.Process, empty int64, i *idleness) error {
	time.Sleep(x.settle)
	full, err := middle.Resident()
	if err != nil {
		return err
	}
	i.resident = float64(full-empty) / float64(x.idle)
	before, err := middle.CPU()
	if err != nil {
		return err
	}
	from := time.Now()
	time.Sleep(x.watch)
	after, err := middle.CPU()
	i.core = float64(after-before) / float64(time.Since(from))
	return err
}

// dialling is how many connections are made at the same time.
const dialling = 16

// idlersBy is the role that makes connections with one service each by a library, and does
// nothing more. Its arguments are the middle and how many.
func idlersBy(connect func(addr, name string) error) process.Role {
	return func(args []string) error {
		many, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		if err := connectAll(many, func(name string) error { return connect(args[0], name) }); err != nil {
			return err
		}
		return process.Answer("ready", nil)
	}
}

// connectAll makes many connections, some at the same time.
func connectAll(many int, connect func(name string) error) error {
	var wg sync.WaitGroup
	var errs [dialling]error
	for first := range dialling {
		wg.Go(func() { // ends when its share is connected
			for n := first; n < many && errs[first] == nil; n += dialling {
				errs[first] = connect("idle-" + strconv.Itoa(n))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs[:]...)
}

// connectIdleNetsvc connects and announces a service. The connection lasts as long as the
// process.
func connectIdleNetsvc(addr, name string) error {
	ctx := context.Background()
	conn, err := service.Connect(ctx, addr, nil)
	if err != nil {
		return err
	}
	s := service.New(name, nil)
	s.Export(multiply, func(x, y int64) int64 { return x * y }, nil)
	return conn.Announce(ctx, s)
}

// connectIdleNATS is the same by a plain subscription.
func connectIdleNATS(addr, name string) error {
	conn, err := nats.Connect(addr)
	if err != nil {
		return err
	}
	if _, err := conn.Subscribe(name, answerProduct); err != nil {
		return err
	}
	return conn.Flush()
}
