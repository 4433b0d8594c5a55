package value

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// analyse reads parameters and results off the Go type.
func (f *Func) analyse() error {
	if f.fn.Kind() != reflect.Func || f.fn.IsNil() {
		return errors.New("value: not a func, or a nil one")
	}
	t := f.fn.Type()
	f.takesContext = t.NumIn() > 0 && t.In(0) == contextType
	f.sig.Variadic = t.IsVariadic()
	for i := range t.NumIn() {
		if i == 0 && f.takesContext {
			continue
		}
		if err := f.addParam(t, i); err != nil {
			return err
		}
	}
	return f.analyseResults(t)
}

func (f *Func) addParam(t reflect.Type, i int) error {
	in := t.In(i)
	if t.IsVariadic() && i == t.NumIn()-1 {
		in = in.Elem()
	}
	c := codecOf(in)
	if c.err != nil {
		return fmt.Errorf("parameter %d of %v: %w", i+1, t, c.err)
	}
	if in.Kind() == reflect.Interface && in.NumMethod() > 0 {
		return fmt.Errorf("parameter %d of %v: value: Go type %v cannot be read", i+1, t, in)
	}
	f.params = append(f.params, c)
	name := "arg" + strconv.Itoa(len(f.params))
	f.sig.Params = append(f.sig.Params, Param{Name: name, Type: c.typ})
	return nil
}

func (f *Func) analyseResults(t reflect.Type) error {
	n := t.NumOut()
	f.fails = n > 0 && t.Out(n-1) == errorType
	if f.fails {
		n--
	}
	f.sig.Result = &Type{Kind: Nil}
	switch n {
	case 0:
		return nil
	case 1:
		f.resultOf(t.Out(0))
		if f.result.err != nil {
			return fmt.Errorf("result of %v: %w", t, f.result.err)
		}
		return nil
	}
	return fmt.Errorf("value: results of %v: at most one and an error", t)
}

// resultOf reads the type of the one result that is no error.
func (f *Func) resultOf(t reflect.Type) {
	if element := elementOf(t); element != nil {
		f.sig.Stream = true
		f.result = codecOf(element)
		f.sig.Result = &Type{Kind: Stream, Elem: f.result.typ}
		return
	}
	f.result = codecOf(t)
	f.sig.Result = f.result.typ
}

// describe puts what opts say into the signature.
func (f *Func) describe(opts FuncOptions) error {
	s := &f.sig
	s.Name, s.Doc = opts.Name, opts.Doc
	s.ReadOnly, s.Idempotent, s.Deprecated = opts.ReadOnly, opts.Idempotent, opts.Deprecated
	if err := f.nameParams(opts); err != nil {
		return err
	}
	for _, name := range opts.Secret {
		i := s.position(name)
		if i < 0 {
			return fmt.Errorf("value: secret parameter %q: no such parameter", name)
		}
		s.Params[i].Secret = true
	}
	for name, texts := range opts.Enums {
		if err := f.addEnum(name, texts); err != nil {
			return err
		}
	}
	return s.checkParams()
}

func (f *Func) nameParams(opts FuncOptions) error {
	params := f.sig.Params
	if len(opts.Params) != 0 && len(opts.Params) != len(params) {
		return fmt.Errorf("value: %d parameter names for a func with %d", len(opts.Params), len(params))
	}
	if len(opts.ParamDocs) > len(params) {
		return fmt.Errorf("value: %d parameter docs for a func with %d", len(opts.ParamDocs), len(params))
	}
	for i, name := range opts.Params {
		params[i].Name = name
	}
	for i, doc := range opts.ParamDocs {
		params[i].Doc = doc
	}
	return nil
}

func (f *Func) addEnum(name string, texts []string) error {
	i := f.sig.position(name)
	if i < 0 || f.sig.Params[i].Type.kind() != Text || len(texts) == 0 {
		return fmt.Errorf("value: enum of %q: it needs a parameter of type text, and texts", name)
	}
	enum := *f.sig.Params[i].Type
	enum.Enum = slices.Clone(texts)
	f.sig.Params[i].Type = &enum
	f.hasEnum = true
	return nil
}
