package service

import (
	"github.com/netsvc/netsvc/internal/backlog"
	"github.com/netsvc/netsvc/pkg/wire"
)

// report takes a report to its subscription.
func (s *session) report(h *wire.Header, body []byte) error {
	r, err := wire.ParseReport(body)
	if err != nil {
		return err
	}
	if sub := s.conn.subscriptions.get(h.ID); sub != nil {
		sub.push(s, h, &r)
	}
	return nil
}

// gap notes in its subscription that reports are missing.
func (s *session) gap(h *wire.Header, body []byte) error {
	count, err := wire.ParseGap(body)
	if err != nil {
		return err
	}
	if sub := s.conn.subscriptions.get(h.ID); sub != nil {
		sub.lose(s, count)
	}
	return nil
}

// notice tells a subscription how it stands. Kinds of a later version are passed over.
func (s *session) notice(h *wire.Header, m *wire.Notice) {
	sub := s.conn.subscriptions.get(h.ID)
	if sub == nil {
		return
	}
	switch m.Kind {
	case wire.NoticeSynced:
		sub.sync(s)
	case wire.NoticeEnded:
		sub.overrun(s)
	}
}

// reportOverhead is what a waiting report costs beside its subject and value.
const reportOverhead = 160

// push adds a report to those that wait. A queue that is full loses by its policy.
func (s *Subscription) push(in *session, h *wire.Header, r *wire.Report) {
	s.mu.Lock()
	if s.in != in {
		s.mu.Unlock()
		return
	}
	item := Report{
		Publisher: Address{Origin: in.origin, Name: s.texts.of(r.Name), Number: h.Target},
		Subject:   s.texts.of(r.Subject), Time: wallTime(r.Time), Retained: h.Flags&wire.FlagRetained != 0,
		value: append([]byte(nil), r.Value...),
	}
	size := reportOverhead + len(item.Subject) + len(item.value)
	_, ok := s.queue.Push(backlog.Key{Publisher: h.Target, Subject: item.Subject}, size, item)
	s.mu.Unlock()
	if !ok {
		s.overrun(in)
		s.leave(in)
		return
	}
	nudge(s.wake)
}

// lose notes that reports are missing behind those that wait.
func (s *Subscription) lose(in *session, count uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == in {
		s.queue.Lose(count)
		nudge(s.wake)
	}
}

// sync notes that the retained values have come.
func (s *Subscription) sync(in *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == in && !s.synced {
		s.synced = true
		close(s.syncing)
	}
}

// overrun ends the subscription because its policy lets no report be lost. What waits can
// still be read.
func (s *Subscription) overrun(in *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == in {
		s.conn.subscriptions.remove(s.id)
		s.finish(ErrSlow)
	}
}

// texts keeps the few subjects and names that come again and again, so that each takes
// memory once.
type texts map[string]string

// maxTexts bounds them. A publisher that uses ever new subjects pays for each.
const maxTexts = 1024

func (t *texts) of(b []byte) string {
	if text, ok := (*t)[string(b)]; ok {
		return text
	}
	if *t == nil || len(*t) >= maxTexts {
		*t = texts{}
	}
	text := string(b)
	(*t)[text] = text
	return text
}
