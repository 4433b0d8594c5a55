package service

import (
	"sync/atomic"
)

// connCounts are counters of what else would go unseen.
type connCounts struct {
	late    atomic.Uint64
	dropped atomic.Uint64
	skipped atomic.Uint64
	lost    atomic.Uint64

	undecodable, refused atomic.Uint64
}

// Stats are counters of a Conn since it was made, and what it has open now.
type Stats struct {
	Pending int    // calls waiting for their outcome, or for the frame that frees their slot
	Late    uint64 // answers that came after the call had been ended here
	Dropped uint64 // outcomes of handlers that the link was gone for, and requests it left behind
	Skipped uint64 // frames of kinds this version does not know
	Lost    uint64 // links that broke

	Undecodable uint64 // reports whose value could not be decoded; each is part of a gap
	Refused     uint64 // reports that the exchange did not take from its publisher
}

// Stats counts.
func (c *Conn) Stats() Stats {
	s := Stats{
		Late: c.counts.late.Load(), Dropped: c.counts.dropped.Load(),
		Skipped: c.counts.skipped.Load(), Lost: c.counts.lost.Load(),
		Undecodable: c.counts.undecodable.Load(), Refused: c.counts.refused.Load(),
	}
	if session := c.session.Load(); session != nil {
		s.Pending = session.calls.taken()
	}
	return s
}
