package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/bench/relay"
	"github.com/netsvc/netsvc/pkg/service"
)

// serviceName is what the service under load is called, on netsvc.
const serviceName = "desk"

// patience is the deadline of calls that have one.
const patience = 10 * time.Second

// mostSessions makes room for 10,000 idle connections and a few others.
const mostSessions = 20_000

// runRelay is the least that could be in the middle.
func runRelay([]string) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	var served error
	wg.Go(func() { served = relay.Serve(ln) }) // ends with its two parties, or with ln before they have come
	err = process.Answer(ln.Addr().String(), nil)
	ln.Close()
	wg.Wait()
	return errors.Join(err, ignoreClosed(served))
}

// ignoreClosed is nil for a relay that nobody came to.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// runNetsvcService is the service of a workload. args are the middle and the workload.
func runNetsvcService(args []string) error {
	w, err := decodeWorkload(args[1])
	if err != nil {
		return err
	}
	ctx := context.Background()
	conn, err := service.Connect(ctx, args[0], nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	s := service.New(serviceName, nil)
	s.Export(w.Method, handlerOf(w), nil)
	if err := conn.Announce(ctx, s); err != nil {
		return err
	}
	return process.Answer("ready", nil)
}

// handlerOf is the func that a user would export.
func handlerOf(w workload) any {
	switch {
	case w.Method == echo:
		return func(p []byte) []byte { return p }
	case w.Method == trade:
		return receiptOf
	case w.Deadline:
		return func(_ context.Context, x, y int64) (int64, error) { return x * y, nil }
	}
	return func(x, y int64) int64 { return x * y }
}

// netsvcConn is one connection of callers.
type netsvcConn struct{ conn *service.Conn }

func dialNetsvc(addr string) (connection, error) {
	conn, err := service.Connect(context.Background(), addr, nil)
	if err != nil {
		return nil, err
	}
	return netsvcConn{conn}, nil
}

func (c netsvcConn) close() { c.conn.Close() }

func (c netsvcConn) asker(w workload) asker {
	e := c.conn.Endpoint(serviceName)
	switch {
	case w.Method == echo:
		return &netsvcEcho{e, make([]byte, w.Payload)}
	case w.Method == trade:
		return netsvcTrade{e}
	case w.Deadline:
		return netsvcPatient{e}
	}
	return netsvcMultiply{e}
}

type netsvcMultiply struct{ *service.Endpoint }

func (e netsvcMultiply) ask(n int64) error {
	x, y := factors(n)
	got, err := service.Call[int64](context.Background(), e.Endpoint, multiply, x, y)
	return product(n, got, err)
}

// netsvcPatient is netsvcMultiply with a deadline for each call.
type netsvcPatient struct{ *service.Endpoint }

func (e netsvcPatient) ask(n int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	x, y := factors(n)
	got, err := service.Call[int64](ctx, e.Endpoint, multiply, x, y)
	return product(n, got, err)
}

type netsvcEcho struct {
	*service.Endpoint
	payload []byte
}

func (e *netsvcEcho) ask(n int64) error {
	binary.LittleEndian.PutUint64(e.payload, uint64(n))
	got, err := service.Call[[]byte](context.Background(), e.Endpoint, echo, e.payload)
	if err == nil && !bytes.Equal(got, e.payload) {
		err = errWrong
	}
	return err
}

type netsvcTrade struct{ *service.Endpoint }

func (e netsvcTrade) ask(n int64) error {
	o := orderOf(n)
	got, err := service.Call[Receipt](context.Background(), e.Endpoint, trade, o)
	if err == nil && got != receiptOf(o) {
		err = errWrong
	}
	return err
}
