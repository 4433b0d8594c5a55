package wire

import "time"

// Millis turns a duration into the whole milliseconds of a ttl, rounded up, so that a
// deadline never comes early by rounding. Zero or less is 0; what does not fit is the most.
func Millis(d time.Duration) uint32 {
	if d <= 0 {
		return 0
	}
	ms := d / time.Millisecond
	if d%time.Millisecond > 0 {
		ms++
	}
	return uint32(min(ms, 1<<32-1))
}
