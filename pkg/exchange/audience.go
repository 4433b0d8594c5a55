package exchange

import "github.com/netsvc/netsvc/pkg/wire"

// subscriber is one of an instance's audience, as those are told who watch it.
type subscriber struct {
	info     *wire.Info // the own instance of its session
	id       uint32     // the session's number for the subscription
	patterns []string
}

// event is what is told of a subscriber.
func (s subscriber) event(kind wire.EventKind, rev uint64, reason wire.Reason, millis int64) *wire.Event {
	return &wire.Event{
		Rev: rev, Kind: kind, Info: s.info, Reason: reason, Time: millis,
		Subscription: s.id, Patterns: s.patterns,
	}
}

func (c *core) subscriberOf(n *interest) subscriber {
	return subscriber{info: c.instances[n.id.session].info, id: n.id.id, patterns: n.patterns}
}

// audienceOf lists an instance's subscribers in the order of their sessions.
func (c *core) audienceOf(number uint32) []subscriber {
	r := c.instances[number]
	if r == nil {
		return nil
	}
	var all []subscriber
	for _, id := range sortedIDs(r.audience) {
		all = append(all, c.subscriberOf(r.audience[id]))
	}
	return all
}

// notify tells those who watch an instance's subscribers that one came or went.
func (c *core) notify(kind wire.EventKind, r *record, n *interest, reason wire.Reason) []effect {
	listeners := c.listeners[r.info.Number]
	if len(listeners) == 0 {
		return nil
	}
	c.rev++
	return []effect{tell{c.subscriberOf(n).event(kind, c.rev, reason, c.now), sortedIDs(listeners)}}
}

// dismiss forgets the audience of an instance that goes, and tells those who watch it so. The
// shell's image of the audience goes with the instance.
func (c *core) dismiss(r *record, reason wire.Reason) []effect {
	for _, n := range r.audience {
		delete(n.publishers, r.info.Number)
	}
	r.audience = nil
	listeners := c.listeners[r.info.Number]
	if len(listeners) == 0 {
		return nil
	}
	c.rev++
	e := &wire.Event{Rev: c.rev, Kind: wire.Withdrawn, Info: r.info, Reason: reason, Time: c.now}
	return []effect{tell{e, sortedIDs(listeners)}}
}
