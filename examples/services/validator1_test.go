package services

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/value"
)

// invoke calls a func as a request does: with encoded arguments, and decodes the result.
func invoke(t *testing.T, fn any, args ...any) (any, error) {
	t.Helper()
	f, err := value.NewFunc(fn, value.FuncOptions{})
	if err != nil {
		t.Fatalf("make %T callable: %v", fn, err)
	}
	encoded, err := value.AppendArgs(nil, args)
	if err != nil {
		t.Fatalf("encode %v: %v", args, err)
	}
	result, err := f.Call(t.Context(), encoded, nil)
	if err != nil {
		return nil, err
	}
	decoded, err := value.Decode(result)
	if err != nil {
		t.Fatalf("decode the result: %v", err)
	}
	return decoded, nil
}

type members = map[string]any

// The methods of the suite, each with what its page demands and with what clients were seen to send.
func TestValidationSuite(t *testing.T) {
	floating := value.LocalTime{Date: value.Date{Year: 2026, Month: 1, Day: 2}}
	day := members{"moe": 12, "larry": 14, "curly": 21}
	tests := []struct {
		name string
		fn   any
		args []any
		want any
	}{
		{"structs with other members", arrayOfStructs, []any{[]any{
			members{"moe": 1, "larry": 2, "curly": 3, "shemp": "x"}, members{"curly": -60}, members{"curly": 900}}}, int64(843)},
		{"no structs", arrayOfStructs, []any{[]any{}}, int64(0)},
		{"entities", countTheEntities, []any{`<<>&&&''"""" &amp;`}, members{"ctLeftAngleBrackets": int64(2),
			"ctRightAngleBrackets": int64(1), "ctAmpersands": int64(4), "ctApostrophes": int64(2), "ctQuotes": int64(4)}},
		{"no entities", countTheEntities, []any{""}, members{"ctLeftAngleBrackets": int64(0),
			"ctRightAngleBrackets": int64(0), "ctAmpersands": int64(0), "ctApostrophes": int64(0), "ctQuotes": int64(0)}},
		{"struct", easyStruct, []any{members{"moe": 10, "larry": 20, "curly": 30, "extra": []any{}}}, int64(60)},
		{"echoed struct", echoStruct, []any{members{"substruct0": day, "": nil, "x": 2.0}},
			members{"substruct0": members{"moe": int64(12), "larry": int64(14), "curly": int64(21)}, "": nil, "x": 2.0}},
		{"many types", manyTypes, []any{7, true, "str", 2.5, floating, []byte{0, 255}},
			[]any{int64(7), true, "str", 2.5, floating, []byte{0, 255}}},
		{"array of a moderate size", moderateSizeArray, []any{moderate("Hello ", 187, "World")}, "Hello World"},
		{"array of one", moderateSizeArray, []any{[]any{"a"}}, "aa"},
		{"nested structs beside others", nestedStruct, []any{members{
			"1999": members{"04": []any{}}, "junk": day,
			"2000": members{"03": members{}, "04": members{"01": day, "02": members{}}}}}, int64(47)},
		{"powers of ten", simpleStructReturn, []any{-7}, members{"times10": int64(-70), "times100": int64(-700), "times1000": int64(-7000)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := invoke(t, tt.fn, tt.args...)
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

// moderate is an array of first, n elements nobody looks at, and last.
func moderate(first string, n int, last string) []any {
	array := []any{first}
	for i := range n {
		array = append(array, fmt.Sprintf("item%03d", i))
	}
	return append(array, last)
}

func TestValidationSuiteRefuses(t *testing.T) {
	const most = math.MaxInt64
	tests := []struct {
		name string
		fn   any
		arg  any
		want string
	}{
		{"an array without a first element", moderateSizeArray, []any{}, errEmptyArray.Error()},
		{"a calendar without the year", nestedStruct, members{"1999": members{}}, errNoEntry.Error()},
		{"a calendar without the month", nestedStruct, members{"2000": members{}}, errNoEntry.Error()},
		{"a calendar without the day", nestedStruct, members{"2000": members{"04": members{}}}, errNoEntry.Error()},
		{"an entry that is no number", nestedStruct,
			members{"2000": members{"04": members{"01": members{"curly": "three"}}}}, `["2000"]["04"]["01"].curly: expected int`},
		{"a sum that does not fit", easyStruct, members{"moe": most, "larry": 1}, errOverflow.Error()},
		{"a sum of many that does not fit", arrayOfStructs, []any{members{"curly": most}, members{"curly": most}}, errOverflow.Error()},
		{"a product that does not fit", simpleStructReturn, most/1000 + 1, errOverflow.Error()},
		{"a struct that is a list", easyStruct, []any{1, 2, 3}, "expected map, got list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := invoke(t, tt.fn, tt.arg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want a failure with %q", got, err, tt.want)
			}
		})
	}
}
