package link

import (
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// askEvery is after how many beats' time a peer is asked again.
const askEvery = 5

// roundTrip is what a link knows of the way to its peer and back.
type roundTrip struct {
	number uint64        // of the last Beat that asked for an answer
	asked  time.Duration // when it was appended, on the clock of now
	open   bool          // its answer has not come
	took   time.Duration // how long the last answer took
	known  bool          // there was an answer
}

// RoundTrip is how long the peer's last answer to a Beat took to come, everything that waited in
// the outboxes and the reading of both ends included. It reports false before the first answer.
// Only a link with Options.Asks asks for them, with its first Beat and every five beats' time; so
// while the peer answers, what is told is that old at most.
func (l *Link) RoundTrip() (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trip.took, l.trip.known
}

// TakeBeat takes a Beat of the peer, on behalf of the handler: it answers one that asks, and
// measures by one that answers. After Flush the handler must see to it that the link is flushed.
func (l *Link) TakeBeat(h *wire.Header) Added {
	switch {
	case h.Flags&wire.FlagAnswer != 0:
		l.answered(h.ID)
	case h.ID != 0:
		return l.AppendMinor(&wire.Header{Kind: wire.KindBeat, Flags: wire.FlagAnswer, ID: h.ID}, nil)
	}
	return Queued
}

// answered notes an answer. One that nobody waits for says nothing.
func (l *Link) answered(number uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.trip.open || number != l.trip.number {
		return
	}
	l.trip.open, l.trip.known = false, true
	l.trip.took = now() - l.trip.asked
}

// ask returns the id of a Beat that is due at t: 0 for one that asks nothing. When it asks anew, an
// answer that is still on its way says nothing any more.
func (l *Link) ask(t, again time.Duration) uint64 {
	if !l.opts.Asks {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.trip.number > 0 && t-l.trip.asked < again {
		return 0
	}
	l.trip.number++
	l.trip.asked, l.trip.open = now(), true
	return l.trip.number
}
