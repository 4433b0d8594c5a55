package main

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/bench/middle"
	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/bench/relay"
	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/wire"
)

// roles are the processes of a measurement. Each prints a line when it is ready.
var roles = map[string]process.Role{
	"relay": runRelay, "exchange": middle.Exchange(exchange.Limits{}, nil), "service": runService, "caller": runCaller,
}

// runRelay copies bytes between the first two connections.
func runRelay([]string) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	a, err := ln.Accept()
	if err != nil {
		return err
	}
	b, err := ln.Accept()
	if err != nil {
		return err
	}
	relay.Join(a, b)
	return nil
}

// end is one end of the load: a link and what it does with frames.
type end struct {
	link    *link.Link
	result  []byte // what the service answers
	request []byte // what the caller asks, without header
	calls   uint64
	flush   bool
	ready   func()
}

// dial opens the connection and, when the middle is the exchange, a session.
func dial(middle, addr string, key byte, e *end) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	e.link = link.New(conn, link.Options{MaxFrame: 8 << 20})
	opening := wire.AppendPreface(nil)
	if middle == "exchange" {
		opening = wire.AppendMessage(opening, 0, 0, &wire.Hello{Key: [wire.KeySize]byte{key}})
	}
	e.link.AppendBytes(opening)
	e.link.FlushNow()
	return nil
}

// EndBatch implements link.Handler.
func (e *end) EndBatch() {
	if e.flush {
		e.flush = false
		e.link.Flush()
	}
}

// Frame implements link.Handler.
func (e *end) Frame(h *wire.Header, _ []byte) error {
	switch h.Kind {
	case wire.KindDeliver, wire.KindRequest: // by the relay a request comes as it was sent
		e.add(&wire.Header{Kind: wire.KindResponse, ID: h.ID}, e.result)
	case wire.KindResponse:
		e.calls++
		slot, gen := wire.SplitCallID(h.ID)
		e.ask(slot, gen+1)
	case wire.KindWelcome, wire.KindAnnounced:
		if e.ready != nil {
			e.ready()
		}
	case wire.KindFailure:
		f, _ := wire.ParseFailure(h.Flags, nil)
		return fmt.Errorf("a call failed: %v", f)
	}
	return nil
}

func (e *end) add(h *wire.Header, body []byte) {
	e.link.AppendFrame(h, body)
	e.flush = true
}

func (e *end) ask(slot, gen uint32) {
	e.add(&wire.Header{Kind: wire.KindRequest, ID: wire.CallID(slot, gen), TTL: 30_000}, e.request)
}

// runService answers every request with the same bytes.
func runService(args []string) error {
	size, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	e := &end{result: make([]byte, size)}
	if err := dial(args[0], args[1], 1, e); err != nil {
		return err
	}
	if args[0] == "exchange" {
		announce := &wire.Announce{Name: "math", Limit: 4096, Queue: 4096}
		e.link.AppendBytes(wire.AppendMessage(nil, 1, 0, announce))
		e.link.FlushNow()
		seen := 0
		e.ready = func() {
			if seen++; seen == 2 { // Welcome, then Announced
				fmt.Println("ready")
			}
		}
	} else {
		fmt.Println("ready")
	}
	e.link.Run(e) // until the measurement is over
	return nil
}

// runCaller keeps so many calls in flight for a time and prints how many were answered.
func runCaller(args []string) error {
	size, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	flight, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	length, err := time.ParseDuration(args[4])
	if err != nil {
		return err
	}
	head, _ := wire.AppendRequest(nil, "multiply", nil)
	e := &end{request: append(head, make([]byte, size)...)}
	if err := dial(args[0], args[1], 2, e); err != nil {
		return err
	}
	if args[0] == "exchange" {
		e.link.AppendBytes(wire.AppendMessage(nil, 0, 0, &wire.Bind{Target: "math"}))
	}
	for slot := range flight {
		e.ask(uint32(slot), 0)
	}
	fmt.Println("ready")
	time.AfterFunc(length, func() { e.link.Close(nil) })
	e.link.FlushNow()
	e.link.Run(e)
	fmt.Println(e.calls)
	return nil
}
