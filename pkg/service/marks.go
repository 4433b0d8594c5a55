package service

import (
	"context"
	"strings"
	"sync"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// marks are the methods that are idempotent, by the hash of the signatures that say so. A
// hash stands for one list of signatures for ever, so nothing here grows old.
type marks struct {
	mu     sync.Mutex
	byHash map[[wire.HashSize]byte]map[string]bool
}

// maxMarks bounds the lists of signatures that are remembered; one more, and all are asked
// for anew.
const maxMarks = 1024

// idempotent reports whether a method may run more than once: when all the instances there
// are mark it so. What cannot be found out says no. It asks the exchange once for each list
// of signatures.
func (c *Conn) idempotent(ctx context.Context, e *Endpoint, method string) bool {
	if strings.HasPrefix(method, "system.") {
		return true // the library's own, which only tell
	}
	if e.bad || e.number == 0 && !e.choosable() {
		return false
	}
	r, f := c.roster(ctx, e)
	if f != nil {
		return false
	}
	hashes := r.signatures()
	for hash := range hashes {
		if !c.marked(ctx, hash, method) {
			return false
		}
	}
	return len(hashes) > 0
}

// signatures are the hashes of all instances there are.
func (r *roster) signatures() map[[wire.HashSize]byte]bool {
	f := r.copy
	f.mu.Lock()
	defer f.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stamp == f.wake { // the copy makes another one at each change
		return r.hashes
	}
	r.stamp, r.hashes = f.wake, map[[wire.HashSize]byte]bool{}
	for _, n := range f.known.names[r.name] {
		r.hashes[f.known.infos[n].Hash] = true
	}
	return r.hashes
}

// marked reports whether the signatures of a hash mark the method.
func (c *Conn) marked(ctx context.Context, hash [wire.HashSize]byte, method string) bool {
	m := &c.rosters.marks
	m.mu.Lock()
	methods, ok := m.byHash[hash]
	m.mu.Unlock()
	if ok {
		return methods[method]
	}
	if methods, ok = c.askMarks(ctx, hash); !ok {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byHash == nil || len(m.byHash) >= maxMarks {
		m.byHash = map[[wire.HashSize]byte]map[string]bool{}
	}
	m.byHash[hash] = methods
	return methods[method]
}

// askMarks asks the exchange for the signatures of a hash.
func (c *Conn) askMarks(ctx context.Context, hash [wire.HashSize]byte) (methods map[string]bool, ok bool) {
	s := c.session.Load()
	if s == nil {
		return nil, false
	}
	m, err := s.askAndWait(ctx, &wire.Describe{Hash: hash})
	d, ok := m.(*wire.Described)
	if err != nil || !ok {
		return nil, false
	}
	list, err := value.DecodeMethods(d.Methods)
	if err != nil || value.HashMethods(d.Methods) != hash {
		return nil, false
	}
	methods = map[string]bool{}
	for i := range list {
		if list[i].Idempotent {
			methods[list[i].Name] = true
		}
	}
	return methods, true
}
