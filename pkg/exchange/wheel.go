package exchange

import "time"

// tickLength is the resolution of deadlines in the exchange.
const tickLength = 10 * time.Millisecond

// buckets is the number of ticks in one turn of a wheel. A call that expires later stays in
// its bucket for more turns.
const buckets = 256

// wheel is a timer wheel for the open calls of one session, linked through the slots. It is
// made at the first call.
type wheel struct {
	heads *[buckets]uint32 // first slot + 1
	at    uint32           // the last tick that was dealt with
}

// ticks turns a time on the exchange's clock into the tick at or after it.
func ticks(t time.Duration) uint32 { return uint32((t + tickLength - 1) / tickLength) }

// tickAt is the last tick that has passed at a time: what is due by it is not early.
func tickAt(t time.Duration) uint32 { return uint32(t / tickLength) }

// before orders ticks that may wrap around after 497 days; no call lasts that long.
func before(a, b uint32) bool { return int32(a-b) < 0 }

// start sets an empty wheel, which stood still, to the present tick.
func (w *wheel) start(tick uint32) { w.at = tick }

// add puts an open slot into the bucket of its deadline, or of the next tick when that has
// passed.
func (w *wheel) add(c *calls, n uint32, s *slot) {
	if w.heads == nil {
		w.heads = new([buckets]uint32)
	}
	if !before(w.at, s.deadline) {
		s.deadline = w.at + 1
	}
	head := &w.heads[s.deadline%buckets]
	s.prev, s.next = 0, *head
	if *head != 0 {
		c.at(*head - 1).prev = n + 1
	}
	*head = n + 1
}

// remove takes a slot out of its bucket.
func (w *wheel) remove(c *calls, s *slot) {
	if s.prev != 0 {
		c.at(s.prev - 1).next = s.next
	} else {
		w.heads[s.deadline%buckets] = s.next
	}
	if s.next != 0 {
		c.at(s.next - 1).prev = s.prev
	}
	s.next, s.prev = 0, 0
}

// advance goes to the tick, hands up to limit slots that are due to f and takes them out.
// It reports false when it stopped at the limit; it is then to be called again.
func (w *wheel) advance(c *calls, tick uint32, limit int, f func(n uint32, s *slot)) bool {
	if w.heads == nil || !before(w.at, tick) {
		w.at = tick
		return true
	}
	if tick-w.at > buckets {
		w.at = tick - buckets // every bucket once is enough
	}
	for before(w.at, tick) {
		left := w.sweep(c, w.at+1, tick, limit, f)
		if left == 0 {
			return false
		}
		limit = left
		w.at++
	}
	return true
}

// sweep hands the due slots of one bucket to f and returns how many more it might have.
func (w *wheel) sweep(c *calls, bucket, tick uint32, limit int, f func(n uint32, s *slot)) int {
	for at := w.heads[bucket%buckets]; at != 0 && limit > 0; {
		n := at - 1
		s := c.at(n)
		at = s.next
		if before(tick, s.deadline) {
			continue
		}
		w.remove(c, s)
		f(n, s)
		limit--
	}
	return limit
}
