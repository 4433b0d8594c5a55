package httpdoor

import (
	"net/netip"
	"sync"
	"time"
)

// failures counts what went wrong for each address in the current minute.
type failures struct {
	mu     sync.Mutex
	began  time.Time // of the minute
	counts map[netip.Addr]int
}

const (
	failureTime  = time.Minute
	maxFailures  = 10     // of one address in that time
	maxAddresses = 10_000 // when there are more, all are forgotten: then it is no matter of one address
)

// try notes an attempt, and reports whether the address may still make one.
func (f *failures) try(remote netip.Addr) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn()
	remote = household(remote)
	if f.counts[remote] >= maxFailures {
		return false
	}
	f.counts[remote]++
	return true
}

// spent reports whether the address may make no further attempt. It notes none.
func (f *failures) spent(remote netip.Addr) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn()
	return f.counts[household(remote)] >= maxFailures
}

// turn forgets when the minute is over. It is called with the mutex held.
func (f *failures) turn() {
	if f.counts == nil || time.Since(f.began) >= failureTime || len(f.counts) >= maxAddresses {
		f.began, f.counts = time.Now(), map[netip.Addr]int{}
	}
}

// forgive takes an attempt back that went well.
func (f *failures) forgive(remote netip.Addr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	remote = household(remote)
	if f.counts[remote]--; f.counts[remote] <= 0 {
		delete(f.counts, remote)
	}
}

// household is what one client has of addresses: with IPv6 a whole network of them.
func household(a netip.Addr) netip.Addr {
	if a = a.Unmap(); a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}
