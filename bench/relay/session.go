package relay

import (
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/netsvc/netsvc/pkg/wire"
)

// maxFrame is the largest frame that Serve takes, and tells its two parties to send.
const maxFrame = 4 << 20

// Serve stands between one service and one caller that use package service and believe it
// to be an exchange: the first two connections of a listener, the service's first. It
// answers Hello and Announce, turns a Request into a Deliver, which is another kind and four
// bytes more, and copies all else; the answers it copies without looking at them. It keeps
// no call, no deadline and no name. It returns when both connections have ended.
func Serve(ln net.Listener) error {
	service, err := welcome(ln, 1)
	if err != nil {
		return fmt.Errorf("the service: %w", err)
	}
	defer service.Close()
	if err := announced(service); err != nil {
		return fmt.Errorf("the service: %w", err)
	}
	caller, err := welcome(ln, 2)
	if err != nil {
		return fmt.Errorf("the caller: %w", err)
	}
	defer caller.Close()
	var wg sync.WaitGroup
	wg.Go(func() { copyBytes(caller, service) }) // ends with either connection
	err = deliver(service, caller)
	service.Close()
	wg.Wait()
	return err
}

// welcome takes a connection and opens it as an exchange would.
func welcome(ln net.Listener, number uint32) (net.Conn, error) {
	conn, err := ln.Accept()
	if err != nil {
		return nil, err
	}
	var preface [wire.PrefaceSize]byte
	if _, err := io.ReadFull(conn, preface[:]); err != nil {
		return nil, err
	}
	if _, err := expect(conn, wire.KindHello); err != nil {
		return nil, err
	}
	opening := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Welcome{
		Session: number, Origin: 1, BeatMS: 2_000, SuspectMS: 4_500, DeadMS: 14_500,
		Limits: wire.Limits{MaxFrame: maxFrame, Outbox: 8 << 20, Pending: 65_536, Instances: 1, Handles: 1, Methods: 64},
	})
	_, err = conn.Write(opening)
	return conn, err
}

// announced takes the service's Announce.
func announced(conn net.Conn) error {
	h, err := expect(conn, wire.KindAnnounce)
	if err != nil {
		return err
	}
	_, err = conn.Write(wire.AppendMessage(nil, h.ID, 0, &wire.Announced{Number: 1}))
	return err
}

// expect reads one frame, which must be of a kind. No byte behind it is read.
func expect(conn net.Conn, kind wire.Kind) (wire.Header, error) {
	var head [wire.HeaderSize]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return wire.Header{}, err
	}
	n, err := wire.FrameSize(head[:], maxFrame)
	if err != nil {
		return wire.Header{}, err
	}
	h := wire.ParseHeader(head[:])
	if h.Kind != kind {
		return h, fmt.Errorf("sent a %s where a %s was due", h.Kind, kind)
	}
	_, err = io.CopyN(io.Discard, conn, int64(n-wire.HeaderSize))
	return h, err
}
