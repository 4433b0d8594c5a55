package value_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

func TestMethodsReadBack(t *testing.T) {
	methods := mathMethods(t)
	blob, err := value.EncodeMethods(methods)
	if err != nil {
		t.Fatal(err)
	}
	got, err := value.DecodeMethods(blob)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || got[0].Name != "login" || !got[0].Params[1].Secret || !got[2].Stream || !got[3].Variadic {
		t.Fatalf("got %+v", got)
	}
	again, err := value.EncodeMethods(got)
	if err != nil || string(again) != string(blob) {
		t.Errorf("encoded again: %v, the same bytes: %v", err, string(again) == string(blob))
	}
	methods[0], methods[3] = methods[3], methods[0]
	shuffled, err := value.EncodeMethods(methods)
	if err != nil || value.HashMethods(shuffled) != value.HashMethods(blob) {
		t.Errorf("another order of export has another hash (%v)", err)
	}
}

func TestEncodeMethodsRefuses(t *testing.T) {
	many := make([]value.Signature, value.MaxMethods+1)
	for i := range many {
		many[i].Name = fmt.Sprint("m", i)
	}
	long := value.Signature{Name: "a", Doc: strings.Repeat("x", value.MaxMethodsBytes)}
	param := func(names ...string) value.Signature {
		s := value.Signature{Name: "a"}
		for _, name := range names {
			s.Params = append(s.Params, value.Param{Name: name})
		}
		return s
	}
	tests := []struct {
		name    string
		methods []value.Signature
		want    string
	}{
		{"too many", many, "1025 methods"},
		{"too long", []value.Signature{long}, "262"},
		{"doubled", []value.Signature{{Name: "a"}, {Name: "a"}}, "given twice"},
		{"reserved", []value.Signature{{Name: "system.x"}}, "reserved"},
		{"bad parameter", []value.Signature{param("1")}, "parameter name"},
		{"doubled parameter", []value.Signature{param("x", "x")}, "given twice"},
		{"variadic without parameters", []value.Signature{{Name: "a", Variadic: true}}, "variadic"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := value.EncodeMethods(tt.methods); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestDecodeMethodsRefuses(t *testing.T) {
	encode := func(v any) []byte {
		data, err := value.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	type m = map[string]any
	tests := []struct {
		name string
		blob []byte
	}{
		{"nothing", nil},
		{"no list", encode(m{})},
		{"too long", encode(strings.Repeat("x", value.MaxMethodsBytes))},
		{"too many", encode(make([]bool, value.MaxMethods+1))},
		{"no map", encode([]any{1})},
		{"bad name", encode([]any{m{"name": "a b"}})},
		{"doubled name", encode([]any{m{"name": "a"}, m{"name": "a"}})},
		{"doc is a number", encode([]any{m{"name": "a", "doc": 1}})},
		{"bad parameter name", encode([]any{m{"name": "a", "params": []any{m{"name": ""}}}})},
		{"schema is a list", encode([]any{m{"name": "a", "result": []any{}}})},
		{"items is a text", encode([]any{m{"name": "a", "result": m{"type": "array", "items": "x"}}})},
		{"properties is a list", encode([]any{m{"name": "a", "result": m{"type": "object", "properties": []any{}}}})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var bad *value.DecodeError
			if _, err := value.DecodeMethods(tt.blob); !errors.As(err, &bad) {
				t.Errorf("got %v, want a DecodeError", err)
			}
		})
	}
}

func TestTypesAndSchemas(t *testing.T) {
	type tree struct {
		Value int     `json:"value"`
		Left  *tree   `json:"left"`
		More  []*tree `json:"more"`
	}
	tests := []struct {
		goType       reflect.Type
		name, schema string
	}{
		{reflect.TypeFor[any](), "any", `{}`},
		{reflect.TypeFor[bool](), "bool", `{"type":"boolean"}`},
		{reflect.TypeFor[uint8](), "int", `{"type":"integer"}`},
		{reflect.TypeFor[*float32](), "number", `{"type":["number","null"]}`},
		{reflect.TypeFor[value.Decimal](), "number", `{"type":"number"}`},
		{reflect.TypeFor[string](), "text", `{"type":"string"}`},
		{reflect.TypeFor[[]byte](), "bytes", `{"type":"string","contentEncoding":"base64"}`},
		{reflect.TypeFor[time.Time](), "datetime", `{"type":"string","format":"date-time"}`},
		{reflect.TypeFor[value.Date](), "date", `{"type":"string","format":"date"}`},
		{reflect.TypeFor[value.TimeOfDay](), "time", `{"type":"string","format":"time"}`},
		{reflect.TypeFor[time.Duration](), "duration", `{"type":"string","format":"go-duration"}`},
		{reflect.TypeFor[[][]int](), "list<list<int>>", `{"type":"array","items":{"type":"array","items":{"type":"integer"}}}`},
		{reflect.TypeFor[[]any](), "list<any>", `{"type":"array","items":{}}`},
		{reflect.TypeFor[map[string]any](), "map", `{"type":"object"}`},
		{reflect.TypeFor[map[string]bool](), "map", `{"type":"object","additionalProperties":{"type":"boolean"}}`},
		{reflect.TypeFor[tree](), "map", `{"type":"object","properties":{"value":{"type":"integer"},"left":{"type":["object","null"]},"more":{"type":"array","items":{"type":["object","null"]}}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			typ, err := value.TypeOf(tt.goType)
			if err != nil {
				t.Fatal(err)
			}
			if typ.String() != tt.name || string(typ.Schema()) != tt.schema {
				t.Errorf("got %s %s, want %s", typ, typ.Schema(), tt.schema)
			}
			back, err := value.ParseSchema(typ.Schema())
			if err != nil || string(back.Schema()) != tt.schema || back.String() != tt.name {
				t.Errorf("read back: %s %s, %v", back, back.Schema(), err)
			}
			if named, err := value.ParseType(tt.name); err != nil || named.String() != tt.name {
				t.Errorf("ParseType = %v, %v", named, err)
			}
		})
	}
}

func TestParseSchemaTakesForeignOnes(t *testing.T) {
	tests := []struct{ schema, want string }{
		{`{"$schema":"x","title":"t","type":"integer","minimum":0}`, `{"type":"integer"}`},
		{`{"type":["null","string"],"enum":["a",1]}`, `{"type":["string","null"],"enum":["a"]}`},
		{`{"type":["integer","string"]}`, `{}`},
		{`{"anyOf":[]}`, `{}`},
		{`{"type":"string","format":"email"}`, `{"type":"string"}`},
		{`{"type":"object","additionalProperties":false}`, `{"type":"object"}`},
		{`{"type":"what"}`, `{}`},
	}
	for _, tt := range tests {
		got, err := value.ParseSchema([]byte(tt.schema))
		if err != nil || string(got.Schema()) != tt.want {
			t.Errorf("ParseSchema(%s) = %s, %v, want %s", tt.schema, got.Schema(), err, tt.want)
		}
	}
	for _, bad := range []string{``, `[]`, `{"type":`, `3`} {
		if _, err := value.ParseSchema([]byte(bad)); err == nil {
			t.Errorf("ParseSchema(%s) went well", bad)
		}
	}
}

func TestParseTypeRefuses(t *testing.T) {
	for _, name := range []string{"", "integer", "list", "list<", "list<>", "list<int", "list<int>>", "map<int>", strings.Repeat("list<", 100) + strings.Repeat(">", 100)} {
		if typ, err := value.ParseType(name); err == nil {
			t.Errorf("ParseType(%q) = %v", name, typ)
		}
	}
}

func TestSignatureCheck(t *testing.T) {
	s := newFunc(t, func(user, password, realm string, tries ...int) {}, value.FuncOptions{
		Params: []string{"user", "password", "realm", "tries"}, Secret: []string{"password"},
		Enums: map[string][]string{"realm": {"local", "remote"}},
	}).Signature()
	tests := []struct {
		name string
		args []any
		want string
	}{
		{"all well", []any{"u", "p", "local", 1, 2}, ""},
		{"too few", []any{"u"}, "expected at least 3 arguments, got 1"},
		{"wrong type", []any{1, "p", "local"}, "argument user: expected text, got int 1"},
		{"secret of the wrong type", []any{"u", 1234, "local"}, "argument password: expected text, got int"},
		{"not in the enum", []any{"u", "p", "mars"}, `argument realm: expected one of local, remote, got text "mars"`},
		{"variadic", []any{"u", "p", "local", 1, "x"}, `argument tries[1]: expected int, got text "x"`},
		{"cannot travel", []any{"u", "p", "local", make(chan int)}, "argument tries[0]: cannot encode: Go type chan int has no encoded form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := errorText(s.Check(tt.args)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestArityErrors(t *testing.T) {
	two := newFunc(t, func(x, y int64) int64 { return x }, value.FuncOptions{}).Signature()
	one := newFunc(t, func(x int64) int64 { return x }, value.FuncOptions{}).Signature()
	if got := errorText(two.Check([]any{1, 2, 3})); got != "expected 2 arguments, got 3" {
		t.Error(got)
	}
	if got := errorText(one.Check(nil)); got != "expected 1 argument, got 0" {
		t.Error(got)
	}
}

func TestBind(t *testing.T) {
	fixed := newFunc(t, func(x, y, z int) {}, value.FuncOptions{Params: []string{"x", "y", "zeta"}}).Signature()
	open := newFunc(t, func(x int, rest ...int) {}, value.FuncOptions{Params: []string{"x", "rest"}}).Signature()
	tests := []struct {
		name       string
		sig        *value.Signature
		positional []any
		named      map[string]any
		want       []any
		err        string
	}{
		{"by position", fixed, []any{1, 2, 3}, nil, []any{1, 2, 3}, ""},
		{"by name", fixed, nil, map[string]any{"zeta": 3, "x": 1, "y": 2}, []any{1, 2, 3}, ""},
		{"both", fixed, []any{1}, map[string]any{"zeta": 3, "y": 2}, []any{1, 2, 3}, ""},
		{"nil by name", fixed, []any{1, 2}, map[string]any{"zeta": nil}, []any{1, 2, nil}, ""},
		{"unknown", fixed, []any{1, 2}, map[string]any{"zeat": 3}, nil, "argument zeat: no such parameter (did you mean zeta?)"},
		{"unknown and odd", fixed, nil, map[string]any{"\x1b": 3}, nil, `argument "\x1b": no such parameter`},
		{"twice", fixed, []any{1, 2}, map[string]any{"x": 3}, nil, "argument x: given twice, by name and by position"},
		{"missing", fixed, []any{1}, map[string]any{"zeta": 3}, nil, "argument y: missing"},
		{"too many", fixed, []any{1, 2, 3, 4}, map[string]any{"x": 3}, nil, "expected 3 arguments, got 5"},
		{"too few", fixed, []any{1}, nil, nil, "expected 3 arguments, got 1"},
		{"rest by position", open, []any{1, 2, 3}, nil, []any{1, 2, 3}, ""},
		{"rest as a list", open, []any{1}, map[string]any{"rest": []any{2, 3}}, []any{1, 2, 3}, ""},
		{"rest left out", open, nil, map[string]any{"x": 1}, []any{1}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.sig.Bind(tt.positional, tt.named)
			if errorText(err) != tt.err || err == nil && !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, %v, want %v, %s", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestTypeNamesOfWhatHasTravelled(t *testing.T) {
	echo := newFunc(t, func(v any) any { return v }, value.FuncOptions{Name: "echo"}).Signature()
	note := newFunc(t, func(s string, at []time.Time) error { return nil }, value.FuncOptions{Name: "note"}).Signature()
	blob, err := value.EncodeMethods([]value.Signature{*echo, *note})
	if err != nil {
		t.Fatal(err)
	}
	got, err := value.DecodeMethods(blob)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"[any any]", "[nil text list<datetime>]"} {
		if names := fmt.Sprint(got[i].TypeNames()); names != want {
			t.Errorf("%s: got %s, want %s", got[i].Name, names, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
