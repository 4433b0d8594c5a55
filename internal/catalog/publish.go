package catalog

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// publish makes snapshots while there are changes, each a while after the one before.
func (c *Catalog) publish(ctx context.Context) {
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-c.dirty:
		case <-ctx.Done():
			return
		}
		c.renew(ctx)
		t.Reset(pace)
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

// renew makes the next snapshot. It shares with the one before all that has not changed, which is
// nearly all of it.
func (c *Catalog) renew(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.current.Load()
	next := *old
	if c.loading && c.once {
		next.Stale = c.stale
	} else {
		c.rebuild(&next)
		c.methods.begin(ctx)
	}
	c.current.Store(&next)
	if next.Synced && !old.Synced {
		close(c.synced)
	}
	nudge(c.changed)
}

// rebuild brings a copy of the last state up to date.
func (c *Catalog) rebuild(s *state) {
	names, groups := &c.shelf.names, &c.shelf.groups
	own := make(map[string]bool)
	for name := range names.changed {
		if strings.HasPrefix(name, "_") {
			own[name] = true
			delete(names.changed, name)
		}
	}
	nameOf := func(v *Service) string { return v.Name }
	s.own = merged(s.own, nameOf, own, c.service)
	s.Services = merged(s.Services, nameOf, names.changed, c.service)
	s.Groups = merged(s.Groups, func(g *Group) string { return g.Name }, groups.changed, c.group)
	clear(names.changed)
	clear(groups.changed)
	s.Instances = len(c.shelf.byNumber)
	for i := range s.own {
		s.Instances -= len(s.own[i].Instances)
	}
	s.Synced, s.Stale = c.once, c.stale
}

// service makes the entry of a name, if anybody has it.
func (c *Catalog) service(name string) (Service, bool) {
	infos := c.shelf.names.values(name)
	if len(infos) == 0 {
		return Service{}, false
	}
	newest := &infos[len(infos)-1]
	groups, subjects := make([][]string, len(infos)), make([][]string, len(infos))
	for i := range infos {
		groups[i], subjects[i] = infos[i].Groups, infos[i].Subjects
	}
	s := Service{
		Name: name, Instances: infos, Groups: union(groups...), Subjects: union(subjects...),
		Fallback: newest.Fallback, Description: newest.Description,
	}
	s.Methods, s.MethodsKnown = c.methods.of(infos)
	return s, true
}

// group makes the entry of a group, if it has members that are shown.
func (c *Catalog) group(name string) (Group, bool) {
	members := slices.DeleteFunc(c.shelf.groups.values(name), func(i service.Info) bool { return strings.HasPrefix(i.Name, "_") })
	return Group{name, members}, len(members) > 0
}
