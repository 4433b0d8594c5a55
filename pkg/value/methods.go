package value

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// methodOf and paramOf are signatures as they travel. Types travel as schemas; any is left out.
type methodOf struct {
	Name       string    `netsvc:"name"`
	Doc        string    `netsvc:"doc,omitempty"`
	Params     []paramOf `netsvc:"params,omitempty"`
	Variadic   bool      `netsvc:"variadic,omitempty"`
	Result     Raw       `netsvc:"result,omitempty"`
	ReadOnly   bool      `netsvc:"readonly,omitempty"`
	Idempotent bool      `netsvc:"idempotent,omitempty"`
	Deprecated bool      `netsvc:"deprecated,omitempty"`
	Stream     bool      `netsvc:"stream,omitempty"`
}

type paramOf struct {
	Name   string `netsvc:"name"`
	Doc    string `netsvc:"doc,omitempty"`
	Type   Raw    `netsvc:"type,omitempty"`
	Secret bool   `netsvc:"secret,omitempty"`
}

// EncodeMethods encodes the signatures of one instance, sorted by name, so that replicas with the
// same methods have the same bytes and the same [HashMethods]. It refuses what [DecodeMethods]
// would refuse: more than [MaxMethods] methods or [MaxMethodsBytes] bytes, and wrong or doubled
// names.
func EncodeMethods(methods []Signature) ([]byte, error) {
	sorted := slices.Clone(methods)
	slices.SortStableFunc(sorted, func(a, b Signature) int { return strings.Compare(a.Name, b.Name) })
	if err := checkMethods(sorted); err != nil {
		return nil, err
	}
	list := make([]methodOf, len(sorted))
	for i := range sorted {
		list[i] = sorted[i].travelling()
	}
	blob, err := Append(nil, list)
	if err != nil {
		return nil, fmt.Errorf("value: encode signatures: %w", err)
	}
	if len(blob) > MaxMethodsBytes {
		return nil, fmt.Errorf("value: signatures take %d bytes, the limit is %d", len(blob), MaxMethodsBytes)
	}
	return blob, nil
}

// DecodeMethods reads what [EncodeMethods] has written. All that is wrong with it is a
// [DecodeError].
func DecodeMethods(blob []byte) ([]Signature, error) {
	if len(blob) > MaxMethodsBytes {
		return nil, badMethods(fmt.Sprintf("%d bytes, the limit is %d", len(blob), MaxMethodsBytes))
	}
	args, err := ReadArgs(blob)
	if err != nil {
		return nil, badMethods(err.Error())
	}
	if args.Len() > MaxMethods {
		return nil, badMethods(fmt.Sprintf("%d methods, the limit is %d", args.Len(), MaxMethods))
	}
	methods := make([]Signature, 0, args.Len())
	for _, raw := range args.All() {
		s, err := decodeMethod(raw)
		if err != nil {
			return nil, badMethods(err.Error())
		}
		methods = append(methods, s)
	}
	if err := checkMethods(methods); err != nil {
		return nil, badMethods(err.Error())
	}
	return methods, nil
}

// HashMethods names an encoded list of signatures: the first half of its SHA-256.
func HashMethods(blob []byte) [16]byte {
	sum := sha256.Sum256(blob)
	return [16]byte(sum[:16])
}

func badMethods(reason string) error {
	return &DecodeError{Offset: -1, Reason: "signatures: " + reason}
}

func (s *Signature) travelling() methodOf {
	m := methodOf{
		Name: s.Name, Doc: s.Doc, Variadic: s.Variadic, Result: travellingType(s.Result),
		ReadOnly: s.ReadOnly, Idempotent: s.Idempotent, Deprecated: s.Deprecated, Stream: s.Stream,
	}
	for _, p := range s.Params {
		m.Params = append(m.Params, paramOf{p.Name, p.Doc, travellingType(p.Type), p.Secret})
	}
	return m
}

func travellingType(t *Type) Raw {
	if t.kind() == Any {
		return nil
	}
	return t.appendSchema(nil)
}

func decodeMethod(raw Raw) (Signature, error) {
	var m methodOf
	if err := Unmarshal(raw, &m); err != nil {
		return Signature{}, err
	}
	result, err := readInner(m.Result)
	if err != nil {
		return Signature{}, err
	}
	s := Signature{
		Name: m.Name, Doc: m.Doc, Variadic: m.Variadic, Result: result,
		ReadOnly: m.ReadOnly, Idempotent: m.Idempotent, Deprecated: m.Deprecated, Stream: m.Stream,
	}
	for _, p := range m.Params {
		t, err := readInner(p.Type)
		if err != nil {
			return Signature{}, err
		}
		s.Params = append(s.Params, Param{p.Name, p.Doc, t, p.Secret})
	}
	return s, nil
}

func checkMethods(methods []Signature) error {
	if len(methods) > MaxMethods {
		return fmt.Errorf("value: %d methods, the limit is %d", len(methods), MaxMethods)
	}
	seen := make(map[string]bool, len(methods))
	for i := range methods {
		s := &methods[i]
		if err := CheckMethodName(s.Name); err != nil {
			return err
		}
		if seen[s.Name] {
			return &NameError{"method name", s.Name, "given twice"}
		}
		seen[s.Name] = true
		if err := s.checkParams(); err != nil {
			return fmt.Errorf("method %s: %w", s.Name, err)
		}
	}
	return nil
}

func (s *Signature) checkParams() error {
	if s.Variadic && len(s.Params) == 0 {
		return &NameError{"parameter", "", "a variadic method needs one"}
	}
	seen := make(map[string]bool, len(s.Params))
	for _, p := range s.Params {
		if !isWord(p.Name) {
			return &NameError{"parameter name", p.Name, "must be letters, digits and _, not beginning with a digit"}
		}
		if seen[p.Name] {
			return &NameError{"parameter name", p.Name, "given twice"}
		}
		seen[p.Name] = true
	}
	return nil
}
