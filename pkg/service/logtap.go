package service

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// LogSubject is the subject of log records, and logPrefix begins the patterns that mean it:
// a subscription to '*' wants reports and not logs.
const (
	LogSubject = "system.log"
	logPrefix  = "system."
)

// LogRecord is what a LogTap publishes.
type LogRecord struct {
	Time    time.Time      `netsvc:"time"`
	Level   string         `netsvc:"level"` // as slog writes it
	Message string         `netsvc:"msg"`
	Attrs   map[string]any `netsvc:"attrs"` // the facts; names in groups are joined by dots
	Lost    uint64         `netsvc:"lost"`  // records missing before this one, because the tap was too slow
}

// LogTap lets others read along in a service's log from afar. It is the slog.Handler of the
// service's logger, and passes each record on to the next handler. While somebody is
// subscribed to LogSubject, by that name or a pattern that begins with "system.", records of
// every level are copied and published to those subscribers alone; else a record costs one
// look at a flag. It never makes a logger wait: of records that wait to be published there
// are 256 at most, and what comes on top is counted in LogRecord.Lost.
//
//	tap := service.NewLogTap(slog.Default().Handler())
//	svc := service.New("math", &service.ServiceOptions{Logger: slog.New(tap), Work: tap.Run})
//
// A LogTap is for one service. It may be used by any number of goroutines.
type LogTap struct {
	next   slog.Handler
	shared *tapped
	facts  []fact // those of WithAttrs
	prefix string // of the open groups: "a.b."
}

// fact is one of a handler's, with the prefix of the groups that were open then.
type fact struct {
	prefix string
	attr   slog.Attr
}

// tapped is what the handlers that come of one tap share.
type tapped struct {
	follow   sync.Once
	listened atomic.Bool
	dropped  atomic.Uint64 // for which there was no room since the last one that waits
	unsent   atomic.Uint64 // that could not be published since the last one that was
	waiting  chan LogRecord
}

// Bounds of a LogTap. A record over them is cut.
const (
	maxTapped     = 256 // records that wait; more are lost and counted
	maxTappedText = 4 << 10
	maxTappedFact = 64
)

// NewLogTap makes a tap before the next handler. Nil stands for one that discards.
func NewLogTap(next slog.Handler) *LogTap {
	if next == nil {
		next = slog.DiscardHandler
	}
	return &LogTap{next: next, shared: &tapped{waiting: make(chan LogRecord, maxTapped)}}
}

// Enabled reports whether the next handler or a listener takes records of the level.
func (t *LogTap) Enabled(ctx context.Context, level slog.Level) bool {
	return t.shared.listened.Load() || t.next.Enabled(ctx, level)
}

// Handle takes a record. The error is that of the next handler.
func (t *LogTap) Handle(ctx context.Context, r slog.Record) error {
	if t.shared.listened.Load() {
		t.shared.put(t.record(r))
	}
	if !t.next.Enabled(ctx, r.Level) {
		return nil
	}
	return t.next.Handle(ctx, r)
}

// WithAttrs returns a handler whose records have these facts, too.
func (t *LogTap) WithAttrs(attrs []slog.Attr) slog.Handler {
	more := *t
	more.next = t.next.WithAttrs(attrs)
	more.facts = slices.Clone(t.facts)
	for _, a := range attrs {
		more.facts = append(more.facts, fact{t.prefix, a})
	}
	return &more
}

// WithGroup returns a handler that puts the group's name before the names of later facts.
func (t *LogTap) WithGroup(name string) slog.Handler {
	if name == "" {
		return t
	}
	inner := *t
	inner.next = t.next.WithGroup(name)
	inner.prefix += name + "."
	return &inner
}

// record copies a record, so that nothing of it is shared with who logs.
func (t *LogTap) record(r slog.Record) LogRecord {
	out := LogRecord{Time: r.Time, Level: r.Level.String(), Message: cut(r.Message), Attrs: map[string]any{}}
	for _, f := range t.facts {
		out.add(f.prefix, f.attr)
	}
	r.Attrs(func(a slog.Attr) bool {
		out.add(t.prefix, a)
		return true
	})
	return out
}

func (r *LogRecord) add(prefix string, a slog.Attr) {
	v := a.Value.Resolve()
	switch {
	case v.Kind() == slog.KindGroup:
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			r.add(prefix, member)
		}
	case a.Key != "" && len(r.Attrs) < maxTappedFact:
		r.Attrs[cut(prefix+a.Key)] = factOf(v)
	}
}

// factOf is the value of a fact in a form that can be published: as it is, else as text.
func factOf(v slog.Value) any {
	switch v.Kind() {
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		return v.Any()
	case slog.KindString, slog.KindTime, slog.KindDuration, slog.KindAny, slog.KindGroup, slog.KindLogValuer:
	}
	return cut(v.String())
}

// cut makes a text short, and UTF-8.
func cut(text string) string {
	if len(text) > maxTappedText {
		text = text[:maxTappedText]
	}
	return strings.ToValidUTF8(text, "\ufffd")
}

// put adds a record to those that wait, unless there are too many.
func (s *tapped) put(r LogRecord) {
	r.Lost = s.dropped.Swap(0)
	select {
	case s.waiting <- r:
	default:
		s.dropped.Add(r.Lost + 1)
	}
}

// Run publishes what is tapped until ctx ends. It is a ServiceOptions.Work, or part of one.
// What cannot be published, because the link is down, is lost and counted.
func (t *LogTap) Run(ctx context.Context, s *Service) {
	t.shared.follow.Do(func() {
		s.OnSubscriber(func(SubscriberEvent) { t.shared.listened.Store(len(logListeners(s)) > 0) })
	})
	for {
		select {
		case r := <-t.shared.waiting:
			t.shared.publish(ctx, s, r)
		case <-ctx.Done():
			return
		}
	}
}

// publish sends a record to each listener. It logs nothing, or it would never end.
func (s *tapped) publish(ctx context.Context, svc *Service, r LogRecord) {
	r.Lost += s.unsent.Swap(0)
	failed := false
	for _, to := range logListeners(svc) {
		failed = svc.PublishWith(ctx, LogSubject, r, PublishOptions{To: to}) != nil || failed
	}
	if failed {
		s.unsent.Add(r.Lost + 1)
	}
}

// logListeners are the connections of those who have asked for log records.
func logListeners(s *Service) []Address {
	var list []Address
	for _, one := range s.Subscribers() {
		known := len(list) > 0 && list[len(list)-1] == one.Info.Address // they come by connection
		if !known && one.wantsLog() {
			list = append(list, one.Info.Address)
		}
	}
	return list
}

func (s *Subscriber) wantsLog() bool {
	for _, pattern := range s.Patterns {
		if strings.HasPrefix(pattern, logPrefix) && Match(pattern, LogSubject) {
			return true
		}
	}
	return false
}
