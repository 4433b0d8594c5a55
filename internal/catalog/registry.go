package catalog

import (
	"cmp"
	"context"
	"slices"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Instances lists those announced under a name that matches a pattern, oldest first; empty means
// all. It never waits: they are those known by now. With Methods it makes a Catalog a registry
// for completion.
func (c *Catalog) Instances(_ context.Context, pattern string) []service.Info {
	s := c.current.Load()
	var found []service.Info
	for _, services := range [][]Service{s.own, s.Services} {
		for i := range services {
			if pattern == "" || value.Match(pattern, services[i].Name) {
				found = append(found, services[i].Instances...)
			}
		}
	}
	slices.SortFunc(found, func(a, b service.Info) int { return cmp.Compare(a.Address.Number, b.Address.Number) })
	return found
}

// Methods lists those of a name or an address, sorted by name. It never waits: nil means that
// there are none, or that they are not known yet.
func (c *Catalog) Methods(_ context.Context, target string) []value.Signature {
	name, number, ok := wire.ParseTarget(target)
	if !ok {
		return nil
	}
	s := c.current.Load().service(name)
	switch {
	case s == nil:
		return nil
	case number == 0:
		return s.Methods
	}
	i := slices.IndexFunc(s.Instances, func(info service.Info) bool { return info.Address.Number == number })
	if i < 0 {
		return nil
	}
	return c.methods.ofInstance(&s.Instances[i])
}

// service finds a service of either kind.
func (s *state) service(name string) *Service {
	if known := s.Service(name); known != nil {
		return known
	}
	i := slices.IndexFunc(s.own, func(v Service) bool { return v.Name == name })
	if i < 0 {
		return nil
	}
	return &s.own[i]
}

// ofInstance are the methods of one instance. What is missing is asked for.
func (m *methods) ofInstance(info *service.Info) []value.Signature {
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	sigs, known := m.known[info.Hash]
	if !known {
		m.want(info)
		nudge(m.c.dirty)
	}
	return sigs
}
