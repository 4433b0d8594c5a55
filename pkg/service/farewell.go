package service

import (
	"slices"

	"github.com/netsvc/netsvc/pkg/wire"
)

// lost tells that everything is gone, because the link is. It is called with the Conn's
// mutex held.
func (f *follower) lost(s *session) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.in != s {
		return
	}
	f.in = nil
	if f.queue != nil {
		f.queue.lost(f.farewell())
	}
	f.absent.lost(&f.known, f.conn.now())
	f.known = newIndex()
	f.synced = false
	f.change()
}

// farewell is left and withdrawn for all that is known.
func (f *follower) farewell() []Event {
	var events []Event
	for _, info := range f.known.all() {
		for _, g := range f.groupsOf(&info) {
			events = append(events, Event{Kind: Left, Info: info, Group: g, Reason: ReasonExchangeLost, Time: wallNow()})
		}
		events = append(events, Event{Kind: Withdrawn, Info: info, Reason: ReasonExchangeLost, Time: wallNow()})
	}
	return events
}

// present is the events that tell what is known.
func (f *follower) present() []Event {
	var events []Event
	for _, info := range f.known.all() {
		events = append(events, Event{Kind: Available, Info: info, Time: info.Since})
		for _, g := range f.groupsOf(&info) {
			events = append(events, Event{Kind: Joined, Info: info, Group: g, Time: info.Since})
		}
	}
	if f.synced {
		events = append(events, Event{Kind: Synced, Time: wallNow()})
	}
	return events
}

// groupsOf are the groups of an instance that the follower hears of.
func (f *follower) groupsOf(info *Info) []string {
	if f.watch.Scope != wire.ScopeGroup {
		return info.Groups
	}
	if slices.Contains(info.Groups, f.watch.Pattern) {
		return []string{f.watch.Pattern}
	}
	return nil
}
