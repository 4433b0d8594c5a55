package exchange

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/netsvc/netsvc/internal/backlog"
	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Parts of an outbox. A report goes straight into one that stays below the first; what
// waited, and the results of streams, fill the second at most.
const (
	directShare = 4
	reportShare = 2
)

// subscription brings one session the reports of the publishers it is attached to: straight
// into the outbox while that is nearly empty and nothing waits, else through a queue with a
// bound and a policy.
type subscription struct {
	session  *session
	id       uint32
	patterns atomic.Pointer[[]string] // none for all subjects

	outlets map[*outlet]struct{} // it is attached to; guarded by Exchange.mu

	mu        sync.Mutex
	opening   bool // what is retained is being collected: nothing is sent
	ended     bool // nothing is sent any more
	full      bool // it ends when what waits has been sent
	listed    bool // in the session's list of those for whom something waits
	lossless  bool // its policy is to end
	queue     *backlog.Queue[waiting]
	pushed    uint64   // reports put into the queue
	replays   []replay // what is sent beside the queue, in order
	delivered uint64
	lost      uint64
}

// maxReplayed bounds the retained values that one session waits for; one that waits for more is
// told how many it misses. Values belong to their publishers; what is left here of one that was
// replaced or forgotten meanwhile is its subject and some words, until its turn comes.
const maxReplayed = 1 << 20

// waiting is a report in a queue.
type waiting struct {
	number uint64 // counts the reports put into this queue
	report *report
}

// replay is what was retained when a subscription was attached to a publisher, or how many
// values that were are missing, or the word that all of that has been sent. It has its place
// between the reports of the queue.
type replay struct {
	outlet  *outlet
	after   uint64 // the number of the report before it
	values  []*retained
	missing uint64
	synced  bool
}

func newSubscription(s *session, f *subscribe) *subscription {
	reports := f.queue
	if reports == 0 {
		reports = defaultQueueReports
	}
	b := &subscription{
		session: s, id: f.sub.id, outlets: map[*outlet]struct{}{}, opening: true,
		lossless: f.policy == wire.PolicyDisconnect,
		queue:    backlog.New[waiting](f.policy, reports, s.ex.limits.ReportBytes),
	}
	b.patterns.Store(&f.patterns)
	return b
}

// wants reports whether a subject is for the subscription.
func (b *subscription) wants(subject string) bool {
	patterns := *b.patterns.Load()
	if len(patterns) == 0 {
		return true
	}
	for _, p := range patterns {
		if value.Match(p, subject) {
			return true
		}
	}
	return false
}

// push gives the subscription a report. It is called with the publisher's report lock held.
func (b *subscription) push(p *publication) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended || b.full {
		return
	}
	if !b.waits() {
		h := b.header(p.instance.number, p.flags)
		added := b.session.link.AppendReport(&h, p.head, p.publish.Tail, directShare)
		if added != link.Full {
			b.sent(added)
			p.by.dirty.owe(b.session.link, added)
			if added.Taken() {
				p.delivered++
			}
			return
		}
	}
	b.enqueue(p.kept())
	if b.list() {
		p.behind = append(p.behind, b.session)
	}
}

func (b *subscription) header(publisher uint32, flags uint8) wire.Header {
	return wire.Header{Kind: wire.KindReport, Flags: flags, ID: uint64(b.id), Target: publisher}
}

// sent counts a report that was offered to the outbox.
func (b *subscription) sent(a link.Added) {
	if a.Taken() {
		b.delivered++
	}
}

// waits reports whether anything is to go out before the next report. It is called with the
// mutex held, as are those below.
func (b *subscription) waits() bool {
	return b.opening || len(b.replays) > 0 || !b.queue.IsEmpty()
}

// enqueue puts a report into the queue. All queues of a session share a bound: whoever would go
// over it loses its own oldest.
func (b *subscription) enqueue(r *report) {
	lost := 0
	room := int64(b.session.ex.limits.ReportsBytes) - b.session.waiting.bytes.Load() - int64(r.size())
	before := b.queue.Bytes()
	if b.lossless && room < 0 {
		b.full = true
		return
	}
	for room+int64(before-b.queue.Bytes()) < 0 && b.queue.DropOldest() {
		lost++
	}
	if room+int64(before-b.queue.Bytes()) < 0 {
		b.queue.Lose(1)
		lost++
	} else {
		b.pushed++
		n, ok := b.queue.Push(backlog.Key{Publisher: r.publisher, Subject: r.subject}, r.size(), waiting{b.pushed, r})
		b.full = !ok
		lost += n
	}
	b.countLost(lost)
	b.session.waiting.bytes.Add(int64(b.queue.Bytes() - before))
}

func (b *subscription) countLost(n int) {
	if n == 0 {
		return
	}
	b.lost += uint64(n)
	b.session.waiting.lost.Add(uint64(n))
	b.session.ex.counts.reportsLost.Add(uint64(n))
}

// list notes in the session that something waits. It reports whether somebody is to see to
// it that it gets sent: nobody need when it is being kept back.
func (b *subscription) list() bool {
	if b.opening || b.ended {
		return false
	}
	if !b.listed {
		b.listed = true
		b.session.waiting.add(b)
	}
	return true
}

// replay adds what a publisher retains, behind what waits already.
func (b *subscription) replay(o *outlet, values []*retained) {
	if len(values) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	b.session.waiting.values.Add(int64(len(values)))
	if b.session.waiting.values.Load() > maxReplayed {
		b.session.waiting.values.Add(-int64(len(values)))
		b.missReplay(len(values))
	} else {
		b.replays = append(b.replays, replay{outlet: o, after: b.place(), values: values})
	}
	b.list()
}

// missReplay notes that retained values are missing behind what waits already. Publishers may
// come and go without end, so their counts become one with those of the queue. Before the word
// that all was sent they are told one by one, for they have their place before it.
func (b *subscription) missReplay(n int) {
	b.countLost(n)
	if !b.opening {
		b.queue.Lose(uint64(n))
		return
	}
	b.replays = append(b.replays, replay{missing: uint64(n)})
}

// place is the number of the report behind which a replay goes: the last there is. A
// subscription that is being opened gets all that is retained before the first report.
func (b *subscription) place() uint64 {
	if b.opening {
		return 0
	}
	return b.pushed
}

// dropReplay forgets what a publisher retained that is detached.
func (b *subscription) dropReplay(o *outlet) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replays = slices.DeleteFunc(b.replays, func(r replay) bool {
		if r.outlet != o {
			return false
		}
		b.session.waiting.values.Add(-int64(len(r.values)))
		return true
	})
}

// narrow leaves the subscription some of its patterns. What waits in its queue still goes out.
func (b *subscription) narrow(patterns []string) {
	b.patterns.Store(&patterns)
	for o := range b.outlets {
		o.rematch()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.replays {
		r := &b.replays[i]
		had := len(r.values)
		r.values = slices.DeleteFunc(r.values, func(v *retained) bool { return !b.wants(v.subject) })
		b.session.waiting.values.Add(int64(len(r.values) - had))
	}
}

// open ends the collecting: what was retained is sent, then the word that it was.
func (b *subscription) open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opening = false
	b.replays = append(b.replays, replay{synced: true})
	b.list()
}

// end lets nothing out any more.
func (b *subscription) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	b.session.waiting.bytes.Add(-int64(b.queue.Bytes()))
	for _, r := range b.replays {
		b.session.waiting.values.Add(-int64(len(r.values)))
	}
	b.queue, b.replays = nil, nil
	if b.listed {
		b.session.waiting.discard(b)
	}
}
