package service

import (
	"sync"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// handles are the numbers a session has given to the targets it calls. All endpoints of a
// target share one, and none is taken back before the session ends: a request that is
// about to be sent may hold it. When all but one are given away, the targets beyond share
// the last: each of their requests is appended in one piece with a Bind of its own, so that
// a process may call any number of targets in its life.
type handles struct {
	mu    sync.Mutex
	bound map[string]uint32
}

// bind returns the handle of a target, telling the exchange of a new one, which fresh says.
// Addresses come here only at their own exchange, so the text says it all. Where bind is
// not empty it is the frame that goes in front of each request.
func (t *handles) bind(s *session, target string, origin uint64) (handle uint32, bind []byte, fresh bool, f *wire.Failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h, ok := t.bound[target]; ok {
		return h, nil, false, nil
	}
	h := uint32(len(t.bound))
	last := h+1 >= s.limits.Handles
	if last {
		h = s.limits.Handles - 1
	}
	frame := wire.AppendMessage(nil, 0, 0, &wire.Bind{Handle: h, Target: target, Origin: origin})
	if last {
		return h, frame, false, nil
	}
	switch s.link.AppendBytes(frame) {
	case link.Full:
		return 0, nil, false, wire.Failf(wire.CodeBusy, wire.No, "the connection's outbox is full")
	case link.Closed:
		return 0, nil, false, s.conn.unreachable()
	case link.Flush, link.Queued: // the sender of the request that follows flushes both
	}
	if t.bound == nil {
		t.bound = map[string]uint32{}
	}
	t.bound[target] = h
	return h, nil, true, nil
}
