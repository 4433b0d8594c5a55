package value

import (
	"maps"
	"slices"
)

// Check reports whether args, in order, fit the signature. Too many or too few are an
// [ArityError], one that does not fit is a [TypeError] that names it, one that cannot be sent is an
// [EncodeError]. The values of secret parameters are in no message.
func (s *Signature) Check(args []any) error {
	if err := s.checkCount(len(args)); err != nil {
		return err
	}
	for i, arg := range args {
		if err := s.param(i).Type.Check(arg); err != nil {
			return s.blame(i, err)
		}
	}
	return nil
}

func (s *Signature) checkCount(got int) error {
	want := len(s.Params)
	if s.Variadic {
		want--
	}
	if got < want || got > want && !s.Variadic {
		return &ArityError{Want: want, Got: got, AtLeast: s.Variadic}
	}
	return nil
}

// param returns the parameter that argument i belongs to.
func (s *Signature) param(i int) *Param { return &s.Params[min(i, len(s.Params)-1)] }

// blame says in err which argument is to blame.
func (s *Signature) blame(i int, err error) error {
	if last := len(s.Params) - 1; s.Variadic && i >= last {
		err = under(indexStep(i-last), err)
	}
	return s.param(i).blame(i, err)
}

// blame says in err that it is about an argument for p, and nothing about the value of a secret.
func (p *Param) blame(i int, err error) error {
	if e, ok := err.(*TypeError); ok && p.Secret {
		e.Got = withoutValue(e.Got)
	}
	return under(argumentStep(p.Name, i), err)
}

// Bind puts arguments given by name into their places behind the positional ones. The last
// parameter of a variadic method may be named too: a []any then stands for all of its arguments.
// A name that is unknown or whose place is taken, and a place that stays empty, are an
// [ArgumentError]; too many positional arguments are an [ArityError]. Types are not looked at.
func (s *Signature) Bind(positional []any, named map[string]any) ([]any, error) {
	if len(named) == 0 {
		return positional, s.checkCount(len(positional))
	}
	if len(positional) > len(s.Params) && !s.Variadic {
		return nil, &ArityError{Want: len(s.Params), Got: len(positional) + len(named)}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if err := s.checkNamed(name, len(positional)); err != nil {
			return nil, err
		}
	}
	return s.fill(positional, named)
}

func (s *Signature) checkNamed(name string, positional int) error {
	i := s.position(name)
	switch {
	case i < 0:
		return &ArgumentError{Name: name, Reason: "no such parameter", Nearest: Nearest(name, s.names())}
	case i < positional:
		return &ArgumentError{Name: name, Reason: "given twice, by name and by position"}
	}
	return nil
}

func (s *Signature) fill(positional []any, named map[string]any) ([]any, error) {
	args := slices.Clone(positional)
	for i := len(positional); i < len(s.Params); i++ {
		name := s.Params[i].Name
		v, ok := named[name]
		rest := s.Variadic && i == len(s.Params)-1
		switch list, isList := v.([]any); {
		case !ok && rest:
		case !ok:
			return nil, &ArgumentError{Name: name, Reason: "missing"}
		case rest && isList:
			args = append(args, list...)
		default:
			args = append(args, v)
		}
	}
	return args, nil
}

// position returns where the parameter of that name stands, or -1.
func (s *Signature) position(name string) int {
	return slices.IndexFunc(s.Params, func(p Param) bool { return p.Name == name })
}

func (s *Signature) names() []string {
	names := make([]string, len(s.Params))
	for i := range s.Params {
		names[i] = s.Params[i].Name
	}
	return names
}
