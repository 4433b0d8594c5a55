package completion

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/service"
)

// named are the instances of one name, oldest first.
type named struct {
	name      string
	instances []service.Info
}

// about is what to say of a service in one line: its own words, if it has some.
func (n *named) about() string {
	newest := n.instances[len(n.instances)-1]
	first, _, _ := strings.Cut(strings.TrimSpace(newest.Description), "\n")
	if first != "" {
		return first
	}
	return count(len(n.instances), "instance")
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// subjects are those that the instances declare, sorted.
func (n *named) subjects() []string {
	var all []string
	for _, i := range n.instances {
		all = append(all, i.Subjects...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// services lists the services whose name begins like begin, by name. Names that begin with _ are
// the exchange's and of those who hide: one has to begin them to see them.
func services(ctx context.Context, from Registry, begin string) []named {
	if strings.ContainsAny(begin, "*?") {
		return nil // a pattern is ready
	}
	byName := map[string][]service.Info{}
	for _, i := range from.Instances(ctx, begin+"*") {
		if begin != "" || !strings.HasPrefix(i.Name, "_") {
			byName[i.Name] = append(byName[i.Name], i)
		}
	}
	var list []named
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		list = append(list, named{name, byName[name]})
	}
	return list
}

// Services offers names of services, and addresses behind an @.
func Services(ctx context.Context, from Registry, c *Candidates) {
	if name, _, at := strings.Cut(c.Word(), "@"); at {
		addresses(ctx, from, name, c.Add)
		return
	}
	for _, s := range services(ctx, from, c.Word()) {
		c.Add(s.name, s.about())
	}
}

// ServiceNames offers names of services, without addresses.
func ServiceNames(ctx context.Context, from Registry, c *Candidates) {
	for _, s := range services(ctx, from, c.Word()) {
		c.Add(s.name, s.about())
	}
}

// Addresses offers the addresses of all instances, by name. Without an @ the names come first.
func Addresses(ctx context.Context, from Registry, c *Candidates) {
	if name, _, at := strings.Cut(c.Word(), "@"); at {
		addresses(ctx, from, name, c.Add)
		return
	}
	for _, s := range services(ctx, from, c.Word()) {
		c.AddOpen(s.name+"@", s.about())
	}
}

// addresses offers those of the instances of a name.
func addresses(ctx context.Context, from Registry, name string, add func(text, description string)) {
	if name == "" || strings.ContainsAny(name, "*?") {
		return
	}
	for _, i := range from.Instances(ctx, name) {
		add(i.Address.String(), fmt.Sprintf("%s, %s pid %d", i.State, i.Process.Program, i.Process.PID))
	}
}

// Groups offers the groups that have members.
func Groups(ctx context.Context, from Registry, c *Candidates) {
	members := map[string]int{}
	for _, i := range from.Instances(ctx, "*") {
		for _, g := range i.Groups {
			members[g]++
		}
	}
	for _, g := range slices.Sorted(maps.Keys(members)) {
		c.Add(g, count(members[g], "member"))
	}
}

// membersOf lists the members of a group, oldest first.
func membersOf(ctx context.Context, from Registry, group string) []service.Info {
	return slices.DeleteFunc(slices.Clone(from.Instances(ctx, "*")), func(i service.Info) bool {
		return !slices.Contains(i.Groups, group)
	})
}
