package catalog

import (
	"slices"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// Snapshot is one state of the registry. Nothing in it may be changed; it may be read by any
// number of goroutines and kept for any time. Hidden instances are in none, and neither are
// names that begin with "_", such as the exchange's own service.
type Snapshot struct {
	Services  []Service // by name
	Groups    []Group   // by name; those that have members
	Instances int       // of all services
	Synced    bool      // it has held the present state once; false only before the first time
	Stale     time.Time // since when it is no longer kept up, by our own clock; zero while it is
}

// Service is a name and what the registry says of those who are announced under it.
type Service struct {
	Name         string
	Instances    []service.Info    // oldest first, one at least
	Methods      []value.Signature // of the newest instance whose methods are known, by name
	MethodsKnown bool              // Methods are those of the newest instance; false while they are asked for
	Fallback     bool              // the newest instance answers methods of any name, too
	Groups       []string          // of any instance; sorted
	Subjects     []string          // that any instance declares; sorted
	Description  string            // of the newest instance
}

// Group is a group and its members.
type Group struct {
	Name    string
	Members []service.Info // oldest first, one at least
}

// Service finds a service by its name, or nil.
func (s *Snapshot) Service(name string) *Service {
	i, found := slices.BinarySearchFunc(s.Services, name, func(v Service, name string) int { return strings.Compare(v.Name, name) })
	if !found {
		return nil
	}
	return &s.Services[i]
}

// Group finds a group by its name, or nil.
func (s *Snapshot) Group(name string) *Group {
	i, found := slices.BinarySearchFunc(s.Groups, name, func(g Group, name string) int { return strings.Compare(g.Name, name) })
	if !found {
		return nil
	}
	return &s.Groups[i]
}

// Method finds a method by its name, or nil: there is none, or it is not known yet.
func (s *Service) Method(name string) *value.Signature {
	i, found := slices.BinarySearchFunc(s.Methods, name, func(m value.Signature, name string) int { return strings.Compare(m.Name, name) })
	if !found {
		return nil
	}
	return &s.Methods[i]
}
