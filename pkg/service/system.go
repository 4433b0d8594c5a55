package service

import (
	"sync/atomic"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// systemMethods are the methods that every service has without exporting them.
func (s *Service) systemMethods() map[string]*method {
	table := map[string]*method{}
	for _, m := range []struct {
		name, doc string
		params    []string
		fn        any
	}{
		{"system.listMethods", "Names of all methods, sorted.", nil, s.listMethods},
		{"system.methodSignature", "Types of a method's result and parameters; one list of them.", []string{"method"}, s.methodSignature},
		{"system.methodHelp", "What a method's author says of it.", []string{"method"}, s.methodHelp},
		{"system.describe", "The service and its methods.", nil, s.describe},
		{"system.stats", "Calls since the start, failures by code, and what runs and waits now.", nil, s.stats},
		{"system.ping", "Answers \"pong\".", nil, func() string { return "pong" }},
	} {
		f, err := value.NewFunc(m.fn, value.FuncOptions{Name: m.name, Doc: m.doc, Params: m.params, ReadOnly: true, Idempotent: true})
		if err != nil {
			panic(err) // the funcs above are fit to be called
		}
		table[m.name] = &method{name: m.name, fn: f, beside: true}
	}
	return table
}

func (s *Service) listMethods() []string { return s.methods.Load().names() }

func (s *Service) methodSignature(name string) ([][]string, error) {
	m, err := s.find(name)
	if err != nil {
		return nil, err
	}
	return [][]string{m.fn.Signature().TypeNames()}, nil
}

func (s *Service) methodHelp(name string) (string, error) {
	m, err := s.find(name)
	if err != nil {
		return "", err
	}
	return m.fn.Signature().Doc, nil
}

// find is a method that somebody asks about. That there is none is the answer of a method
// that ran.
func (s *Service) find(name string) (*method, error) {
	if m := s.methods.Load().byName[name]; m != nil {
		return m, nil
	}
	f := s.noMethod(name)
	return nil, &Failure{Code: wire.CodeApplication, Delivered: Yes, Description: f.Description, Details: f.Details}
}

// serviceDescription is the result of system.describe. Its shape is that of the command
// describe, without the other instances.
type serviceDescription struct {
	Name        string              `netsvc:"name"`
	Address     string              `netsvc:"address"`
	Description string              `netsvc:"description"`
	Version     string              `netsvc:"version"`
	Groups      []string            `netsvc:"groups"`
	Labels      map[string]string   `netsvc:"labels"`
	Hidden      bool                `netsvc:"hidden"`
	Subjects    []string            `netsvc:"subjects"`
	Fallback    bool                `netsvc:"fallback"`
	Methods     []methodDescription `netsvc:"methods"`
}

type methodDescription struct {
	Name       string             `netsvc:"name"`
	Doc        string             `netsvc:"doc"`
	Params     []paramDescription `netsvc:"params"`
	Variadic   bool               `netsvc:"variadic"`
	Result     typeDescription    `netsvc:"result"`
	ReadOnly   bool               `netsvc:"readonly"`
	Idempotent bool               `netsvc:"idempotent"`
	Deprecated bool               `netsvc:"deprecated"`
	Stream     bool               `netsvc:"stream"`
}

type paramDescription struct {
	Name   string `netsvc:"name"`
	Doc    string `netsvc:"doc"`
	Type   string `netsvc:"type"`
	Schema any    `netsvc:"schema"`
	Secret bool   `netsvc:"secret"`
}

type typeDescription struct {
	Type   string `netsvc:"type"`
	Schema any    `netsvc:"schema"`
}

func (s *Service) describe() (serviceDescription, error) {
	says := s.described()
	d := serviceDescription{
		Name: s.name, Address: s.Address().String(), Description: says.description, Version: says.version,
		Labels: says.labels, Groups: s.Groups(),
	}
	d.Subjects = append([]string{}, s.opts.Subjects...)
	s.mu.Lock()
	d.Hidden = s.hidden
	s.mu.Unlock()
	table := s.methods.Load()
	d.Fallback = table.fallback != nil
	for _, sig := range table.signatures() {
		m, err := describeMethod(&sig)
		if err != nil {
			return d, err
		}
		d.Methods = append(d.Methods, m)
	}
	return d, nil
}

func describeMethod(sig *value.Signature) (methodDescription, error) {
	d := methodDescription{
		Name: sig.Name, Doc: sig.Doc, Variadic: sig.Variadic,
		ReadOnly: sig.ReadOnly, Idempotent: sig.Idempotent, Deprecated: sig.Deprecated, Stream: sig.Stream,
	}
	result, err := describeType(sig.Result)
	if err != nil {
		return d, err
	}
	d.Result = result
	for _, p := range sig.Params {
		t, err := describeType(p.Type)
		if err != nil {
			return d, err
		}
		d.Params = append(d.Params, paramDescription{Name: p.Name, Doc: p.Doc, Type: t.Type, Schema: t.Schema, Secret: p.Secret})
	}
	return d, nil
}

func describeType(t *value.Type) (typeDescription, error) {
	schema, err := value.FromJSON(t.Schema(), nil)
	return typeDescription{Type: t.String(), Schema: schema}, err
}

// serviceCounts counts the outcomes of a service's requests.
type serviceCounts struct {
	calls    atomic.Uint64
	failures [countedCodes]atomic.Uint64 // by code, from firstCode on
}

// The codes that are counted apart; others count as unknown.
const (
	firstCode    = 40
	countedCodes = 32
)

// ended counts one outcome; nil is a result.
func (c *serviceCounts) ended(f *wire.Failure) {
	c.calls.Add(1)
	if f == nil {
		return
	}
	code := f.Code
	if code < firstCode || code >= firstCode+countedCodes {
		code = wire.CodeUnknown
	}
	c.failures[code-firstCode].Add(1)
}

// serviceStats is the result of system.stats.
type serviceStats struct {
	Calls    uint64            `netsvc:"calls"`
	Failures map[string]uint64 `netsvc:"failures"`
	Inflight int               `netsvc:"inflight"`
	Waiting  int               `netsvc:"waiting"`
	Limit    int               `netsvc:"limit"`
	Queue    int               `netsvc:"queue"`
}

func (s *Service) stats() serviceStats {
	st := serviceStats{Calls: s.counts.calls.Load(), Failures: map[string]uint64{}, Limit: s.opts.Limit, Queue: s.opts.Queue}
	for i := range s.counts.failures {
		if n := s.counts.failures[i].Load(); n > 0 {
			st.Failures[wire.Code(firstCode+i).String()] += n
		}
	}
	s.mu.Lock()
	i := s.instance
	s.mu.Unlock()
	if i != nil {
		st.Inflight, st.Waiting = i.conn.stage.load(&i.lane)
		st.Inflight += st.Waiting
	}
	return st
}
