package exchange

import (
	"sync"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Bounds of what waits for one watcher, and of one frame of events.
const (
	maxFeedEvents = 4_096
	maxFeedBytes  = 1 << 20
	pageEvents    = 64
	pageBytes     = 32 << 10
)

// feedShare is the part of an outbox that events may fill: one in four.
const feedShare = 4

// feed brings one watch its events: first what there is, page by page as the outbox drains,
// then what changed meanwhile, then each change. When more waits than the bounds allow, all
// of it is dropped and the watch is renewed: it gets reset and what there is then.
type feed struct {
	session *session
	id      watchID
	touched bool // guarded by Exchange.mu

	mu     sync.Mutex
	scope  scope
	reset  bool         // a reset is to be told first
	infos  []*wire.Info // what there is, not told yet
	step   int          // how far the first of them was told
	rev    uint64       // its revision
	subs   []subscriber // and the subscribers there are, not told yet
	synced bool         // the synced behind it has been told
	queue  [][]byte     // changes behind it
	bytes  int          // in queue
	stale  bool         // dropped; waits to be renewed
}

// feed finds a watch's feed, or makes it.
func (s *session) feed(id uint32, make bool) *feed {
	s.feedMu.Lock()
	defer s.feedMu.Unlock()
	w := s.feeds[id]
	if w == nil && make {
		w = &feed{session: s, id: watchID{s.number, id}}
		if s.feeds == nil {
			s.feeds = map[uint32]*feed{}
		}
		s.feeds[id] = w
	}
	return w
}

func (s *session) dropFeed(id uint32) {
	s.feedMu.Lock()
	defer s.feedMu.Unlock()
	delete(s.feeds, id)
}

// begin starts to tell what there is.
func (w *feed) begin(p present) link.Added {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scope, w.reset, w.infos, w.step, w.rev = p.scope, p.reset, p.infos, 0, p.rev
	w.subs, w.synced, w.stale, w.queue, w.bytes = p.subscribers, false, false, nil, 0
	return w.pump()
}

// push adds a change.
func (w *feed) push(event []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stale {
		return
	}
	if len(w.queue) >= maxFeedEvents || w.bytes+len(event) > maxFeedBytes {
		w.stale, w.infos, w.subs, w.queue, w.bytes = true, nil, nil, nil, 0
		w.session.ex.counts.resets.Add(1)
		return
	}
	w.queue = append(w.queue, event)
	w.bytes += len(event)
}

// tell appends what the outbox has room for.
func (w *feed) tell() link.Added {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pump()
}

func (w *feed) isStale() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stale
}

// pump appends pages while the outbox has room, and asks to be reminded when it has not. It
// is called with the mutex held.
func (w *feed) pump() link.Added {
	duty := link.Queued
	for w.waiting() {
		if !w.session.link.Below(feedShare) && w.session.link.WantDrain() {
			break
		}
		a := w.session.link.AppendBytes(w.page())
		if !a.Taken() {
			return a
		}
		if a == link.Flush {
			duty = a
		}
	}
	return duty
}

// waiting reports whether anything is to be told.
func (w *feed) waiting() bool {
	return !w.stale && (w.reset || !w.synced || len(w.queue) > 0)
}

// page makes the next frame of events.
func (w *feed) page() []byte {
	var p page
	if w.reset {
		w.reset = false
		p.add(wire.EncodeEvent(&wire.Event{Rev: w.rev, Kind: wire.Reset, Time: wallMillis()}))
	}
	for len(w.infos) > 0 && p.hasRoom() {
		w.tellPresent(&p)
	}
	for len(w.subs) > 0 && p.hasRoom() {
		p.add(wire.EncodeEvent(w.subs[0].event(wire.Subscribed, w.rev, 0, wallMillis())))
		w.subs = w.subs[1:]
	}
	if len(w.infos) == 0 && len(w.subs) == 0 && !w.synced {
		w.synced = true
		p.add(wire.EncodeEvent(&wire.Event{Rev: w.rev, Kind: wire.Synced, Time: wallMillis()}))
	}
	for w.synced && len(w.queue) > 0 && p.hasRoom() {
		w.bytes -= len(w.queue[0])
		p.add(w.queue[0])
		w.queue[0], w.queue = nil, w.queue[1:]
	}
	if len(w.queue) == 0 {
		w.queue = nil
	}
	return wire.AppendMessage(nil, 0, w.id.id, &p.events)
}

// tellPresent adds the events of an instance that was there: available, and joined for each
// of its groups that the watch covers. It goes on in the next page where this one is full.
func (w *feed) tellPresent(p *page) {
	info := w.infos[0]
	for ; w.step <= len(info.Groups) && p.hasRoom(); w.step++ {
		e := &wire.Event{Rev: w.rev, Kind: wire.Available, Info: info, Time: info.Since}
		if w.step > 0 {
			e.Kind, e.Group = wire.Joined, info.Groups[w.step-1]
		}
		if w.scope.covers(e) {
			p.add(wire.EncodeEvent(e))
		}
	}
	if w.step > len(info.Groups) {
		w.infos, w.step = w.infos[1:], 0
	}
	if len(w.infos) == 0 {
		w.infos = nil // a watch lives long; what it has told need not
	}
}

// page is a frame of events being made. Its last event may go over the bound; with that it
// stays below the limit of a control frame, since wire.MaxMetadata bounds what an instance says.
type page struct {
	events wire.Events
	bytes  int
}

func (p *page) add(event []byte) {
	p.events.Events = append(p.events.Events, event)
	p.bytes += len(event)
}

func (p *page) hasRoom() bool { return len(p.events.Events) < pageEvents && p.bytes < pageBytes }

// onDrain goes on with the session's watches. It runs, without any lock, on whatever
// goroutine emptied the outbox.
func (s *session) onDrain() {
	s.drainReports()
	for _, w := range s.allFeeds() {
		if w.isStale() {
			s.ex.actAndWrite(func(c *core) []effect { return c.renew(w.id) })
			continue
		}
		if w.tell() == link.Flush {
			s.link.FlushNow()
		}
	}
}

func (s *session) allFeeds() []*feed {
	s.feedMu.Lock()
	defer s.feedMu.Unlock()
	all := make([]*feed, 0, len(s.feeds))
	for _, w := range s.feeds {
		all = append(all, w)
	}
	return all
}
