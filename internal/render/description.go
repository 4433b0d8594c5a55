package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/value"
)

// Description is a service, its instances and its methods. Its JSON is a contract.
type Description struct {
	Name        string                  `json:"name"`
	Description string                  `json:"description"`
	Groups      []string                `json:"groups"`
	Instances   []exchange.InstanceInfo `json:"instances"`
	Methods     []Method                `json:"methods"`
	Subjects    []string                `json:"subjects"`
	Fallback    bool                    `json:"fallback,omitempty"` // it answers methods of any other name, too
}

// Method is a method as people see it: names of types for reading, JSON Schema for programs.
type Method struct {
	Name       string  `json:"name"`
	Doc        string  `json:"doc"`
	Params     []Param `json:"params"`
	Result     Shape   `json:"result"`
	ReadOnly   bool    `json:"readonly"`
	Idempotent bool    `json:"idempotent"`
	Deprecated bool    `json:"deprecated"`
	Stream     bool    `json:"stream"`

	variadic bool
}

// Param is one parameter of a method.
type Param struct {
	Name string `json:"name"`
	Shape
	Doc string `json:"doc"`

	enum []string
}

// Shape is a type in both forms.
type Shape struct {
	Type   string          `json:"type"`
	Schema json.RawMessage `json:"schema"`
}

// MarshalJSON puts the members into the order of the contract: a doc stands before a schema.
func (p Param) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // types read list<int>; who encodes the whole may still escape
	err := encoder.Encode(struct {
		Name   string          `json:"name"`
		Type   string          `json:"type"`
		Doc    string          `json:"doc"`
		Schema json.RawMessage `json:"schema"`
	}{p.Name, p.Type, p.Doc, p.Schema})
	return out.Bytes(), err
}

// MethodOf describes a method by its signature.
func MethodOf(sig *value.Signature) Method {
	m := Method{
		Name: sig.Name, Doc: sig.Doc, Params: []Param{}, Result: shapeOf(sig.Result),
		ReadOnly: sig.ReadOnly, Idempotent: sig.Idempotent, Deprecated: sig.Deprecated, Stream: sig.Stream,
		variadic: sig.Variadic,
	}
	for _, p := range sig.Params {
		param := Param{Name: p.Name, Doc: p.Doc, Shape: shapeOf(p.Type)}
		if p.Type != nil {
			param.enum = p.Type.Enum
		}
		m.Params = append(m.Params, param)
	}
	return m
}

func shapeOf(t *value.Type) Shape { return Shape{Type: t.String(), Schema: t.Schema()} }

// UsageOf is a signature in one line, as Method.Usage has it.
func UsageOf(sig *value.Signature) string {
	m := MethodOf(sig)
	return m.Usage()
}

// Usage is the method in one line, as in "multiply(x int, y int) -> int".
func (m *Method) Usage() string {
	params := make([]string, len(m.Params))
	for i, p := range m.Params {
		params[i] = p.Name + " " + p.Type
		if len(p.enum) > 0 {
			params[i] = p.Name + " " + strings.Join(p.enum, "|")
		}
		if m.variadic && i == len(m.Params)-1 {
			params[i] += "..."
		}
	}
	return fmt.Sprintf("%s(%s) -> %s", m.Name, strings.Join(params, ", "), m.Result.Type)
}

// marks are the words behind a method's usage.
func (m *Method) marks() string {
	var words []string
	for _, mark := range []struct {
		set  bool
		word string
	}{{m.ReadOnly, "readonly"}, {m.Idempotent, "idempotent"}, {m.Deprecated, "deprecated"}, {m.Stream, "stream"}} {
		if mark.set {
			words = append(words, mark.word)
		}
	}
	return strings.Join(words, " ")
}

// Append appends the description as text for people.
func (d *Description) Append(dst []byte, l Look) []byte {
	dst = l.appendPainted(dst, bold, Clean(d.Name))
	if len(d.Groups) > 0 {
		dst = append(dst, "  in "+Clean(strings.Join(d.Groups, " "))...)
	}
	dst = append(dst, '\n')
	dst = appendIndented(dst, d.Description)
	if len(d.Instances) > 0 {
		dst = append(dst, '\n')
		dst = InstanceTable([]exchange.ServiceInfo{{Instances: d.Instances}}).Append(dst, l)
	}
	for i := range d.Methods {
		dst = append(dst, '\n')
		dst = d.Methods[i].Append(dst, l)
	}
	if len(d.Subjects) > 0 {
		dst = append(dst, "\npublishes "+Clean(strings.Join(d.Subjects, " "))+"\n"...)
	}
	if d.Fallback {
		dst = append(dst, '\n')
		dst = l.appendPainted(dst, faint, "A method of any other name may be answered, too.")
		dst = append(dst, '\n')
	}
	return dst
}

// Append appends the method as text for people.
func (m *Method) Append(dst []byte, l Look) []byte {
	dst = l.appendPainted(dst, bold, Clean(m.Usage()))
	if marks := m.marks(); marks != "" {
		dst = append(dst, "  "...)
		dst = l.appendPainted(dst, faint, marks)
	}
	dst = append(dst, '\n')
	dst = appendIndented(dst, m.Doc)
	for _, p := range m.Params {
		if p.Doc != "" {
			dst = appendIndented(dst, p.Name+": "+p.Doc)
		}
	}
	return dst
}

// appendIndented appends text from outside below a heading, line by line.
func appendIndented(dst []byte, text string) []byte {
	for line := range strings.Lines(text) {
		dst = append(dst, "    "+Clean(strings.TrimRight(line, "\r\n"))+"\n"...)
	}
	return dst
}
