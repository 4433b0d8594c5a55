package value

import "unicode/utf8"

// ArgsFromJSON reads arguments of a call from one JSON text: a list holds some by position, an
// object some by name, and anything else is a single one by position. The first by position is for
// the parameter number first, counted from 0. Each is read as [FromJSON] reads it by the type of
// its parameter; a nil sig knows no types. [Signature.Bind] puts them into their places, and says
// what is missing, too much or unknown.
//
// Malformed text, a name given twice and what is over a limit are a [DecodeError], what does not
// fit its parameter is a [TypeError] that names it, and a name without a signature is an
// [ArgumentError]. The values of secret parameters are in no message.
func ArgsFromJSON(data []byte, sig *Signature, first int) (positional []any, named map[string]any, err error) {
	if !utf8.Valid(data) {
		return nil, nil, &DecodeError{Offset: -1, Reason: "JSON is not valid UTF-8"}
	}
	r := argumentReader{jsonReader{data: data}, sig}
	if err := r.arguments(first); err != nil {
		return nil, nil, err
	}
	if r.space(); r.at < len(data) {
		return nil, nil, r.fail("text after the JSON value")
	}
	if err := checkWhole(r.out, MaxDepth+1); err != nil {
		return nil, nil, &DecodeError{Offset: -1, Reason: "JSON: " + err.(*DecodeError).Reason}
	}
	switch v, _ := readAny(r.out, 0); v := v.(type) {
	case []any:
		return v, nil, nil
	case map[string]any:
		return nil, v, sig.takeNames(v)
	}
	panic("value: arguments are neither a list nor a map")
}

// takeNames refuses names where there is no signature with places for them.
func (s *Signature) takeNames(named map[string]any) error {
	if s != nil {
		return nil
	}
	for name := range named {
		return nameWithoutPlace(name)
	}
	return nil
}

func nameWithoutPlace(name string) error {
	return &ArgumentError{Name: name, Reason: "without a signature a name has no place; give it by position, or as text with str:"}
}

// argumentReader writes the arguments to out, as a list or as a map.
type argumentReader struct {
	jsonReader
	sig *Signature
}

func (r *argumentReader) arguments(first int) error {
	r.space()
	switch r.peek() {
	case '[':
		return r.positional(first)
	case '{':
		return r.named()
	}
	r.out = appendHead(r.out, majorList, 1)
	return r.argument(first)
}

func (r *argumentReader) positional(first int) error {
	r.at++
	r.out = append(r.out, majorList<<5|indefinite)
	for i := first; ; i++ {
		more, err := r.another(i-first, ']')
		if err != nil || !more {
			return err
		}
		if err := r.argument(i); err != nil {
			return err
		}
	}
}

// argument reads argument i. One that there is no parameter for is read all the same: how many
// there are is what will be told then.
func (r *argumentReader) argument(i int) error {
	if r.sig == nil {
		return under(argumentStep("", i), r.value(nil, MaxDepth))
	}
	if i >= len(r.sig.Params) && !r.sig.Variadic {
		return r.value(nil, MaxDepth)
	}
	if err := r.value(r.sig.param(i).Type, MaxDepth); err != nil {
		return r.sig.blame(i, err)
	}
	return nil
}

func (r *argumentReader) named() error {
	r.at++
	r.out = append(r.out, majorMap<<5|indefinite)
	for n := 0; ; n++ {
		more, err := r.another(n, '}')
		if err != nil || !more {
			return err
		}
		key, err := r.key()
		if err != nil {
			return err
		}
		r.out = append(appendHead(r.out, majorText, uint64(len(key))), key...)
		if err := r.argumentNamed(key); err != nil {
			return err
		}
	}
}

// argumentNamed reads the argument of that name. For the rest of a variadic method it is the list
// of them all.
func (r *argumentReader) argumentNamed(name string) error {
	i := -1
	if r.sig != nil {
		i = r.sig.position(name)
	}
	if i < 0 {
		return r.value(nil, MaxDepth)
	}
	t := r.sig.Params[i].Type
	if r.sig.Variadic && i == len(r.sig.Params)-1 {
		t = &Type{Kind: List, Elem: t}
	}
	if err := r.value(t, MaxDepth); err != nil {
		return r.sig.Params[i].blame(i, err)
	}
	return nil
}
