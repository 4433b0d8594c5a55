package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// bareEnd is a process that speaks netsvc's protocol and does nothing with it.
type bareEnd struct {
	link   *link.Link
	keeper *link.Keeper
	each   func(report []byte) // nil for a publisher
	until  wire.Kind           // the frame by which the exchange has agreed
	agreed chan struct{}
	once   sync.Once
	wg     sync.WaitGroup

	frame []byte // of a publisher, reused
}

// dialBare opens a session, sends a first message and waits until it is agreed to.
func dialBare(addr string, first wire.Message, until wire.Kind, each func([]byte)) (*bareEnd, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	var times link.Times
	e := &bareEnd{each: each, until: until, agreed: make(chan struct{}), keeper: link.NewKeeper(times.WithDefaults())}
	e.link = link.New(conn, link.Options{MaxFrame: 8 << 20})
	hello := &wire.Hello{}
	rand.Read(hello.Key[:])
	e.link.AppendBytes(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, hello))
	e.link.AppendBytes(wire.AppendMessage(nil, 1, 0, first))
	e.link.FlushNow()
	e.keeper.Add(e.link)
	e.wg.Go(e.read) // ends with the link
	select {
	case <-e.agreed:
		return e, nil
	case <-e.link.Done():
		e.close()
		return nil, fmt.Errorf("the exchange does not agree: %w", e.link.Err())
	}
}

func (e *bareEnd) read() { e.link.Run(e) }

func (e *bareEnd) close() {
	e.keeper.Remove(e.link)
	e.keeper.Close()
	e.link.Close(nil)
	e.wg.Wait()
}

// EndBatch implements link.Handler.
func (e *bareEnd) EndBatch() {}

// Frame implements link.Handler.
func (e *bareEnd) Frame(h *wire.Header, body []byte) error {
	switch h.Kind {
	case wire.KindReport:
		r, err := wire.ParseReport(body)
		if err != nil {
			return err
		}
		e.each(r.Value)
	case wire.KindGap, wire.KindFailure, wire.KindBye:
		stop(fmt.Errorf("the exchange sends a %v", h.Kind))
	case e.until:
		e.once.Do(func() { close(e.agreed) })
	}
	return nil
}

func bareNetsvcPublisher(addr string) (publisher, error) {
	return dialBare(addr, &wire.Announce{Name: publisherName}, wire.KindAnnounced, nil)
}

var errRefused = errors.New("a report was not sent")

func (e *bareEnd) publish(report []byte) error {
	e.frame, _ = wire.AppendPublish(e.frame[:0], &wire.Publish{}, subject)
	e.frame = append(e.frame, report...)
	if !e.link.AppendFrame(&wire.Header{Kind: wire.KindPublish}, e.frame).Taken() {
		return errRefused
	}
	return nil
}

func (e *bareEnd) flush() error {
	e.link.FlushNow()
	return nil
}

// subscribeBareNetsvc is one subscriber.
func subscribeBareNetsvc(addr string, each func([]byte)) (leave func(), err error) {
	e, err := dialBare(addr, &wire.Subscribe{ID: 1, Target: publisherName, Patterns: []string{subject}, Scope: wire.ScopeGlob}, wire.KindNotice, each)
	if err != nil {
		return nil, err
	}
	return e.close, nil
}
