package exchange

import (
	"maps"
	"slices"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// interest is what the core knows of a subscription. Its patterns are replaced, never
// changed.
type interest struct {
	id         subID
	scope      scope
	patterns   []string // of subjects; none for all
	policy     wire.Policy
	publishers map[uint32]*record // whom it covers now
}

// cost is what a list of patterns counts for in a session's limit.
func cost(patterns []string) int { return max(1, len(patterns)) }

// subscribe begins a subscription to those it covers now and to all who come later.
func (c *core) subscribe(from uint32, id uint64, m *wire.Subscribe) []effect {
	s, f := c.scopeOf(&wire.Watch{Scope: m.Scope, Pattern: m.Target, Origin: m.Origin})
	if f == nil {
		f = c.checkSubscribe(c.sessions[from], m)
	}
	if f != nil {
		return []effect{refuse{from, id, f}}
	}
	n := &interest{
		id: subID{from, m.ID}, scope: s, patterns: uniq(m.Patterns), policy: m.Policy,
		publishers: map[uint32]*record{},
	}
	c.sessions[from].interests[m.ID] = n
	c.sessions[from].patterns += cost(n.patterns)
	c.interests.add(n.id, s, n)
	effects := []effect{subscribe{sub: n.id, policy: n.policy, queue: int(m.Queue), patterns: n.patterns}, acknowledge{from, id}}
	for _, number := range c.covered(n) {
		effects = append(effects, c.attach(c.instances[number], n)...)
	}
	return append(effects, opened{n.id})
}

// checkSubscribe looks at all of a Subscribe but its scope.
func (c *core) checkSubscribe(m *member, s *wire.Subscribe) *wire.Failure {
	switch {
	case s.Scope == wire.ScopeSubscribers:
		return wire.Failf(wire.CodeBadParams, wire.No, "scope %d is for a watch only", s.Scope)
	case !s.Policy.Known():
		return wire.Failf(wire.CodeBadParams, wire.No, "unknown policy %d of a subscription", s.Policy)
	case s.Queue > maxQueueReports:
		return wire.Failf(wire.CodeBadParams, wire.No, "a queue of %d reports is over the limit of %d", s.Queue, maxQueueReports)
	case len(s.Patterns) > c.limits.Patterns:
		return wire.Failf(wire.CodeBadParams, wire.No, "%d patterns are over the limit of %d for a subscription", len(s.Patterns), c.limits.Patterns)
	case m.interests[s.ID] != nil:
		return wire.Failf(wire.CodeBadParams, wire.No, "subscription %d is in use", s.ID)
	case len(m.interests) >= c.limits.Subscriptions:
		return wire.Failf(wire.CodeBusy, wire.No, "the session has its limit of %d subscriptions", c.limits.Subscriptions)
	case m.patterns+cost(s.Patterns) > c.limits.AllPatterns:
		return wire.Failf(wire.CodeBusy, wire.No, "the session has its limit of %d patterns of all its subscriptions", c.limits.AllPatterns)
	}
	for _, p := range s.Patterns {
		if err := value.CheckPattern(p); err != nil {
			return wire.Failf(wire.CodeBadParams, wire.No, "%v", err)
		}
	}
	return nil
}

// unsubscribe takes patterns from a subscription, or ends it.
func (c *core) unsubscribe(from uint32, id uint64, u *wire.Unsubscribe) []effect {
	n := c.sessions[from].interests[u.ID]
	if n == nil {
		return []effect{acknowledge{from, id}}
	}
	left := slices.DeleteFunc(slices.Clone(n.patterns), func(p string) bool { return slices.Contains(u.Patterns, p) })
	var effects []effect
	switch {
	case len(u.Patterns) == 0, len(left) == 0 && len(n.patterns) > 0:
		effects = c.drop(n, wire.ReasonClosed, false)
	case len(left) < len(n.patterns):
		effects = c.narrow(n, left)
	}
	return append(effects, acknowledge{from, id})
}

// narrow leaves a subscription some of its patterns. Publishers hear of it as of a new
// subscription of the same number.
func (c *core) narrow(n *interest, patterns []string) []effect {
	c.sessions[n.id.session].patterns -= cost(n.patterns) - cost(patterns)
	n.patterns = patterns
	effects := []effect{narrow{n.id, patterns}}
	for _, number := range sorted(n.publishers) {
		effects = append(effects, c.notify(wire.Subscribed, n.publishers[number], n, 0)...)
	}
	return effects
}

// lapse ends a subscription whose queue was full and whose policy lets none be lost.
func (c *core) lapse(id subID) []effect {
	m := c.sessions[id.session]
	if m == nil || m.interests[id.id] == nil {
		return nil
	}
	return c.drop(m.interests[id.id], wire.ReasonSlow, true)
}

// drop ends a subscription. Its session, which may be forgotten already, is told when it was
// not the one to end it.
func (c *core) drop(n *interest, reason wire.Reason, told bool) []effect {
	if m := c.sessions[n.id.session]; m != nil {
		delete(m.interests, n.id.id)
		m.patterns -= cost(n.patterns)
	}
	c.interests.remove(n.id, n.scope)
	effects := []effect{cease{n.id, told}}
	for _, number := range sorted(n.publishers) {
		r := n.publishers[number]
		delete(r.audience, n.id)
		effects = append(effects, c.notify(wire.Unsubscribed, r, n, reason)...)
	}
	return effects
}

// covers reports whether an instance's reports are for the subscription.
func (n *interest) covers(r *record) bool { return n.scope.covers(&wire.Event{Info: r.info}) }

// covered lists the instances that a new subscription covers, oldest first.
func (c *core) covered(n *interest) []uint32 {
	var numbers []uint32
	for number, r := range c.candidates(n.scope) {
		if n.covers(r) {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// attend attaches an instance to the subscriptions that cover it now, and detaches it from
// those that did before it changed.
func (c *core) attend(r *record) []effect {
	var effects []effect
	for _, id := range sortedIDs(r.audience) {
		if n := r.audience[id]; !n.covers(r) {
			effects = append(effects, c.detach(r, n)...)
		}
	}
	come := map[subID]*interest{}
	c.interests.near(r.info, "", func(n *interest) {
		if r.audience[n.id] == nil && n.covers(r) {
			come[n.id] = n
		}
	})
	for _, id := range sortedIDs(come) {
		effects = append(effects, c.attach(r, come[id])...)
	}
	return effects
}

func (c *core) attach(r *record, n *interest) []effect {
	if r.audience == nil {
		r.audience = map[subID]*interest{}
	}
	r.audience[n.id] = n
	n.publishers[r.info.Number] = r
	return append([]effect{attachTo{r.info.Number, n.id}}, c.notify(wire.Subscribed, r, n, 0)...)
}

func (c *core) detach(r *record, n *interest) []effect {
	delete(r.audience, n.id)
	delete(n.publishers, r.info.Number)
	return append([]effect{detachFrom{r.info.Number, n.id}}, c.notify(wire.Unsubscribed, r, n, wire.ReasonClosed)...)
}

func sortedIDs[V any](m map[ownID]V) []ownID { return slices.SortedFunc(maps.Keys(m), ownID.compare) }

// numbered makes a list of instances what the other lists are.
func numbered(records []*record) map[uint32]*record {
	m := make(map[uint32]*record, len(records))
	for _, r := range records {
		m[r.info.Number] = r
	}
	return m
}
