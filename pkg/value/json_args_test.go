package value_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

func TestArgsFromJSON(t *testing.T) {
	multiply := newFunc(t, func(x, y int64) int64 { return 0 }, value.FuncOptions{Params: []string{"x", "y"}}).Signature()
	nothing := newFunc(t, func() {}, value.FuncOptions{}).Signature()
	send := newFunc(t, func(to, pin string, parts ...time.Duration) {}, value.FuncOptions{
		Params: []string{"to", "pin", "parts"}, Secret: []string{"pin"},
	}).Signature()
	deep := strings.Repeat("[", 64) + strings.Repeat("]", 64)
	tests := []struct {
		name  string
		sig   *value.Signature
		text  string
		first int
		want  []any
		named map[string]any
		err   string
	}{
		{"a list", multiply, ` [3, -4] `, 0, []any{int64(3), int64(-4)}, nil, ""},
		{"an object", multiply, `{"y":4}`, 0, nil, map[string]any{"y": int64(4)}, ""},
		{"a single one", multiply, `3`, 0, []any{int64(3)}, nil, ""},
		{"a list in a list", nil, `[[3]]`, 0, []any{[]any{int64(3)}}, nil, ""},
		{"none", nothing, `[]`, 0, []any{}, nil, ""},
		{"none by name", nil, `{}`, 0, nil, map[string]any{}, ""},
		{"by the type of the parameter", send, `["a","b","1h"]`, 0, []any{"a", "b", time.Hour}, nil, ""},
		{"behind others", send, `["b","1h","2s"]`, 1, []any{"b", time.Hour, 2 * time.Second}, nil, ""},
		{"the rest by name", send, `{"parts":["1h"]}`, 0, nil, map[string]any{"parts": []any{time.Hour}}, ""},
		{"too many are read all the same", multiply, `[1,2,"x"]`, 0, []any{int64(1), int64(2), "x"}, nil, ""},
		{"as deep as arguments go", nil, "[" + deep + "]", 0, nil, nil, ""},
		{"deeper", nil, "[[" + deep + "]]", 0, nil, nil, "cannot decode: nested deeper than 64 at byte 65"},
		{"misfit", multiply, `[1,"a"]`, 0, nil, nil, `argument y: expected int, got text "a"`},
		{"misfit behind others", multiply, `"a"`, 1, nil, nil, `argument y: expected int, got text "a"`},
		{"misfit by name", multiply, `{"y":"a"}`, 0, nil, nil, `argument y: expected int, got text "a"`},
		{"misfit of the rest", send, `["a","b",3]`, 0, nil, nil, `argument parts[0]: expected duration, got int`},
		{"misfit of the rest by name", send, `{"parts":"1h"}`, 0, nil, nil, `argument parts: expected list<duration>, got text "1h"`},
		{"a secret is not shown", send, `["a",1234]`, 0, nil, nil, `argument pin: expected text, got int`},
		{"a name twice", multiply, `{"x":1,"x":2}`, 0, nil, nil, `cannot decode: JSON: `},
		{"a name without a signature", nil, `{"x":1}`, 0, nil, nil, "argument x: without a signature a name has no place; give it by position, or as text with str:"},
		{"malformed", multiply, `[3,`, 0, nil, nil, "cannot decode: "},
		{"two texts", multiply, `3 4`, 0, nil, nil, "cannot decode: text after the JSON value at byte 2"},
		{"nothing at all", multiply, ``, 0, nil, nil, "cannot decode: the JSON text ends too early at byte 0"},
		{"no UTF-8", multiply, "\"\xff\"", 0, nil, nil, "cannot decode: JSON is not valid UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, named, err := value.ArgsFromJSON([]byte(tt.text), tt.sig, tt.first)
			if tt.err != "" || err != nil {
				if tt.err == "" || !strings.HasPrefix(errorText(err), tt.err) {
					t.Errorf("got %v, want %s", err, tt.err)
				}
				return
			}
			if tt.want != nil && !equal(got, tt.want) || tt.named != nil && !equal(named, tt.named) {
				t.Errorf("got %#v, %#v, want %#v, %#v", got, named, tt.want, tt.named)
			}
		})
	}
}

// TestParseWordsLeavesPlacesOpen: what is missing may come from elsewhere.
func TestParseWordsLeavesPlacesOpen(t *testing.T) {
	sig := newFunc(t, func(x, y, z int64) {}, value.FuncOptions{Params: []string{"x", "y", "z"}}).Signature()
	positional, named, err := value.ParseWords([]string{"z=3", "1"}, sig, nil)
	if err != nil || !equal(positional, []any{int64(1)}) || !equal(named, map[string]any{"z": int64(3)}) {
		t.Fatalf("got %v, %v, %v", positional, named, err)
	}
	more, _, err := value.ArgsFromJSON([]byte("2"), sig, len(positional))
	if err != nil {
		t.Fatal(err)
	}
	args, err := sig.Bind(append(positional, more...), named)
	if err != nil || !equal(args, []any{int64(1), int64(2), int64(3)}) {
		t.Errorf("bound are %v, %v", args, err)
	}
	var arity *value.ArityError
	if _, _, err := value.ParseWords([]string{"1", "2", "3", "4"}, sig, nil); !errors.As(err, &arity) {
		t.Errorf("too many = %v, want an ArityError", err)
	}
}
