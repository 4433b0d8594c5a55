package exchange

import (
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// scope is which part of the registry a watch or a subscription follows.
type scope struct {
	kind    wire.Scope
	pattern string
	number  uint32 // of an address
}

// watch is one watch.
type watch struct {
	id    watchID
	scope scope
}

// covers reports whether an event is one for the watch. left tells of the group that the
// instance is not in any more.
func (s scope) covers(e *wire.Event) bool {
	switch s.kind {
	case wire.ScopeAddress:
		return e.Info.Number == s.number
	case wire.ScopeGroup:
		if e.Group != "" {
			return e.Group == s.pattern && !e.Info.Hidden
		}
		return slices.Contains(e.Info.Groups, s.pattern) && !e.Info.Hidden
	case wire.ScopeGlob:
		return !e.Info.Hidden && value.Match(s.pattern, e.Info.Name)
	default:
		return !e.Info.Hidden
	}
}

// announceEvent tells an event to all it is for.
func (c *core) announceEvent(kind wire.EventKind, r *record, group string, reason wire.Reason) []effect {
	return c.announceTo(kind, r, group, reason, func(watchID) bool { return true })
}

// announceTo tells an event to those it is for and whom the filter lets pass.
func (c *core) announceTo(kind wire.EventKind, r *record, group string, reason wire.Reason, pass func(watchID) bool) []effect {
	c.rev++
	e := &wire.Event{Rev: c.rev, Kind: kind, Info: r.info, Group: group, Reason: reason, Time: c.now}
	ids := slices.DeleteFunc(c.watchers(e), func(id watchID) bool { return !pass(id) })
	if len(ids) == 0 {
		return nil
	}
	return []effect{tell{e, ids}}
}

// listEvent tells an event to those who watch names and groups.
func (c *core) listEvent(kind wire.EventKind, r *record, group string, reason wire.Reason) []effect {
	byAddress := c.watches.addresses[r.info.Number]
	return c.announceTo(kind, r, group, reason, func(id watchID) bool { return byAddress[id] == nil })
}

// addressEvent tells those who watch an address that its instance changed.
func (c *core) addressEvent(r *record) []effect {
	byAddress := c.watches.addresses[r.info.Number]
	return c.announceTo(wire.Changed, r, "", 0, func(id watchID) bool { return byAddress[id] != nil })
}

// watchers lists the watches an event is for, in the order of sessions and their watches.
func (c *core) watchers(e *wire.Event) []watchID {
	var ids []watchID
	c.watches.near(e.Info, e.Group, func(w *watch) {
		if w.scope.covers(e) {
			ids = append(ids, w.id)
		}
	})
	slices.SortFunc(ids, ownID.compare)
	return slices.Compact(ids)
}

// watch begins a watch and presents what there is.
func (c *core) watch(from uint32, id uint64, w *wire.Watch) []effect {
	m := c.sessions[from]
	s, f := c.scopeOf(w)
	switch {
	case f != nil:
	case m.watches[w.ID] != nil:
		f = wire.Failf(wire.CodeBadParams, wire.No, "watch %d is in use", w.ID)
	case len(m.watches) >= c.limits.Watches:
		f = wire.Failf(wire.CodeBusy, wire.No, "the session has its limit of %d watches", c.limits.Watches)
	}
	if f != nil {
		return []effect{refuse{from, id, f}}
	}
	it := &watch{id: watchID{from, w.ID}, scope: s}
	m.watches[w.ID] = it
	c.follow(it)
	return []effect{c.snapshot(it, false)}
}

func (c *core) scopeOf(w *wire.Watch) (scope, *wire.Failure) {
	s := scope{kind: w.Scope, pattern: w.Pattern}
	switch w.Scope {
	case wire.ScopeAll:
		return s, nil
	case wire.ScopeGlob:
		if err := checkGlob(w.Pattern); err != nil {
			return s, wire.Failf(wire.CodeBadParams, wire.No, "%v", err)
		}
		return s, nil
	case wire.ScopeGroup:
		if err := value.CheckGroupName(w.Pattern); err != nil {
			return s, wire.Failf(wire.CodeBadParams, wire.No, "%v", err)
		}
		return s, nil
	case wire.ScopeAddress, wire.ScopeSubscribers:
		return c.addressScope(w)
	}
	return s, wire.Failf(wire.CodeBadParams, wire.No, "unknown scope %d", w.Scope)
}

// checkGlob checks a pattern of service names. Those of the exchange's own begin with "_",
// and may be looked at.
func checkGlob(pattern string) error {
	if rest, own := strings.CutPrefix(pattern, "_"); own && rest != "" {
		pattern = rest
	}
	return value.CheckPattern(pattern)
}

// addressScope refuses addresses that can never have anybody.
func (c *core) addressScope(w *wire.Watch) (scope, *wire.Failure) {
	k := c.keyOf(w.Pattern, w.Origin)
	if k.bad || (k.number == 0 && !k.foreign) {
		return scope{}, wire.Failf(wire.CodeBadParams, wire.No, "%q is no address like math@3", w.Pattern)
	}
	if k.foreign || len(c.find(k)) == 0 {
		return scope{}, noService(w.Pattern, k)
	}
	return scope{kind: w.Scope, pattern: w.Pattern, number: k.number}, nil
}

// snapshot is what a watch covers now, as one revision.
func (c *core) snapshot(w *watch, reset bool) present {
	p := present{watch: w.id, reset: reset, scope: w.scope, rev: c.rev}
	if w.scope.kind == wire.ScopeSubscribers {
		p.subscribers = c.audienceOf(w.scope.number)
		return p
	}
	for _, n := range sorted(c.candidates(w.scope)) {
		info := c.instances[n].info
		if w.scope.covers(&wire.Event{Info: info}) {
			p.infos = append(p.infos, info)
		}
	}
	return p
}

// candidates narrows the instances a scope may cover.
func (c *core) candidates(s scope) map[uint32]*record {
	switch s.kind {
	case wire.ScopeGlob:
		if s.isName() {
			return numbered(c.names[s.pattern])
		}
		return c.instances
	case wire.ScopeGroup:
		return c.groups[s.pattern]
	case wire.ScopeAddress:
		if r := c.instances[s.number]; r != nil {
			return map[uint32]*record{s.number: r}
		}
		return nil
	default:
		return c.instances
	}
}

// renew presents a watch anew, after its session could not keep up.
func (c *core) renew(id watchID) []effect {
	m := c.sessions[id.session]
	if m == nil || m.watches[id.id] == nil {
		return nil
	}
	return []effect{c.snapshot(m.watches[id.id], true)}
}

func (c *core) unwatch(from uint32, id uint64, u *wire.Unwatch) []effect {
	var effects []effect
	if w := c.sessions[from].watches[u.ID]; w != nil {
		effects = c.dropWatch(w)
		delete(c.sessions[from].watches, u.ID)
	}
	return append(effects, acknowledge{from, id})
}

func (c *core) dropWatch(w *watch) []effect {
	c.unfollow(w)
	return []effect{forget{w.id}}
}

// follow enters a watch where events look for it.
func (c *core) follow(w *watch) {
	if w.scope.kind == wire.ScopeSubscribers {
		addTo(c.listeners, w.scope.number, w.id, w)
		return
	}
	c.watches.add(w.id, w.scope, w)
}

func (c *core) unfollow(w *watch) {
	if w.scope.kind == wire.ScopeSubscribers {
		removeFrom(c.listeners, w.scope.number, w.id)
		return
	}
	c.watches.remove(w.id, w.scope)
}
