package exchange

import (
	"math"
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/wire"
)

// instance is what the data plane knows of an announced instance.
type instance struct {
	session *session
	name    string
	number  uint32
	handle  uint32 // the process's own number for it
	place   uint16 // in the session's list
	limit   int32  // unanswered calls handed on at a time

	// guarded by the session's call mutex
	accepting bool
	gone      bool  // withdrawn; the place is free when taken is zero
	taken     int32 // slots that hold a call of this instance

	_        [64]byte // callers of all sessions look at the next field
	inflight atomic.Int32
	_        [60]byte

	counts counts
	outlet outlet
}

// load orders instances: the calls they have, or the most when they take none.
func (i *instance) load() int32 {
	if i.session.link.Suspect() {
		return math.MaxInt32
	}
	return i.inflight.Load()
}

// counts are what an instance has done.
type counts struct {
	calls    atomic.Uint64
	failures failures
}

// failures counts by code. Codes of later versions count as unknown. The table is made with
// the first failure: most instances of most sessions never have one.
type failures struct{ table atomic.Pointer[failureTable] }

type failureTable [int(wire.CodeDraining-firstCode) + 1]atomic.Uint64

const firstCode = wire.CodeUnknown

func (f *failures) add(code wire.Code, times uint64) {
	t := f.table.Load()
	if t == nil {
		f.table.CompareAndSwap(nil, new(failureTable))
		t = f.table.Load()
	}
	n := int(code) - int(firstCode)
	if n < 0 || n >= len(t) {
		n = 0
	}
	t[n].Add(times)
}

// byCode is the failures so far by their words.
func (f *failures) byCode() map[string]uint64 {
	m := map[string]uint64{}
	t := f.table.Load()
	if t == nil {
		return m
	}
	for i := range t {
		if n := t[i].Load(); n > 0 {
			m[(firstCode + wire.Code(i)).String()] += n
		}
	}
	return m
}
