package xmlrpc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Selection says which services of an exchange are offered: those that any of its
// fields names.
type Selection struct {
	// All offers every service that is not hidden. A name that begins with "_" is the
	// exchange's own, and is offered by no field.
	All bool
	// Groups offers the instances that are members of one of these groups, and no
	// other instance of the same name.
	Groups []string
	// Services offers the services of these names, all their instances.
	Services []string
	// Instances offers single instances by their addresses.
	Instances []service.Address
}

// errNothingSelected reports a Selection that offers nothing.
var errNothingSelected = errors.New("xmlrpc: no service is selected: name groups, services, instances or all")

// parts returns what has to be followed. Names are checked, because as patterns of
// a watch they might mean more.
func (s *Selection) parts() ([]selected, error) {
	var all []selected
	if s.All {
		all = append(all, selected{byName: true})
	}
	for _, name := range s.Services {
		if err := value.CheckServiceName(name); err != nil {
			return nil, fmt.Errorf("xmlrpc: %w", err)
		}
		all = append(all, selected{watch: service.WatchOptions{Glob: name}, byName: true})
	}
	for _, group := range s.Groups {
		all = append(all, selected{watch: service.WatchOptions{Group: group}})
	}
	for _, address := range s.Instances {
		all = append(all, selected{watch: service.WatchOptions{Address: address}})
	}
	if len(all) == 0 {
		return nil, errNothingSelected
	}
	return all, nil
}

// selected is one part of a Selection and the local copy of what it finds.
type selected struct {
	watch  service.WatchOptions
	byName bool // any instance of a name that is found may be called
	copy   directory
}

// find returns the instances of a name, or the one instance an address names.
// Only what may be called is in the copy.
func (s *selected) find(target string) []service.Info {
	name, number, ok := wire.ParseTarget(target)
	if !ok || isReserved(name) {
		return nil
	}
	infos := s.copy.Lookup(name)
	if number == 0 {
		return infos
	}
	for i := range infos {
		if infos[i].Address.Number == number {
			return infos[i : i+1]
		}
	}
	return nil
}

// isReserved reports whether a name is the exchange's own.
func isReserved(name string) bool { return strings.HasPrefix(name, "_") }
