package exchange

import (
	"fmt"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// export makes the methods of `_exchange`, those that every service answers included.
func (h *house) export() error {
	h.methods = map[string]*value.Func{}
	var sigs []value.Signature
	for _, m := range h.own() {
		m.opts.ReadOnly, m.opts.Idempotent = true, true
		f, err := value.NewFunc(m.fn, m.opts)
		if err != nil {
			return fmt.Errorf("exchange: method %s: %w", m.opts.Name, err)
		}
		h.methods[m.opts.Name] = f
		sigs = append(sigs, *f.Signature())
	}
	var err error
	if h.blob, err = value.EncodeMethods(sigs); err != nil {
		return err
	}
	return h.exportSystem(sigs)
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
		{e.Sessions, value.FuncOptions{Name: "sessions", Doc: "Connected processes."}},
		{e.Groups, value.FuncOptions{Name: "groups", Doc: "Groups and their members."}},
		{e.Stats, value.FuncOptions{Name: "stats", Doc: "Counters since the exchange started."}},
		{e.Limits, value.FuncOptions{Name: "limits", Doc: "What one session or instance may take."}},
	}
}

// exportSystem adds the methods that every service has. They are not among its signatures.
func (h *house) exportSystem(sigs []value.Signature) error {
	find := func(name string) (*value.Signature, error) {
		for i := range sigs {
			if sigs[i].Name == name {
				return &sigs[i], nil
			}
		}
		return nil, wire.Failf(wire.CodeApplication, wire.Yes, "no method %q", name)
	}
	return h.exportAll(map[string]any{
		"system.ping": func() string { return "pong" },
		"system.listMethods": func() []string {
			names := make([]string, len(sigs))
			for i := range sigs {
				names[i] = sigs[i].Name
			}
			return names
		},
		"system.methodHelp": func(name string) (string, error) {
			s, err := find(name)
			if err != nil {
				return "", err
			}
			return s.Doc, nil
		},
		"system.methodSignature": func(name string) ([]string, error) {
			s, err := find(name)
			if err != nil {
				return nil, err
			}
			return s.TypeNames(), nil
		},
		"system.describe": func() ServiceInfo { return h.ex.describeOwn() },
		"system.stats":    func() InstanceStats { return h.ex.statsOwn() },
	})
}

func (h *house) exportAll(funcs map[string]any) error {
	for name, fn := range funcs {
		f, err := value.NewFunc(fn, value.FuncOptions{Name: name})
		if err != nil {
			return fmt.Errorf("exchange: method %s: %w", name, err)
		}
		h.methods[name] = f
	}
	return nil
}
