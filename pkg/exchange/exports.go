package exchange

import (
	"fmt"
	"maps"
	"slices"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// export makes the methods of `_exchange`, those that every service answers included.
func (h *house) export() error {
	h.methods = map[string]*value.Func{}
	if err := h.exportAll(h.system()); err != nil {
		return err
	}
	var sigs []value.Signature
	for _, m := range h.own() {
		if err := h.exportAll([]method{m}); err != nil {
			return err
		}
		sigs = append(sigs, *h.methods[m.opts.Name].Signature())
	}
	var err error
	h.blob, err = value.EncodeMethods(sigs)
	return err
}

func (h *house) exportAll(methods []method) error {
	for _, m := range methods {
		m.opts.ReadOnly, m.opts.Idempotent = true, true
		f, err := value.NewFunc(m.fn, m.opts)
		if err != nil {
			return fmt.Errorf("exchange: method %s: %w", m.opts.Name, err)
		}
		h.methods[m.opts.Name] = f
	}
	return nil
}

// method is a func and how it is exported.
type method struct {
	fn   any
	opts value.FuncOptions
}

func (h *house) own() []method {
	e := h.ex
	return []method{
		{e.Services, value.FuncOptions{Name: "services", Params: []string{"glob", "group"},
			Doc: "Services whose name matches the glob and that have an instance in the group; empty for any."}},
		{e.Instances, value.FuncOptions{Name: "instances", Params: []string{"glob", "group"},
			Doc: "Instances of such services, or of them those in the group, and what each was called and failed."}},
		{e.Sessions, value.FuncOptions{Name: "sessions", Doc: "Connected processes."}},
		{e.Groups, value.FuncOptions{Name: "groups", Doc: "Groups and their members."}},
		{e.Subscriptions, value.FuncOptions{Name: "subscriptions", Doc: "Subscriptions and how they keep up."}},
		{e.Stats, value.FuncOptions{Name: "stats", Doc: "Counters since the exchange started."}},
		{e.Limits, value.FuncOptions{Name: "limits", Doc: "What one session or instance may take."}},
	}
}

// system are the methods that every service has, in the same shape. They are not among its
// signatures.
func (h *house) system() []method {
	named := []string{"method"}
	return []method{
		{h.listMethods, value.FuncOptions{Name: "system.listMethods", Doc: "Names of all methods, sorted."}},
		{h.methodSignature, value.FuncOptions{Name: "system.methodSignature", Params: named,
			Doc: "Types of a method's result and parameters; one list of them."}},
		{h.methodHelp, value.FuncOptions{Name: "system.methodHelp", Params: named, Doc: "What a method's author says of it."}},
		{h.ex.describeOwn, value.FuncOptions{Name: "system.describe", Doc: "The service and its methods."}},
		{h.ex.statsOwn, value.FuncOptions{Name: "system.stats", Doc: "Calls since the start, failures by code, and what runs now."}},
		{func() string { return "pong" }, value.FuncOptions{Name: "system.ping", Doc: "Answers \"pong\"."}},
	}
}

func (h *house) listMethods() []string { return slices.Sorted(maps.Keys(h.methods)) }

func (h *house) methodSignature(name string) ([][]string, error) {
	f, err := h.find(name)
	if err != nil {
		return nil, err
	}
	return [][]string{f.Signature().TypeNames()}, nil
}

func (h *house) methodHelp(name string) (string, error) {
	f, err := h.find(name)
	if err != nil {
		return "", err
	}
	return f.Signature().Doc, nil
}

// find is a method that somebody asks about. That there is none is the answer of a method
// that ran.
func (h *house) find(name string) (*value.Func, error) {
	f := h.methods[name]
	if f == nil {
		return nil, wire.Failf(wire.CodeApplication, wire.Yes, "no method %.128q", name)
	}
	return f, nil
}
