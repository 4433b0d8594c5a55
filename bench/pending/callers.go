package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// payload is the argument of each call, in bytes.
const payload = 16

// pumpEvery and pumpBatch are how fast a connection sends, and sends again.
const (
	pumpEvery = 5 * time.Millisecond
	pumpBatch = 2_000
)

// runCallers opens all calls and waits until each has been told how it ended. args are the
// exchange, the connections and the calls of each. It prints one line when everybody is
// connected and another when all are told.
func runCallers(args []string) error {
	connections, err1 := strconv.Atoi(args[1])
	calls, err2 := strconv.Atoi(args[2])
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	keeper := link.NewKeeper(link.Times{})
	defer keeper.Close()
	all := &tally{left: int64(connections) * int64(calls), told: make(chan struct{})}
	var wg sync.WaitGroup
	for number := range connections {
		c, err := dial(args[0], byte(number+1), calls, all)
		if err != nil {
			return err
		}
		keeper.Add(c.link)
		wg.Go(func() { c.fail(c.link.Run(c)) }) // ends when the link is closed
		wg.Go(c.pump)                           // ends when all calls are told
		defer c.link.Close(nil)
	}
	fmt.Println("ready")
	<-all.told
	fmt.Printf("%d lost, %d others, %d busy and sent again\n", all.lost.Load(), all.others.Load(), all.busy.Load())
	return nil
}

// tally counts how the calls of all connections end.
type tally struct {
	mu   sync.Mutex
	left int64
	told chan struct{} // closed when none is left

	lost, others, busy atomic.Int64
}

func (t *tally) tell(code wire.Code) {
	if code == wire.CodeLost {
		t.lost.Add(1)
	} else {
		t.others.Add(1)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left--; t.left == 0 {
		close(t.told)
	}
}

// caller is one connection.
type caller struct {
	link    *link.Link
	request []byte
	all     *tally
	ready   chan struct{} // closed by the welcome

	mu   sync.Mutex
	gens []uint32 // by slot
	todo []uint32 // slots to send
}

// dial opens a connection, says hello and binds the service.
func dial(addr string, key byte, calls int, all *tally) (*caller, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	args, err := value.AppendArgs(nil, []any{make([]byte, payload)})
	if err != nil {
		return nil, err
	}
	head, _ := wire.AppendRequest(nil, "wait", nil)
	c := &caller{
		link: link.New(conn, link.Options{MaxFrame: 8 << 20}), request: append(head, args...),
		all: all, ready: make(chan struct{}), gens: make([]uint32, calls),
	}
	for slot := range calls {
		c.todo = append(c.todo, uint32(slot))
	}
	opening := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [wire.KeySize]byte{key}})
	c.link.AppendBytes(opening)
	c.link.AppendBytes(wire.AppendMessage(nil, 0, 0, &wire.Bind{Target: targetName}))
	c.link.FlushNow()
	return c, nil
}

// fail tells that a connection ended before its calls did, which spoils the measurement.
func (c *caller) fail(err error) {
	if !errors.Is(err, link.ErrClosed) {
		exitOn(fmt.Errorf("a connection of the callers ended: %w", err))
	}
}

// EndBatch implements link.Handler.
func (c *caller) EndBatch() {}

// Frame implements link.Handler.
func (c *caller) Frame(h *wire.Header, body []byte) error {
	switch h.Kind {
	case wire.KindWelcome:
		close(c.ready)
	case wire.KindResponse:
		c.all.tell(wire.CodeUnknown)
	case wire.KindFailure:
		c.ended(h.ID, wire.Code(binary.LittleEndian.Uint16(body)))
	}
	return nil
}

// ended counts the end of a call, or has it sent again when there was no room for it.
func (c *caller) ended(id uint64, code wire.Code) {
	if code != wire.CodeBusy {
		c.all.tell(code)
		return
	}
	c.all.busy.Add(1)
	slot, _ := wire.SplitCallID(id)
	c.mu.Lock()
	c.gens[slot]++
	c.todo = append(c.todo, slot)
	c.mu.Unlock()
}

// pump sends what there is to send, a batch at a time.
func (c *caller) pump() {
	<-c.ready
	ticker := time.NewTicker(pumpEvery)
	defer ticker.Stop()
	for {
		select {
		case <-c.all.told:
			return
		case <-ticker.C:
			c.send()
		}
	}
}

// send sends a batch. What the own outbox has no room for stays to be sent.
func (c *caller) send() {
	c.mu.Lock()
	defer c.mu.Unlock()
	batch := c.todo[:min(len(c.todo), pumpBatch)]
	sent := 0
	for _, slot := range batch {
		h := wire.Header{Kind: wire.KindRequest, ID: wire.CallID(slot, c.gens[slot]), TTL: uint32(time.Hour.Milliseconds())}
		if !c.link.AppendFrame(&h, c.request).Taken() {
			break
		}
		sent++
	}
	c.todo = c.todo[sent:]
	if sent > 0 {
		c.link.FlushNow()
	}
}
