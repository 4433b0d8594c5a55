package exchange

import (
	"cmp"
	"strings"

	"github.com/netsvc/netsvc/pkg/wire"
)

// ownID names what a session has numbered itself: a watch or a subscription.
type ownID struct{ session, id uint32 }

type (
	watchID = ownID
	subID   = ownID
)

func (a ownID) compare(b ownID) int {
	return cmp.Or(cmp.Compare(a.session, b.session), cmp.Compare(a.id, b.id))
}

// index finds the watches or subscriptions that may cover an instance, so that a change
// costs those who follow it and those who follow by pattern, but none of the others.
type index[T any] struct {
	all       map[ownID]T
	globs     map[ownID]T
	names     map[string]map[ownID]T // patterns without wildcards
	groups    map[string]map[ownID]T
	addresses map[uint32]map[ownID]T
}

func newIndex[T any]() index[T] {
	return index[T]{
		all:       map[ownID]T{},
		globs:     map[ownID]T{},
		names:     map[string]map[ownID]T{},
		groups:    map[string]map[ownID]T{},
		addresses: map[uint32]map[ownID]T{},
	}
}

// isName reports whether a glob is just a name.
func (s scope) isName() bool { return !strings.ContainsAny(s.pattern, "*?") }

func (x *index[T]) add(id ownID, s scope, v T) {
	switch {
	case s.kind == wire.ScopeGlob && s.isName():
		addTo(x.names, s.pattern, id, v)
	case s.kind == wire.ScopeGlob:
		x.globs[id] = v
	case s.kind == wire.ScopeGroup:
		addTo(x.groups, s.pattern, id, v)
	case s.kind == wire.ScopeAddress:
		addTo(x.addresses, s.number, id, v)
	default:
		x.all[id] = v
	}
}

func (x *index[T]) remove(id ownID, s scope) {
	delete(x.all, id)
	delete(x.globs, id)
	removeFrom(x.names, s.pattern, id)
	removeFrom(x.groups, s.pattern, id)
	removeFrom(x.addresses, s.number, id)
}

// near hands f those who may cover an instance, or with a group those who may follow its
// coming and going there. Some come twice.
func (x *index[T]) near(i *wire.Info, group string, f func(T)) {
	each(x.all, f)
	each(x.globs, f)
	each(x.names[i.Name], f)
	each(x.addresses[i.Number], f)
	if group != "" {
		each(x.groups[group], f)
		return
	}
	for _, g := range i.Groups {
		each(x.groups[g], f)
	}
}

func each[T any](m map[ownID]T, f func(T)) {
	for _, v := range m {
		f(v)
	}
}

func addTo[K comparable, T any](m map[K]map[ownID]T, k K, id ownID, v T) {
	if m[k] == nil {
		m[k] = map[ownID]T{}
	}
	m[k][id] = v
}

func removeFrom[K comparable, T any](m map[K]map[ownID]T, k K, id ownID) {
	delete(m[k], id)
	if len(m[k]) == 0 {
		delete(m, k)
	}
}
