package testnet

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Direction is one of the two ways through a Proxy.
type Direction int

const (
	// Up is from the process that dialled the Proxy to the target.
	Up Direction = 0
	// Down is from the target to the process that dialled the Proxy.
	Down Direction = 1
)

// Fault is what happens to the bytes of one direction. The zero value passes them on
// untouched. Faults combine.
type Fault struct {
	// Latency delays each byte by this much after it reached the Proxy, without
	// changing the order or the rate. Bytes keep the latency of the moment they came.
	Latency time.Duration
	// BlackHole takes bytes and drops them, and hides the end of the stream, while the
	// sender sees all go well. Dropped bytes never come back: when the hole is lifted
	// the stream goes on behind them, and an end that it hid comes out.
	BlackHole bool
	// Slice cuts the stream into writes of 1 to Slice bytes. Sizes come from a fixed
	// seed, the same in each run. Zero writes as much at once as there is.
	Slice int
	// BytesPerSecond caps the rate. A full path is felt by the sender as TCP
	// back-pressure. Zero is no cap.
	BytesPerSecond int
}

// pacesPerSecond is how many writes a second make up a capped rate: enough to look
// steady, few enough to cost nothing.
const pacesPerSecond = 100

// size says how many of n waiting bytes go into the next write.
func (f Fault) size(n int, random *rand.Rand) int {
	if f.BytesPerSecond > 0 {
		n = min(n, max(1, f.BytesPerSecond/pacesPerSecond))
	}
	if f.Slice > 0 {
		n = min(n, 1+random.IntN(f.Slice))
	}
	return n
}

// pause says how long to rest after a write of n bytes.
func (f Fault) pause(n int) time.Duration {
	if f.BytesPerSecond <= 0 {
		return 0
	}
	return time.Duration(n) * time.Second / time.Duration(f.BytesPerSecond)
}

// way is the fault of one direction, shared by all connections of a Proxy.
type way struct {
	swallowed atomic.Int64

	mu      sync.Mutex
	fault   Fault
	changed chan struct{} // closed when fault is replaced
}

func newWay() *way { return &way{changed: make(chan struct{})} }

// set replaces the fault and wakes those who wait for that.
func (w *way) set(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
	close(w.changed)
	w.changed = make(chan struct{})
}

// current returns the fault and a channel that is closed when it is replaced.
func (w *way) current() (Fault, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault, w.changed
}
