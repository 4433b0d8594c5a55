package exchange

import (
	"sync"
	"sync/atomic"
)

// outgoing is where the call of one caller slot went. It may be stale: the slot it names
// says by its generation whether it still holds that call.
type outgoing struct {
	callee     *session
	slot       *slot
	number     uint32 // of the slot
	generation uint32 // of the slot
	callerGen  uint32 // of the caller's own slot
	by         uint32 // number of the instance
}

// isOpen reports whether the caller has not been told an outcome.
func (o *outgoing) isOpen() bool {
	return o.slot != nil && o.slot.is(o.generation, open)
}

// callers maps a session's own slot numbers to the calls it has made. The session's reader
// touches it, and who forwards one of its calls. Its mutex comes before every call mutex: a
// cancel that meets a forward waits and finds the new slot.
type callers struct {
	mu       sync.Mutex
	chunks   []*[chunkSlots]outgoing
	refusing bool // the exchange shuts down: nothing is taken from the session any more
	closed   bool // the session has ended: nothing is forwarded for it either
}

// at returns the entry of a slot number, which the caller has checked against the limit. It
// is called with the mutex held.
func (c *callers) at(n uint32) *outgoing {
	i := int(n / chunkSlots)
	for len(c.chunks) <= i {
		c.chunks = append(c.chunks, nil)
	}
	if c.chunks[i] == nil {
		c.chunks[i] = new([chunkSlots]outgoing)
	}
	return &c.chunks[i][n%chunkSlots]
}

// refuse has every further request answered as draining. When it returns, those that were
// taken have their slots.
func (c *callers) refuse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusing = true
}

// close hands every entry that ever had a call to f, with the caller's slot number. No call
// is taken from the session or forwarded for it any more.
func (c *callers) close(f func(n uint32, o *outgoing)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusing, c.closed = true, true
	for at, chunk := range c.chunks {
		if chunk == nil {
			continue
		}
		for i := range chunk {
			if chunk[i].slot != nil {
				f(uint32(at*chunkSlots+i), &chunk[i])
			}
		}
	}
}

// forget drops what a closed table knows.
func (c *callers) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chunks = nil
}

// sessions finds a session by its place without a lock. A place is used again after its
// session has ended; the number tells the two apart.
type sessionTable struct {
	places []atomic.Pointer[session]
	spare  []uint32 // guarded by Exchange.mu
}

func newSessionTable(size int) sessionTable {
	t := sessionTable{places: make([]atomic.Pointer[session], size)}
	for i := size - 1; i >= 0; i-- {
		t.spare = append(t.spare, uint32(i))
	}
	return t
}

// put gives a session its place. There is one for every open connection: a session keeps its
// place until its calls have been ended, long after the core has let the next one in.
func (t *sessionTable) put(s *session) {
	s.place = t.spare[len(t.spare)-1]
	t.spare = t.spare[:len(t.spare)-1]
	t.places[s.place].Store(s)
}

// remove frees a session's place.
func (t *sessionTable) remove(s *session) {
	t.places[s.place].Store(nil)
	t.spare = append(t.spare, s.place)
}

// find returns the session of a party, nil when it has ended.
func (t *sessionTable) find(p party) *session {
	s := t.places[p.session].Load()
	if s == nil || s.number != p.number {
		return nil
	}
	return s
}
