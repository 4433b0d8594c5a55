package services

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/service"
)

// group is the one that all services here are members of.
const group = "web-services"

var constructors = map[string]func() *service.Service{
	"clock":      Clock,
	"echo":       Echo,
	"math":       Math,
	"validator1": Validator1,
}

// Names lists the services that [New] knows, sorted.
func Names() []string { return slices.Sorted(maps.Keys(constructors)) }

// New makes the service of that name. The error names those there are.
func New(name string) (*service.Service, error) {
	construct, ok := constructors[name]
	if !ok {
		return nil, fmt.Errorf("services: no example service %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return construct(), nil
}

// inGroup begins a service.
func inGroup(name, description string) *service.Service {
	return service.New(name, &service.ServiceOptions{Groups: []string{group}, Description: description})
}

// pure describes a method that changes nothing, so that asking twice is as good as once.
func pure(doc string, params ...string) *service.MethodOptions {
	return &service.MethodOptions{Doc: doc, Params: params, ReadOnly: true, Idempotent: true}
}
