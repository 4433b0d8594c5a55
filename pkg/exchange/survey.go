package exchange

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// ServiceInfo is a service and its instances, as `netsvc ls` prints it.
type ServiceInfo struct {
	Name      string         `json:"name"`
	Instances []InstanceInfo `json:"instances"`
	Groups    []string       `json:"groups"`  // of any instance
	Methods   []string       `json:"methods"` // of the newest instance
}

// InstanceInfo is one instance of a service.
type InstanceInfo struct {
	Address  string    `json:"address"`
	Origin   string    `json:"origin"` // 16 hexadecimal digits
	PID      int       `json:"pid"`
	Host     string    `json:"host"`
	User     string    `json:"user"`
	Program  string    `json:"program"`
	Since    time.Time `json:"since"`
	State    string    `json:"state"` // ready, suspect or draining
	Inflight int       `json:"inflight"`
	Version  string    `json:"version"`
}

// GroupInfo is a group and its members' addresses.
type GroupInfo struct {
	Name    string   `json:"name"`
	Members []string `json:"members"`
}

// Services lists the services whose name matches the glob and that have an instance in the
// group, sorted by name; empty texts match all. Names that begin with "_" are left out
// unless the glob begins with it.
func (e *Exchange) Services(glob, group string) []ServiceInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := []ServiceInfo{}
	for _, name := range slices.Sorted(maps.Keys(e.core.names)) {
		if !listed(name, glob) {
			continue
		}
		s := e.serviceInfo(e.core.names[name])
		if group == "" || slices.Contains(s.Groups, group) {
			out = append(out, s)
		}
	}
	return out
}

func listed(name, glob string) bool {
	if strings.HasPrefix(name, "_") && !strings.HasPrefix(glob, "_") {
		return false
	}
	return glob == "" || value.Match(glob, name)
}

// serviceInfo describes a service. It is called with the mutex held.
func (e *Exchange) serviceInfo(records []*record) ServiceInfo {
	newest := records[len(records)-1].info
	s := ServiceInfo{Name: newest.Name, Groups: []string{}, Methods: []string{}}
	for _, r := range records {
		s.Instances = append(s.Instances, e.instanceInfo(r.info))
		s.Groups = append(s.Groups, r.info.Groups...)
	}
	s.Groups = append([]string{}, uniq(s.Groups)...)
	if m := e.core.methods[newest.Hash]; m != nil {
		s.Methods = append(s.Methods, m.names...)
	}
	return s
}

func (e *Exchange) instanceInfo(i *wire.Info) InstanceInfo {
	out := InstanceInfo{
		Address: e.address(i).String(), Origin: e.originText(), PID: i.Process.PID, Host: i.Process.Host,
		User: i.Process.User, Program: i.Process.Program, Since: moment(i.Since), State: i.State.String(),
		Version: i.Version,
	}
	if live := e.instances[i.Number]; live != nil {
		out.Inflight = int(live.inflight.Load())
	}
	return out
}

func (e *Exchange) address(i *wire.Info) wire.Address {
	return wire.Address{Origin: e.origin, Name: i.Name, Number: i.Number}
}

func (e *Exchange) originText() string { return fmt.Sprintf("%016x", e.origin) }

// Groups lists the groups that have members, sorted by name.
func (e *Exchange) Groups() []GroupInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := []GroupInfo{}
	for _, name := range slices.Sorted(maps.Keys(e.core.groups)) {
		g := GroupInfo{Name: name, Members: []string{}}
		for _, n := range sorted(e.core.groups[name]) {
			if i := e.core.groups[name][n].info; !i.Hidden {
				g.Members = append(g.Members, e.address(i).String())
			}
		}
		if len(g.Members) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// Limits are the limits in force.
func (e *Exchange) Limits() Limits { return e.limits }

// describeOwn describes `_exchange`.
func (e *Exchange) describeOwn() ServiceInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	records := e.core.names[ownName]
	if len(records) == 0 { // it has left, and reads the last of its calls
		return ServiceInfo{Name: ownName}
	}
	return e.serviceInfo(records)
}
