package value

import "strings"

// Kind is the sort of a type.
type Kind uint8

// The kinds, in the order of help texts. Numbers stay inside a process; schemas travel.
const (
	Any      Kind = 0 // whatever a message may carry
	Nil      Kind = 1
	Bool     Kind = 2
	Int      Kind = 3 // an integer of any size
	Number   Kind = 4 // an integer, a float64 or a Decimal
	Text     Kind = 5
	Bytes    Kind = 6
	DateTime Kind = 7 // a time.Time or a LocalTime
	Day      Kind = 8 // a Date; its name is "date"
	Clock    Kind = 9 // a TimeOfDay; its name is "time"
	Duration Kind = 10
	List     Kind = 11
	Map      Kind = 12
	Stream   Kind = 13 // many results before the last
)

var kindNames = [...]string{
	"any", "nil", "bool", "int", "number", "text", "bytes", "datetime", "date", "time", "duration",
	"list", "map", "stream",
}

// String returns the name people see: any nil bool int number text bytes datetime date time
// duration list map stream.
func (k Kind) String() string { return kindNames[k] }

// Type says which values fit. A nil *Type is [Any]. Types are never changed once made, so any
// number of goroutines may use one.
type Type struct {
	Kind     Kind
	Nullable bool     // nil fits too: the Go type is a pointer
	Elem     *Type    // of a List, Stream, or Map whose values are all alike; nil means any
	Enum     []string // of a Text: nothing else fits
	Fields   []Field  // of a Map made from a struct, in field order; other members fit and are ignored
}

// Field is a member a Map is known to have.
type Field struct {
	Name string
	Type *Type
}

// String returns the name of the type: list and stream show what they hold, as in list<int>.
func (t *Type) String() string {
	if t == nil {
		return Any.String()
	}
	if t.Kind == List || t.Kind == Stream {
		return t.Kind.String() + "<" + t.Elem.String() + ">"
	}
	return t.Kind.String()
}

// ParseType reads a name that [Type.String] has written, so it knows no enums and no fields.
func ParseType(name string) (*Type, error) {
	for depth := 0; depth < MaxDepth; depth++ {
		inner, ok := strings.CutSuffix(name, strings.Repeat(">", depth))
		if !ok {
			break
		}
		if t := parseNested(inner, depth); t != nil {
			return t, nil
		}
	}
	return nil, &NameError{"type", name, "no such type"}
}

// parseNested reads depth times "list<" or "stream<" and then the name of a kind without brackets.
func parseNested(name string, depth int) *Type {
	if depth > 0 {
		outer, inner, _ := strings.Cut(name, "<")
		elem := parseNested(inner, depth-1)
		if elem == nil || outer != "list" && outer != "stream" {
			return nil
		}
		return &Type{Kind: kindNamed(outer), Elem: elem}
	}
	kind := kindNamed(name)
	if kind == noKind || kind == List || kind == Stream {
		return nil
	}
	return &Type{Kind: kind}
}

const noKind Kind = 255

func kindNamed(name string) Kind {
	for k, n := range kindNames {
		if n == name {
			return Kind(k)
		}
	}
	return noKind
}

func (t *Type) kind() Kind {
	if t == nil {
		return Any
	}
	return t.Kind
}

func (t *Type) elem() *Type {
	if t == nil {
		return nil
	}
	return t.Elem
}

// member returns what fits under a name of a Map.
func (t *Type) member(name string) *Type {
	if t == nil || t.Kind != Map {
		return nil
	}
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return t.Fields[i].Type
		}
	}
	return t.Elem
}
