package value_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// sources are files by name; stdin is the one named "-".
type sources map[string]string

func (s sources) Stdin() ([]byte, error) { return s.File("-") }

func (s sources) File(path string) ([]byte, error) {
	text, ok := s[path]
	if !ok {
		return nil, os.ErrNotExist
	}
	return []byte(text), nil
}

var world = sources{"-": "[1, 2]", "a.txt": "text\n", "a.json": `{"a": [1.5]}`, "bad.json": "{", "bin": "\xff\x00", "dates": `["2026-11-22"]`}

func TestParseForm(t *testing.T) {
	day := value.Date{Year: 2026, Month: 11, Day: 22}
	ten := value.TimeOfDay(10 * time.Hour)
	instant := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	tests := []struct {
		word, typ string
		want      any
	}{
		{"-", "text", "[1, 2]"},
		{"-", "any", "[1, 2]"},
		{":-", "any", []any{int64(1), int64(2)}},
		{":-", "list<number>", []any{1.0, 2.0}},
		{"@@a.txt", "text", "@a.txt"},
		{"@@", "text", "@"},
		{"@a.txt", "text", "text\n"},
		{":@a.json", "map", map[string]any{"a": []any{1.5}}},
		{":@dates", "list<date>", []any{day}},
		{"b64:aGk=", "bytes", []byte("hi")},
		{"b64:", "any", []byte{}},
		{"hex:00fF", "bytes", []byte{0, 255}},
		{"bytes:@bin", "bytes", []byte{255, 0}},
		{"bytes:-", "bytes", []byte("[1, 2]")},
		{"bytes:x", "text", "bytes:x"},
		{"date:2026-11-22", "any", day},
		{"time:10:00:00", "any", ten},
		{"datetime:2026-11-22T10:00:00Z", "any", instant},
		{"datetime:2026-11-22T10:00:00", "datetime", value.LocalTime{Date: day, Time: ten}},
		{"dur:1h30m", "any", 90 * time.Minute},
		{"str:-", "text", "-"},
		{"str:str:@x", "any", "str:@x"},
		{"str:", "any", ""},
		{"3", "any", int64(3)},
		{"3.0", "any", 3.0},
		{"-0", "any", math.Copysign(0, -1)},
		{"1e400", "any", "1e400"},
		{"true", "any", true},
		{"null", "any", nil},
		{`"3"`, "any", "3"},
		{"{bad", "any", "{bad"},
		{"", "any", ""},
		{"a=b", "any", "a=b"},
		{"3", "text", "3"},
		{"null", "text", "null"},
		{`"x"`, "text", `"x"`},
		{"nil", "nil", nil},
		{"false", "bool", false},
		{"-3", "int", int64(-3)},
		{"+3", "int", int64(3)},
		{"007", "int", int64(7)},
		{"123456789012345678901234567890", "int", bigInt("123456789012345678901234567890")},
		{"3", "number", 3.0},
		{"9007199254740993", "number", int64(9007199254740993)},
		{"-.5", "number", -0.5},
		{"-0", "number", math.Copysign(0, -1)},
		{"1.000000000000000000", "number", 1.0},
		{"0.30000000000000004", "number", 0.30000000000000004},
		{"0.1234567890123456789", "number", value.Decimal{Mantissa: big.NewInt(1234567890123456789), Exponent: -19}},
		{"1e400", "number", value.Decimal{Mantissa: big.NewInt(1), Exponent: 400}},
		{"1e-400", "number", value.Decimal{Mantissa: big.NewInt(1), Exponent: -400}},
		{"-1e3", "number", -1000.0},
		{"5.", "number", 5.0},
		{"-Inf", "number", math.Inf(-1)},
		{"+Inf", "number", math.Inf(1)},
		{"Infinity", "number", math.Inf(1)},
		{"aGk=", "bytes", []byte("hi")},
		{"2026-11-22T11:00:00+01:00", "datetime", instant.In(time.FixedZone("", 3600))},
		{"2026-11-22", "date", day},
		{"10:00:00.5", "time", ten + value.TimeOfDay(time.Second/2)},
		{"1m30s", "duration", 90 * time.Second},
		{"[1,2]", "list<int>", []any{int64(1), int64(2)}},
		{`["1h"]`, "stream<duration>", []any{time.Hour}},
		{`{"b":{}}`, "map", map[string]any{"b": map[string]any{}}},
	}
	for _, tt := range tests {
		t.Run(tt.word+" as "+tt.typ, func(t *testing.T) {
			got, err := value.ParseForm(tt.word, parseType(t, tt.typ), world)
			if err != nil || !equal(got, tt.want) {
				t.Errorf("got %#v, %v, want %#v", got, err, tt.want)
			}
		})
	}
}

func TestParseFormRefuses(t *testing.T) {
	tests := []struct {
		word, typ string
		as        any
		want      string
	}{
		{"x", "int", new(*value.TypeError), `expected int, got text "x"`},
		{"3.0", "int", new(*value.TypeError), `expected int, got text "3.0"`},
		{"yes", "bool", new(*value.TypeError), `expected bool, got text "yes"`},
		{"x", "number", new(*value.TypeError), `expected number, got text "x"`},
		{"1e99999999999", "number", new(*value.TypeError), "expected number within the limits, got number 1e99999999999"},
		{"hello!", "bytes", new(*value.TypeError), `expected bytes (base64), got text "hello!"`},
		{"2026-02-29", "date", new(*value.TypeError), `expected date (2006-01-02), got text "2026-02-29"`},
		{"10:00", "time", new(*value.TypeError), `expected time (15:04:05), got text "10:00"`},
		{"1 hour", "duration", new(*value.TypeError), `expected duration (1h30m), got text "1 hour"`},
		{"yesterday", "datetime", new(*value.TypeError), `expected datetime (2006-01-02T15:04:05Z), got text "yesterday"`},
		{"[1,", "list<int>", new(*value.TypeError), `expected list<int> as JSON, got text "[1,"`},
		{`[1,"a"]`, "list<int>", new(*value.TypeError), `[1]: expected int, got text "a"`},
		{"[1.0]", "list<int>", new(*value.TypeError), "[0]: expected int, got number 1.0"},
		{"{}", "list<int>", new(*value.TypeError), "expected list<int>, got map"},
		{"null", "map", new(*value.TypeError), "expected map, got nil"},
		{"x", "nil", new(*value.TypeError), `expected nil, got text "x"`},
		{"date:2026-11-22", "text", new(*value.TypeError), "expected text, got date 2026-11-22"},
		{"date:x", "any", new(*value.TypeError), `expected date, got text "x"`},
		{"hex:0", "bytes", new(*value.TypeError), `expected hexadecimal, got text "0"`},
		{"b64:a", "bytes", new(*value.TypeError), `expected base64, got text "a"`},
		{"-", "int", new(*value.TypeError), `expected int, got text "[1, 2]"`},
		{":-", "text", new(*value.TypeError), "expected text, got list"},
		{"@gone", "text", new(*value.UsageError), `cannot read the file "gone": file does not exist`},
		{":@gone", "any", new(*value.UsageError), `cannot read the file "gone": file does not exist`},
		{"@bin", "text", new(*value.UsageError), "what was read is not valid UTF-8; take it as bytes:@FILE or bytes:-"},
		{":@bad.json", "any", new(*value.UsageError), `unreadable JSON in :@bad.json: cannot decode: expected a name in quotes at byte 1`},
		{"\xff", "any", new(*value.UsageError), "an argument is not valid UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.word+" as "+tt.typ, func(t *testing.T) {
			got, err := value.ParseForm(tt.word, parseType(t, tt.typ), world)
			if errorText(err) != tt.want || !errors.As(err, tt.as) {
				t.Errorf("got %v, %T %v, want %s", got, err, err, tt.want)
			}
		})
	}
}

func TestParseFormWithoutSources(t *testing.T) {
	for _, word := range []string{"-", ":-", "bytes:-", "@a", ":@a", "bytes:@a"} {
		var usage *value.UsageError
		if _, err := value.ParseForm(word, nil, nil); !errors.As(err, &usage) {
			t.Errorf("%s: got %v", word, err)
		}
	}
}

func TestParseArgs(t *testing.T) {
	multiply := newFunc(t, func(x, y int64) int64 { return 0 }, value.FuncOptions{Params: []string{"x", "y"}}).Signature()
	send := newFunc(t, func(to, secret string, parts ...any) {}, value.FuncOptions{
		Params: []string{"to", "secret", "parts"}, Secret: []string{"secret"},
	}).Signature()
	pin := newFunc(t, func(pin int) {}, value.FuncOptions{Params: []string{"pin"}, Secret: []string{"pin"}}).Signature()
	tests := []struct {
		name  string
		sig   *value.Signature
		words []string
		want  []any
		err   string
	}{
		{"by position", multiply, []string{"3", "-4"}, []any{int64(3), int64(-4)}, ""},
		{"by name", multiply, []string{"y:=4", "x=3"}, []any{int64(3), int64(4)}, ""},
		{"both", multiply, []string{"3", "y=4"}, []any{int64(3), int64(4)}, ""},
		{"nameless JSON", multiply, []string{":=3", ":=4"}, []any{int64(3), int64(4)}, ""},
		{"too many", multiply, []string{"1", "2", "3"}, nil, "expected 2 arguments, got 3"},
		{"too few", multiply, []string{"1"}, nil, "expected 2 arguments, got 1"},
		{"misfit", multiply, []string{"1", "a"}, nil, `argument y: expected int, got text "a"`},
		{"misfit by name", multiply, []string{"y=a", "x=1"}, nil, `argument y: expected int, got text "a"`},
		{"misfit in JSON", multiply, []string{"1", `:="a"`}, nil, `argument y: expected int, got text "a"`},
		{"bad JSON", multiply, []string{"1", "y:=a"}, nil, `unreadable JSON after y:=: cannot decode: expected a JSON value at byte 0`},
		{"twice", multiply, []string{"x=1", "x=2"}, nil, "argument x: given twice"},
		{"by name and position", multiply, []string{"x=1", "2"}, nil, "argument x: given twice, by name and by position"},
		{"missing", multiply, []string{"y=1"}, nil, "argument x: missing"},
		{"secret is not shown", pin, []string{"hunter2"}, nil, "argument pin: expected int, got text"},
		{"secret JSON is not shown", pin, []string{"pin:=hunter2"}, nil, "unreadable JSON after pin:=: cannot decode: expected a JSON value at byte 0"},
		{"an unknown name is text", send, []string{"a=b", "c=d"}, []any{"a=b", "c=d"}, ""},
		{"unless it is a misspelt one", send, []string{"a", "secrt=d", "to=x"}, nil, "argument secrt: no such parameter (did you mean secret?)"},
		{"JSON for a name that is none", multiply, []string{"z:=4", "x=3"}, nil, "argument z: no such parameter"},
		{"one of too many", multiply, []string{"1", "2", "z:=3"}, nil, "argument z: no such parameter"},
		{"one where another is missing", send, []string{"z:=3", "to=x"}, nil, "argument z: no such parameter"},
		{"one that is a text", send, []string{"a", "z:=3"}, []any{"a", "z:=3"}, ""},
		{"one beside what is wrong", newFunc(t, func(a string, n int) {}, value.FuncOptions{}).Signature(), []string{"z:=3", "x"}, nil, `argument arg2: expected int, got text "x"`},
		{"rest", send, []string{"a", "b", "1", "x"}, []any{"a", "b", int64(1), "x"}, ""},
		{"one of the rest by name", send, []string{"a", "b", "parts=1"}, []any{"a", "b", int64(1)}, ""},
		{"all of the rest by name", send, []string{"a", "b", "parts:=[1,[2]]"}, []any{"a", "b", int64(1), []any{int64(2)}}, ""},
		{"JSON from stdin by name", send, []string{"a", "b", "parts:=-"}, []any{"a", "b", int64(1), int64(2)}, ""},
		{"JSON from a file", send, []string{"a", "b", ":=@a.json"}, []any{"a", "b", map[string]any{"a": []any{1.5}}}, ""},
		{"stdin twice", send, []string{"-", ":-"}, nil, "stdin can be read only once, and two arguments read it"},
		{"without a signature", nil, []string{"3", "a", `{"a":1}`, ":=[]"}, []any{int64(3), "a", map[string]any{"a": int64(1)}, []any{}}, ""},
		{"a name without a signature", nil, []string{"x=3"}, nil, "argument x: without a signature a name has no place; give it by position, or as text with str:"},
		{"text without a signature", nil, []string{"str:x=3"}, []any{"x=3"}, ""},
		{"misfit without a signature", nil, []string{"1", "date:x"}, nil, `argument 2: expected date, got text "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := value.ParseArgs(tt.words, tt.sig, world)
			if errorText(err) != tt.err || err == nil && !equal(got, tt.want) {
				t.Errorf("got %#v, %v, want %#v, %s", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestSplitWord(t *testing.T) {
	sig := &value.Signature{Params: []value.Param{{Name: "x"}}}
	tests := []struct {
		word string
		sig  *value.Signature
		want value.Word
	}{
		{"x=1", sig, value.Word{Name: "x", Form: "1"}},
		{"x:=1", sig, value.Word{Name: "x", Form: "1", JSON: true}},
		{"x=:=1", sig, value.Word{Name: "x", Form: ":=1"}},
		{"x=", sig, value.Word{Name: "x"}},
		{":=1", sig, value.Word{Form: "1", JSON: true}},
		{"y=1", sig, value.Word{Form: "y=1"}},
		{"y=1", nil, value.Word{Name: "y", Form: "1"}},
		{"=1", nil, value.Word{Form: "=1"}},
		{"a.b=1", nil, value.Word{Form: "a.b=1"}},
		{"1a=1", nil, value.Word{Form: "1a=1"}},
		{"b64:aGk=", nil, value.Word{Form: "b64:aGk="}},
	}
	for _, tt := range tests {
		if got := value.SplitWord(tt.word, tt.sig); got != tt.want {
			t.Errorf("SplitWord(%q) = %+v, want %+v", tt.word, got, tt.want)
		}
	}
}

func parseType(t *testing.T, name string) *value.Type {
	t.Helper()
	typ, err := value.ParseType(name)
	if err != nil {
		t.Fatal(err)
	}
	return typ
}

func bigInt(text string) *big.Int {
	b, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic(fmt.Sprint("no integer: ", text))
	}
	return b
}
