package service

import (
	"sync"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// handles are the numbers a session has given to the targets it calls. All endpoints of a
// target share one, and none is taken back before the session ends: a request that is
// about to be sent may hold it.
type handles struct {
	mu    sync.Mutex
	bound map[string]uint32
}

// bind returns the handle of a target, telling the exchange of a new one. Addresses come
// here only at their own exchange, so the text says it all.
func (t *handles) bind(s *session, target string, origin uint64) (handle uint32, fresh bool, f *wire.Failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h, ok := t.bound[target]; ok {
		return h, false, nil
	}
	h := uint32(len(t.bound))
	if h >= s.limits.Handles {
		return 0, false, wire.Failf(wire.CodeBusy, wire.No, "the connection has called its limit of %d different targets", s.limits.Handles)
	}
	switch s.link.AppendBytes(wire.AppendMessage(nil, 0, 0, &wire.Bind{Handle: h, Target: target, Origin: origin})) {
	case link.Full:
		return 0, false, wire.Failf(wire.CodeBusy, wire.No, "the connection's outbox is full")
	case link.Closed:
		return 0, false, s.conn.unreachable()
	case link.Flush, link.Queued: // the sender of the request that follows flushes both
	}
	if t.bound == nil {
		t.bound = map[string]uint32{}
	}
	t.bound[target] = h
	return h, true, nil
}
