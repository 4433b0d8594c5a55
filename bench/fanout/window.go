package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
)

// mostAhead is how many deliveries may be on their way.
const mostAhead = 4_096

// windowSteps is how many steps a window has: a subscriber tells of one at a time. Fewer make
// larger writes, more make the publisher wait less.
const windowSteps = 2

// stepOf is the number of reports after which subscribers tell where they are.
func stepOf(subscribers int) int { return max(1, mostAhead/subscribers/windowSteps) }

// numberSize is what the number of a report takes at its beginning.
const numberSize = 8

// turnstile is where the subscribers pass, and tells the publisher of each step that the last
// of them has made, by a byte.
type turnstile struct {
	step   uint64
	crowd  int32
	conn   net.Conn
	passed [2 * windowSteps]atomic.Int32 // subscribers that have made a step, by its number
}

// pass notes the number of a report that a subscriber has got, which must be the next one.
// It is called by one goroutine for each subscriber.
func (t *turnstile) pass(next *uint64, report []byte) error {
	if number := binary.LittleEndian.Uint64(report); number != *next {
		return fmt.Errorf("got report %d, want %d", number, *next)
	}
	*next++
	if *next%t.step != 0 {
		return nil
	}
	at := &t.passed[*next/t.step%uint64(len(t.passed))]
	if at.Add(1) < t.crowd {
		return nil
	}
	at.Store(0) // nobody comes here again before this byte has been read
	_, err := t.conn.Write([]byte{1})
	return err
}

// window is the publisher's end.
type window struct {
	step  int
	ahead int // steps that the last subscriber has not made
	conn  net.Conn
	bytes [windowSteps]byte
}

// advance begins a step, when there is room for it.
func (w *window) advance() error {
	w.ahead++
	return w.wait(windowSteps - 1)
}

// drain waits for all subscribers.
func (w *window) drain() error { return w.wait(0) }

// wait waits until no more than so many steps are on their way.
func (w *window) wait(most int) error {
	for w.ahead > most {
		n, err := w.conn.Read(w.bytes[:])
		if err != nil {
			return fmt.Errorf("the subscribers have gone: %w", err)
		}
		w.ahead -= n
	}
	return nil
}
