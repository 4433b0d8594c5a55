package service

import (
	"context"
	"sync"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// flow is the sending side of one stream: what its caller lets it send.
type flow struct {
	session *session
	id      uint64
	due     chan struct{} // room for one: the link is to be flushed

	mu     sync.Mutex
	credit int
	more   chan struct{} // room for one: the credit has grown
}

func newFlow(r *request) *flow {
	return &flow{
		session: r.session, id: r.id, credit: wire.FirstCredit,
		due: make(chan struct{}, 1), more: make(chan struct{}, 1),
	}
}

// send appends one result, when the caller has room for it. The error is a failure, or that
// of the handler's context when it ends first.
func (f *flow) send(ctx context.Context, encoded []byte) error {
	cost := wire.ResultCost(encoded)
	if cost > wire.FirstCredit {
		return wire.Failf(wire.CodeTooLarge, wire.Yes, "a result of a stream makes a frame of %d bytes, over the limit of %d", cost, wire.FirstCredit)
	}
	if fault := f.session.oversize(encoded); fault != nil {
		return fault
	}
	for !f.spend(cost) {
		select {
		case <-f.more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return f.post(ctx, encoded)
}

// spend takes so much of the credit, if there is enough.
func (f *flow) spend(n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n > f.credit {
		return false
	}
	f.credit -= n
	return true
}

// grant adds to the credit.
func (f *flow) grant(n uint32) {
	f.mu.Lock()
	f.credit += int(n)
	f.mu.Unlock()
	nudge(f.more)
}

// crowdedPause is how long a stream waits when all streams of its connection together fill
// their part of the outbox.
const crowdedPause = 5 * time.Millisecond

// post appends a result, when the outbox has room for it.
func (f *flow) post(ctx context.Context, encoded []byte) error {
	h := wire.Header{Kind: wire.KindResult, ID: f.id}
	for {
		switch f.session.link.AppendStream(&h, encoded) {
		case link.Flush:
			nudge(f.due)
			return nil
		case link.Queued:
			return nil
		case link.Closed:
			return context.Canceled // the handler's context ends with the link
		case link.Full:
		}
		pause := time.NewTimer(crowdedPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

// nudge wakes who waits for c, which has room for one.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyhow
	}
}

// pump writes the results of the stream until due is closed. What is sent while it writes
// goes out together.
func (f *flow) pump() {
	for range f.due {
		f.session.link.Flush()
	}
}

// credit lets the handler of a stream send more.
func (s *session) credit(h *wire.Header, body []byte) error {
	n, err := wire.ParseCredit(body)
	if err != nil {
		return err
	}
	r := s.delivered.find(h.ID)
	if r == nil {
		return nil // answered meanwhile
	}
	if handler := r.context.Load(); handler != nil && handler.flow != nil {
		handler.flow.grant(n)
	}
	return nil
}
