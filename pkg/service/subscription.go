package service

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/netsvc/netsvc/internal/backlog"
	"github.com/netsvc/netsvc/pkg/wire"
)

// ErrSlow reports a subscription that has ended because more reports waited than may, and
// its Overflow is Disconnect.
var ErrSlow = errors.New("service: more reports wait than the subscription may keep")

// Subscription is a standing interest in reports. First come the retained values of those
// who publish now, marked so; then each report, in the order of its publisher; and where
// reports are missing, a gap. It outlives the link: after a reconnection it begins anew, by
// a gap of unknown size. Several goroutines may read it, and each report goes to one of them.
type Subscription struct {
	conn *Conn
	id   uint32
	opts SubscribeOptions

	wake   chan struct{} // room for one: there is something to take
	ended  chan struct{} // closed when err is set
	done   chan struct{} // closed when it has ended and no func of the user's runs
	cut    atomic.Bool   // what waits is not for the handler any more
	cancel context.CancelFunc

	received, lost, undecodable atomic.Uint64

	taking sync.Mutex // taken before mu; keeps several readers in order
	held   Report     // it follows a gap that has been told
	holds  bool

	mu      sync.Mutex
	wanted  wire.Subscribe // as it is asked for
	in      *session       // nil while the link is down
	begun   bool           // it has been in force
	outage  bool           // it was, and is not any more
	queue   *backlog.Queue[Report]
	texts   texts
	synced  bool
	syncing chan struct{} // closed when synced becomes true, then made anew when it ceases to
	err     error         // why it has ended
}

// SubscriptionStats are counters of a subscription since it was made. When nothing waits
// here or in the exchange, and no gap was of unknown size, Received and Lost make what was
// published, with what was retained when the subscription began.
type SubscriptionStats struct {
	Received    uint64 // reports handed to the reader
	Lost        uint64 // reports missing in the gaps handed to the reader
	Undecodable uint64 // those of the lost whose value could not be decoded
	Waiting     int    // reports that wait for the reader here
}

// Next waits for the next report. A *GapError tells that reports are missing here; the
// reader goes on. Any other error is for good: when the subscription has ended and all before
// has been read it is ErrClosed after Close, ErrSlow, the exchange's refusal, no_service for
// an address of an earlier exchange, or why the Conn has ended. Or it is ctx's error.
func (s *Subscription) Next(ctx context.Context) (Report, error) {
	for {
		over := s.hasEnded()
		r, gap, ok := s.take()
		switch {
		case ok && gap != nil:
			return Report{}, gap
		case ok:
			return r, nil
		case over:
			return Report{}, s.Err()
		}
		select {
		case <-s.wake:
		case <-s.ended:
		case <-ctx.Done():
			return Report{}, ctx.Err()
		}
	}
}

// Reports yields the reports until ctx or the subscription ends, and in their place the gaps:
// a Report or a *GapError, never both. When the subscription ends for another reason than
// Close, that reason is yielded last.
func (s *Subscription) Reports(ctx context.Context) iter.Seq2[Report, error] {
	return func(yield func(Report, error) bool) {
		for {
			r, err := s.Next(ctx)
			var gap *GapError
			final := err != nil && !errors.As(err, &gap)
			if final && (ctx.Err() != nil || errors.Is(err, ErrClosed)) {
				return
			}
			if !yield(r, err) || final {
				return
			}
		}
	}
}

// Synced waits until the values that were retained when the subscription began, or began
// anew, wait for the reader or have been read. The error is ctx's, or why the subscription
// has ended.
func (s *Subscription) Synced(ctx context.Context) error {
	s.mu.Lock()
	syncing := s.syncing
	s.mu.Unlock()
	select {
	case <-syncing:
		return nil
	case <-s.ended:
		return s.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Publishers begins a watch of those whose reports the subscription gets: available when one
// appears, withdrawn when one goes. No order is promised between its events and the reports.
func (s *Subscription) Publishers() (*Watch, error) { return s.conn.Watch(s.opts.watch()) }

// Unsubscribe takes patterns from the subscription; those it does not have are passed over.
// With none, or when none is left, it ends as by Close. Reports that are on their way may
// still come. A subscription to all subjects has no pattern to be taken: bad_params.
func (s *Subscription) Unsubscribe(patterns ...string) error {
	if len(patterns) == 0 {
		s.Close()
		return nil
	}
	s.mu.Lock()
	if s.err != nil {
		defer s.mu.Unlock()
		return s.err
	}
	if len(s.wanted.Patterns) == 0 {
		s.mu.Unlock()
		return badParams("a subscription to all subjects has no pattern to be taken")
	}
	gone := func(pattern string) bool { return slices.Contains(patterns, pattern) }
	left := slices.DeleteFunc(slices.Clone(s.wanted.Patterns), gone)
	if len(left) == 0 {
		s.mu.Unlock()
		s.Close()
		return nil
	}
	s.wanted.Patterns = left
	told := s.in
	if told != nil {
		told.ask(&wire.Unsubscribe{ID: s.id, Patterns: patterns}, func(controlAnswer) {})
	}
	s.mu.Unlock()
	told.flush()
	return nil
}

// Close ends the subscription, also from its own handler, for which it does not wait: Done
// tells when that has returned. No handler is called after it. With Next, what has not been
// read can still be. It may be called many times.
func (s *Subscription) Close() {
	s.conn.subscriptions.remove(s.id)
	s.mu.Lock()
	told := s.in
	s.cut.Store(true)
	s.finish(ErrClosed)
	s.mu.Unlock()
	s.leave(told)
}

// leave tells the exchange that the subscription is over.
func (s *Subscription) leave(told *session) {
	if told != nil {
		told.ask(&wire.Unsubscribe{ID: s.id}, func(controlAnswer) {})
		told.flush()
	}
}

// Done is closed when the subscription has ended and none of its funcs is running any more.
func (s *Subscription) Done() <-chan struct{} { return s.done }

// Err is why the subscription has ended, nil before; see Next.
func (s *Subscription) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Stats counts.
func (s *Subscription) Stats() SubscriptionStats {
	s.taking.Lock()
	defer s.taking.Unlock()
	s.mu.Lock()
	waiting := s.queue.Len()
	s.mu.Unlock()
	if s.holds {
		waiting++ // its gap has been told, and it has not been handed over
	}
	return SubscriptionStats{
		Received: s.received.Load(), Lost: s.lost.Load(), Undecodable: s.undecodable.Load(), Waiting: waiting,
	}
}
