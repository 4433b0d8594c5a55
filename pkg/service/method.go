package service

import (
	"fmt"
	"maps"
	"slices"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// MethodOptions describes a method to those who call it. All may be left out.
type MethodOptions struct {
	Doc        string              // one sentence, then whatever helps
	Params     []string            // names, in order, the context not counted; default arg1, arg2, ...
	ParamDocs  []string            // in the same order; there may be fewer
	Secret     []string            // names of parameters whose values are never shown
	Enums      map[string][]string // by parameter name: the texts that fit
	ReadOnly   bool                // changes nothing
	Idempotent bool                // twice is as good as once
	Deprecated bool
}

// method is an exported func, or the fallback.
type method struct {
	name     string
	fn       *value.Func // nil for the fallback
	fallback *fallback   // nil for any other
	wrapped  Handler     // by the service's middleware; nil without any
	beside   bool        // one of the library's own: runs at once, beside the limit
}

// streams reports whether the method always answers by a stream.
func (m *method) streams() bool { return m.fn != nil && m.fn.Signature().Stream }

// mayStream reports whether the method may answer by a stream.
func (m *method) mayStream() bool {
	if m.fallback != nil {
		return m.fallback.decoded != nil
	}
	return m.streams()
}

// wantsContext reports whether a context has to be made for the method.
func (m *method) wantsContext() bool {
	return m.wrapped != nil || m.fallback != nil || m.fn.TakesContext() || m.streams()
}

// methodTable is what a service exports. Readers look without a lock; Export copies it.
type methodTable struct {
	byName   map[string]*method // with the library's own
	blob     []byte             // the signatures, encoded, without the library's own
	fallback *method            // without a name; nil for none
}

// wrap returns the table with all its methods, but for the library's own, wrapped anew.
func (t *methodTable) wrap(h Handler) *methodTable {
	wrapped := *t
	wrapped.byName = make(map[string]*method, len(t.byName))
	for name, m := range t.byName {
		if !m.beside {
			m = m.wrap(h)
		}
		wrapped.byName[name] = m
	}
	if t.fallback != nil {
		wrapped.fallback = t.fallback.wrap(h)
	}
	return &wrapped
}

func (m *method) wrap(h Handler) *method {
	own := *m
	own.wrapped = h
	return &own
}

// names lists all methods, sorted.
func (t *methodTable) names() []string { return slices.Sorted(maps.Keys(t.byName)) }

// signatures lists the methods without the library's own, sorted by name.
func (t *methodTable) signatures() []value.Signature {
	var list []value.Signature
	for _, name := range t.names() {
		if m := t.byName[name]; !m.beside {
			list = append(list, *m.fn.Signature())
		}
	}
	return list
}

// Export adds a method. fn is any func whose parameters, after an optional first
// context.Context, and whose result can travel (see package value); it may return an error
// last. A result of type iter.Seq[T] or iter.Seq2[T, error] makes a stream: each element is
// sent when it comes, in a frame of 256 KiB at most, and the func is held up while its caller does
// not take them. The first error of a service is kept and returned by Announce and Run, too, so
// that a list of Exports reads well without checks. A name exported again gets the new
// func. What is exported while the service is announced is told to the exchange.
func (s *Service) Export(method string, fn any, opts *MethodOptions) error {
	return s.fault(s.export(method, fn, opts))
}

func (s *Service) export(name string, fn any, opts *MethodOptions) error {
	if err := value.CheckMethodName(name); err != nil {
		return err
	}
	if opts == nil {
		opts = &MethodOptions{}
	}
	f, err := value.NewFunc(fn, value.FuncOptions{
		Name: name, Doc: opts.Doc, Params: opts.Params, ParamDocs: opts.ParamDocs, Secret: opts.Secret,
		Enums: opts.Enums, ReadOnly: opts.ReadOnly, Idempotent: opts.Idempotent, Deprecated: opts.Deprecated,
	})
	if err != nil {
		return fmt.Errorf("service: method %s: %w", name, err)
	}
	told, err := s.addMethod(&method{name: name, fn: f})
	told.flush()
	return err
}

func (s *Service) addMethod(m *method) (told *session, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	table := *s.methods.Load()
	table.byName = maps.Clone(table.byName)
	m.wrapped = s.wrapped
	table.byName[m.name] = m
	if table.blob, err = value.EncodeMethods(table.signatures()); err != nil {
		return nil, err
	}
	s.methods.Store(&table)
	return s.update(&wire.Update{Methods: &table.blob}), nil
}

// Export gives the connection's own instance a method, so that services may call their
// caller back by Caller.Address.
func (c *Conn) Export(method string, fn any, opts *MethodOptions) error {
	return c.own.service.export(method, fn, opts)
}
