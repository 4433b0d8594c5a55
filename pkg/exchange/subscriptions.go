package exchange

import "github.com/netsvc/netsvc/pkg/wire"

// SubscriptionInfo is a subscription and how it keeps up.
type SubscriptionInfo struct {
	Session     uint32   `json:"session"`
	ID          uint32   `json:"id"`       // the process's own number for it
	Target      string   `json:"target"`   // a name or pattern, an address, a group behind "group ", or "*"
	Patterns    []string `json:"patterns"` // of subjects; none for all
	Policy      string   `json:"policy"`
	Publishers  int      `json:"publishers"` // whom it covers now
	Queued      int      `json:"queued"`     // reports that wait
	QueuedBytes int      `json:"queued_bytes"`
	Delivered   uint64   `json:"delivered"` // put into the session's outbox, retained values included
	Lost        uint64   `json:"lost"`
}

// Subscriptions lists the subscriptions there are, by their sessions and numbers.
func (e *Exchange) Subscriptions() []SubscriptionInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := []SubscriptionInfo{}
	for _, id := range sortedIDs(e.subscriptions) {
		n := e.core.sessions[id.session].interests[id.id]
		info := SubscriptionInfo{
			Session: id.session, ID: id.id, Target: n.scope.text(), Patterns: append([]string{}, n.patterns...),
			Policy: n.policy.String(), Publishers: len(n.publishers),
		}
		e.subscriptions[id].describe(&info)
		out = append(out, info)
	}
	return out
}

// describe tells how the subscription keeps up.
func (b *subscription) describe(info *SubscriptionInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	info.Queued, info.QueuedBytes = b.queue.Len(), b.queue.Bytes()
	info.Delivered, info.Lost = b.delivered, b.lost
}

// text is a scope for people.
func (s scope) text() string {
	switch s.kind {
	case wire.ScopeAll:
		return "*"
	case wire.ScopeGroup:
		return "group " + s.pattern
	default:
		return s.pattern
	}
}
