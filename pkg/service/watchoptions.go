package service

import (
	"unicode/utf8"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// WatchOptions say which part of the registry to follow. At most one may be set; none means
// all that is not hidden.
type WatchOptions struct {
	Glob    string  // names that match: '*' is any run of characters, '?' any one
	Group   string  // members of a group
	Address Address // one instance, also a hidden one or a connection's own; its Origin may be zero
}

// maxGlob is the length of the longest pattern of names.
const maxGlob = 256

// message is the options as the exchange reads them. The error says what is wrong.
func (o *WatchOptions) message(id uint32) (*wire.Watch, error) {
	m := &wire.Watch{ID: id}
	set := 0
	if o.Glob != "" {
		set++
		m.Scope, m.Pattern = wire.ScopeGlob, o.Glob
	}
	if o.Group != "" {
		set++
		m.Scope, m.Pattern = wire.ScopeGroup, o.Group
		if err := value.CheckGroupName(o.Group); err != nil {
			return nil, err
		}
	}
	if !o.Address.IsZero() {
		set++
		m.Scope, m.Pattern, m.Origin = wire.ScopeAddress, o.Address.String(), o.Address.Origin
	}
	switch {
	case set > 1:
		return nil, wire.Failf(wire.CodeBadParams, wire.No, "a watch has one of glob, group and address")
	case len(o.Glob) > maxGlob || !utf8.ValidString(o.Glob):
		return nil, wire.Failf(wire.CodeBadParams, wire.No, "a pattern of names is UTF-8 of %d bytes at most, not %.80q", maxGlob, o.Glob)
	}
	if _, _, ok := wire.ParseTarget(m.Pattern); m.Scope == wire.ScopeAddress && !ok {
		return nil, wire.Failf(wire.CodeBadParams, wire.No, "%.80q is no address like math@3", m.Pattern)
	}
	return m, nil
}
