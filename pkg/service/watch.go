package service

import (
	"context"
	"iter"
)

// Watch follows a part of the registry. Its events come in order: available for each
// instance there is, and joined for its groups; then synced; then each change. At the loss
// of the link everything shown is told to have left and withdrawn, for the reason
// exchange-lost, and after the reconnection comes the present state again, and synced. A
// reader that leaves 1,024 changes unread finds reset in their place and the present
// state behind it. Events are for one reader at a time.
type Watch struct{ f *follower }

// Watch begins to follow a part of the registry. It does not wait: the first event comes
// when the exchange is there. What is wrong with the options is the error.
func (c *Conn) Watch(opts WatchOptions) (*Watch, error) {
	f, err := c.follow(&opts, new(eventQueue))
	if err != nil {
		return nil, err
	}
	return &Watch{f}, nil
}

// Next waits for the next event. When the watch has ended and all events before have been
// read, the error is why: ErrClosed after Close, the exchange's refusal, no_service for an
// address of an earlier exchange, or why the Conn has ended. Otherwise it is ctx's error.
func (w *Watch) Next(ctx context.Context) (Event, error) {
	var e Event
	err := w.f.await(ctx, func() (ok bool) {
		e, ok = w.f.queue.pop()
		return ok
	})
	return e, err
}

// Events yields the events until ctx or the watch ends.
func (w *Watch) Events(ctx context.Context) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, err := w.Next(ctx)
			if err != nil || !yield(e) {
				return
			}
		}
	}
}

// Close ends the watch. What has not been read can still be.
func (w *Watch) Close() { w.f.close() }

// maxUnread bounds the changes that wait for the reader of a watch.
const maxUnread = 1024

// eventQueue is what a watch's reader has not read. The present state is not counted, for
// the registry bounds it; changes are, and the farewell of a lost link may stand here once.
// So it holds no more than that bound and three times the registry.
type eventQueue struct {
	items    []unread
	changes  int
	farewell int
}

type unread struct {
	event            Event
	change, farewell bool
}

// push adds an event. It reports false when the reader is too slow: the queue must be reset.
func (q *eventQueue) push(e Event, loading bool) bool {
	u := unread{event: e, change: !loading}
	if u.change {
		if q.changes == maxUnread {
			return false
		}
		q.changes++
	}
	q.items = append(q.items, u)
	return true
}

// reset drops everything and begins anew with a reset and what there is.
func (q *eventQueue) reset(e Event, present []Event) {
	*q = eventQueue{items: []unread{{event: e}}}
	for _, e := range present {
		q.items = append(q.items, unread{event: e})
	}
}

// lost adds the farewell of a lost link. When the one before has not been read either, a
// reset says it all: there is nothing now.
func (q *eventQueue) lost(events []Event) {
	if q.farewell > 0 {
		q.reset(Event{Kind: Reset, Time: wallNow()}, nil)
		return
	}
	for _, e := range events {
		q.items = append(q.items, unread{event: e, farewell: true})
	}
	q.farewell = len(events)
}

// pop takes the oldest event.
func (q *eventQueue) pop() (Event, bool) {
	if len(q.items) == 0 {
		return Event{}, false
	}
	u := q.items[0]
	q.items[0] = unread{}
	q.items = q.items[1:]
	if u.change {
		q.changes--
	}
	if u.farewell {
		q.farewell--
	}
	return u.event, true
}
