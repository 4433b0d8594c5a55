package xmlrpc

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// directory is what Members needs of a service.Directory.
type directory interface {
	Lookup(name string) []service.Info
	All() []service.Info
	Current(ctx context.Context) error
	Returning(name string) bool
	Close()
}

// network is what Members needs of a service.Conn.
type network interface {
	Connected() bool
	Directory(opts service.WatchOptions) (directory, error)
	Describe(ctx context.Context, target string) (*service.Description, error)
	Endpoint(target string) caller
	At(a service.Address) caller
}

// caller is what Members needs of a service.Endpoint.
type caller interface {
	Call(ctx context.Context, method string, args ...any) (any, error)
}

// maxSyncWait is how long a name that is not found may wait for the registry, just
// after the connection to the exchange was made.
const maxSyncWait = 2 * time.Second

// Members is a [Backend]: the services of an exchange that a Selection names, as
// they come and go. Each call looks at a local copy of the registry, and goes to an
// instance found there, so nothing that is not selected can be reached by any
// spelling of its name.
//
// Services offered whole, by All or by name, are called by their name, and the
// exchange chooses among the instances. Among the members of groups Members
// chooses itself: the one with the fewest calls from here, in turn when equal.
type Members struct {
	network network
	parts   []selected
	places  places
	methods methodCache
}

var _ Backend = (*Members)(nil)

// NewMembers begins to follow what the selection names over conn, which stays the
// caller's to close. It does not wait for the exchange.
func NewMembers(conn *service.Conn, selection Selection) (*Members, error) {
	return newMembers(connNetwork{conn}, selection)
}

func newMembers(n network, selection Selection) (*Members, error) {
	parts, err := selection.parts()
	if err != nil {
		return nil, err
	}
	m := &Members{network: n, parts: parts, places: places{network: n}}
	for i := range m.parts {
		if m.parts[i].copy, err = n.Directory(m.parts[i].watch); err != nil {
			m.parts = m.parts[:i]
			m.Close()
			return nil, err
		}
	}
	return m, nil
}

// Close stops following the registry. No call may be made any more.
func (m *Members) Close() {
	for i := range m.parts {
		m.parts[i].copy.Close()
	}
}

// Services returns the names of what is selected and there now, sorted.
func (m *Members) Services(ctx context.Context) ([]string, error) {
	if err := m.synced(ctx); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for i := range m.parts {
		for _, info := range m.parts[i].copy.All() {
			if info.Name != "" && !isReserved(info.Name) {
				names[info.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// Has reports whether a name or an address is selected and there now.
func (m *Members) Has(ctx context.Context, target string) (bool, error) {
	found, err := m.find(ctx, target)
	return len(found.infos) > 0, err
}

// Methods returns the signatures of the newest instance.
func (m *Members) Methods(ctx context.Context, target string) ([]value.Signature, error) {
	found, err := m.require(ctx, target)
	if err != nil {
		return nil, err
	}
	newest := found.infos[len(found.infos)-1]
	methods, err := m.methods.get(newest.Hash, func() (*service.Description, error) {
		return m.network.Describe(ctx, newest.Address.String())
	})
	return methods, discreet(err)
}

// Call calls a method of a name or an address. An answer that nobody is there is checked
// against the registry: what has come since is called, too.
func (m *Members) Call(ctx context.Context, target, method string, params []any) (any, error) {
	found, err := m.require(ctx, target)
	for {
		if err != nil {
			return nil, err
		}
		v, failure := m.callFound(ctx, found, target, method, params)
		if !isGone(failure) {
			return v, discreet(failure)
		}
		before := found
		if found, err = m.require(ctx, target); err == nil && !found.anyNew(before) {
			return nil, failure
		}
	}
}

func (m *Members) callFound(ctx context.Context, found found, target, method string, params []any) (any, error) {
	if found.byName {
		return m.places.named(target).Call(ctx, method, params...)
	}
	again := func() []service.Info { return m.lookup(target).infos }
	return m.places.call(ctx, found.infos, again, method, params)
}

// found is what a name or an address resolves to.
type found struct {
	infos  []service.Info // oldest first
	byName bool
}

// anyNew reports whether there is an instance that was not there before.
func (f found) anyNew(before found) bool {
	return slices.ContainsFunc(f.infos, func(info service.Info) bool {
		return !slices.ContainsFunc(before.infos, func(b service.Info) bool { return b.Address == info.Address })
	})
}

// discreet keeps from clients where the exchange is.
func discreet(err error) error {
	f, ok := failureOf(err)
	switch {
	case !ok || f.Code != wire.CodeUnreachable:
		return err
	case f.Delivered == wire.No:
		return errAway()
	}
	return wire.Failf(f.Code, f.Delivered, "the link to the exchange broke")
}

// isGone reports whether err says that nobody of that name was there to be called.
func isGone(err error) bool {
	f, ok := failureOf(err)
	return ok && f.Code == wire.CodeNoService && f.Delivered == wire.No
}

// require is find for what has to be there.
func (m *Members) require(ctx context.Context, target string) (found, error) {
	f, err := m.find(ctx, target)
	if err == nil && len(f.infos) == 0 {
		err = wire.Failf(wire.CodeNoService, wire.No, "no such service: %s", target)
	}
	return f, err
}

// find resolves a name or an address in the local copies. What is not found is
// looked for again when the copies are complete. A service that was there when the
// exchange went away is for a moment expected back and not said to be gone.
func (m *Members) find(ctx context.Context, target string) (found, error) {
	if !m.network.Connected() {
		return found{}, errAway()
	}
	if f := m.lookup(target); len(f.infos) > 0 {
		return f, nil
	}
	if err := m.synced(ctx); err != nil {
		return found{}, err
	}
	f := m.lookup(target)
	if len(f.infos) == 0 && m.returning(target) {
		return found{}, wire.Failf(wire.CodeUnreachable, wire.No, "the exchange has been away, and %s is not back yet", target)
	}
	return f, nil
}

func (m *Members) returning(name string) bool {
	return name != "" && !isReserved(name) && slices.ContainsFunc(m.parts, func(p selected) bool { return p.copy.Returning(name) })
}

// lookup resolves a name or an address in the local copies. An instance that
// several parts select is found once.
func (m *Members) lookup(target string) found {
	var f found
	for i := range m.parts {
		infos := m.parts[i].find(target)
		if len(infos) > 0 && m.parts[i].byName {
			return found{infos: infos, byName: true}
		}
		for _, info := range infos {
			if !slices.ContainsFunc(f.infos, func(have service.Info) bool { return have.Address == info.Address }) {
				f.infos = append(f.infos, info)
			}
		}
	}
	return f
}

// synced waits for the local copies to be complete, which they are but for a
// moment after connecting. It does not wait for the exchange.
func (m *Members) synced(ctx context.Context) error {
	if !m.network.Connected() {
		return errAway()
	}
	ctx, cancel := context.WithTimeout(ctx, maxSyncWait)
	defer cancel()
	for i := range m.parts {
		if err := m.parts[i].copy.Current(ctx); err != nil {
			return errAway()
		}
	}
	return nil
}
