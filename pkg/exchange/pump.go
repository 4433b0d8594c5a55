package exchange

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// pageReports is how many reports of one subscription are sent before it is another's turn.
const pageReports = 64

// maxPages is how many pages are sent before the rest is left to the outbox's drain, so that a
// publisher's reader does not become the sender of others' reports for good.
const maxPages = 16

// backlogs are the subscriptions of a session for which something waits, in the order of
// their turns.
type backlogs struct {
	bytes  atomic.Int64  // in all queues
	values atomic.Int64  // retained ones beside the queues
	lost   atomic.Uint64 // by all subscriptions there ever were

	mu   sync.Mutex
	subs []*subscription
	gone map[*subscription]struct{} // of subs, those that have ended
}

// add puts a subscription behind the others.
func (w *backlogs) add(b *subscription) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.subs = append(w.subs, b)
}

// next takes the first, nil when there is none.
func (w *backlogs) next() *subscription {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.subs) > 0 {
		b := w.subs[0]
		w.subs[0], w.subs = nil, w.subs[1:]
		if _, ended := w.gone[b]; !ended {
			return b
		}
		delete(w.gone, b)
	}
	w.subs = nil
	return nil
}

// discard forgets a subscription that is in the list and has ended. The list is cleaned when
// half of it are such, so that a session that does not read cannot make it long.
func (w *backlogs) discard(b *subscription) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone == nil {
		w.gone = map[*subscription]struct{}{}
	}
	w.gone[b] = struct{}{}
	if 2*len(w.gone) < len(w.subs) {
		return
	}
	w.subs = slices.DeleteFunc(w.subs, func(b *subscription) bool {
		_, ended := w.gone[b]
		return ended
	})
	clear(w.gone)
}

// pumpReports sends what waits for the session's subscriptions in turn while the outbox is
// below a quarter, and asks to be reminded when it is not, or when that was much. It returns
// those that have to be ended because they were full. It is called without any lock but Exchange.mu.
func (s *session) pumpReports() (duty link.Added, full []*subscription) {
	duty = link.Queued
	for n := 0; n < maxPages && s.link.Below(directShare) || !s.link.WantDrain(); n++ {
		b := s.waiting.next()
		if b == nil {
			return duty, full
		}
		p := b.page(s.ex.now())
		if p.flush {
			duty = link.Flush
		}
		if p.lapsed {
			full = append(full, b)
		}
		if p.last == link.Closed || p.last == link.Full && s.link.WantDrain() {
			return duty, full
		}
	}
	return duty, full
}

// drainReports goes on with the session's subscriptions.
func (s *session) drainReports() {
	added, full := s.pumpReports()
	if added == link.Flush {
		s.link.FlushNow()
	}
	for _, b := range full {
		owed := s.ex.lapse(b)
		owed.write(true)
	}
}

// paged is what became of a page.
type paged struct {
	last   link.Added // of the last frame
	flush  bool       // somebody is to flush
	lapsed bool       // the subscription is to be ended
}

// page sends the next of what waits for a subscription that was taken from the list, and
// puts it back there if that is not all.
func (b *subscription) page(now time.Duration) (p paged) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listed = false
	for n := 0; n < pageReports && p.last.Taken() && !b.ended && b.waits(); n++ {
		p.last = b.sendNext(now)
		p.flush = p.flush || p.last == link.Flush
	}
	switch {
	case b.ended:
	case b.waits():
		b.list()
	default:
		p.lapsed = b.full
	}
	return p
}

// sendNext sends one thing of what waits, or finds that it need not be sent.
func (b *subscription) sendNext(now time.Duration) link.Added {
	lost, next, has := b.queue.Peek()
	if len(b.replays) > 0 && (!has || next.number > b.replays[0].after) {
		return b.sendReplay(now)
	}
	if lost > 0 {
		a := b.sendGap(lost)
		if a.Taken() {
			b.queue.TakeLost()
		}
		return a
	}
	h := b.header(next.report.publisher, next.report.flags)
	a := b.put(&h, next.report.body)
	if a.Taken() {
		b.queue.Pop()
		b.session.waiting.bytes.Add(-int64(next.report.size()))
		b.count(a)
	}
	return a
}

// sendReplay sends one retained value, or what is to be said behind the last.
func (b *subscription) sendReplay(now time.Duration) link.Added {
	r := &b.replays[0]
	if len(r.values) > 0 {
		return b.sendRetained(r, now)
	}
	a := link.Queued
	switch {
	case r.missing > 0:
		a = b.sendGap(r.missing)
	case r.synced:
		a = b.put(&wire.Header{Kind: wire.KindNotice, ID: uint64(b.id)}, syncedBody)
	}
	if a.Taken() {
		b.replays[0], b.replays = replay{}, b.replays[1:]
	}
	if len(b.replays) == 0 {
		b.replays = nil
	}
	return a
}

func (b *subscription) sendRetained(r *replay, now time.Duration) link.Added {
	a := link.Queued
	if value := r.values[0].at(now); value != nil {
		h := b.header(value.publisher, wire.FlagRetained)
		a = b.put(&h, value.body)
		b.count(a)
	}
	if a.Taken() {
		r.values = r.values[1:]
		b.session.waiting.values.Add(-1)
	}
	return a
}

// syncedBody is the body of the Notice behind the values that were retained.
var syncedBody = wire.AppendMessage(nil, 0, 0, &wire.Notice{Kind: wire.NoticeSynced})[wire.HeaderSize:]

// sendGap tells how many reports are missing before the next one.
func (b *subscription) sendGap(lost uint64) link.Added {
	var body [8]byte
	h := wire.Header{Kind: wire.KindGap, ID: uint64(b.id)}
	return b.put(&h, wire.AppendGapBody(body[:0], lost))
}

// put appends a frame to an outbox of which reports fill half. One that is larger than that
// goes alone.
func (b *subscription) put(h *wire.Header, body []byte) link.Added {
	l := b.session.link
	a := l.AppendReport(h, body, nil, reportShare)
	if a == link.Full && !l.WantDrain() {
		a = l.AppendReport(h, body, nil, 1)
	}
	return a
}

// count counts a report that waited and was offered to the outbox.
func (b *subscription) count(a link.Added) {
	b.sent(a)
	if a.Taken() {
		b.session.ex.counts.reportsDelivered.Add(1)
	}
}
