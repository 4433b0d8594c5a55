package value_test

import (
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

type base struct {
	ID   int64  `netsvc:"id"`
	Name string `netsvc:"name"`
}

type hidden struct{ Secret string }

type record struct {
	base
	*hidden                // behind an unexported pointer: does not travel
	Name    string         `netsvc:"name"` // hides base.Name
	Values  []int          `json:"values,omitempty"`
	At      time.Time      `netsvc:"at,omitzero" json:"elsewhere"`
	Address netip.Addr     `netsvc:"address"`
	Sub     map[string]any `netsvc:"sub,omitempty"`
	Next    *record        `netsvc:"next,omitempty"`
	Skipped int            `netsvc:"-"`
	private int
}

func TestStructsReadBack(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 5, time.UTC)
	want := record{
		base: base{ID: 7}, Name: "n", Values: []int{1, 2}, At: at, Address: netip.MustParseAddr("::1"),
		Sub: map[string]any{"a": []any{int64(1)}}, Next: &record{Name: "inner", Address: netip.MustParseAddr("10.0.0.1")},
	}
	want.private = 0
	encoded, err := value.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got record
	if err := value.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	text, err := value.AppendRawJSON(nil, encoded)
	if err != nil || !strings.HasPrefix(string(text), `{"id":7,"name":"n","values":[1,2],"at":`) {
		t.Errorf("fields go out as %s, %v", text, err)
	}
}

func TestUnmarshalLeavesAloneWhatIsNotThere(t *testing.T) {
	encoded, err := value.Marshal(map[string]any{"name": "new", "unknown": []any{1, map[string]any{}}})
	if err != nil {
		t.Fatal(err)
	}
	got := record{base: base{ID: 3}, Values: []int{1}}
	if err := value.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != 3 || got.Name != "new" || len(got.Values) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestUnmarshalConverts(t *testing.T) {
	tests := []struct {
		name string
		in   any
		into any // a pointer
		want any
	}{
		{"int into float", 3, new(float64), 3.0},
		{"decimal into float", value.Decimal{Mantissa: big.NewInt(15), Exponent: -1}, new(float64), 1.5},
		{"large int into float32", int64(1) << 40, new(float32), float32(1 << 40)},
		{"float into decimal", 0.1, new(value.Decimal), value.Decimal{Mantissa: big.NewInt(1), Exponent: -1}},
		{"int into big int", 5, new(*big.Int), big.NewInt(5)},
		{"uint64 beyond int64", uint64(math.MaxUint64), new(uint64), uint64(math.MaxUint64)},
		{"nil into pointer", nil, ptr(ptr(3)), (*int)(nil)},
		{"value into pointer", 3, new(*int), ptr(3)},
		{"list into array", []any{1, 2}, new([2]int), [2]int{1, 2}},
		{"bytes into array", []byte{1, 2}, new([2]byte), [2]byte{1, 2}},
		{"named string keys", map[string]any{"a": 1}, new(map[label]int8), map[label]int8{"a": 1}},
		{"anything into any", []any{1, nil}, new(any), []any{int64(1), nil}},
		{"anything into raw", []any{1}, new(value.Raw), value.Raw{0x81, 1}},
		{"list of lists", []any{[]any{1}, []any{}}, new([][]uint16), [][]uint16{{1}, {}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			encoded, err := value.Marshal(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if err := value.Unmarshal(encoded, tt.into); err != nil {
				t.Fatal(err)
			}
			if got := reflect.ValueOf(tt.into).Elem().Interface(); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
		})
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	tests := []struct {
		name string
		in   any
		into any
		want string
	}{
		{"text into int", "a", new(int), `expected int, got text "a"`},
		{"integral float into int", 3.0, new(int), "expected int, got number 3"},
		{"300 into int8", 300, new(int8), "expected int from -128 to 127, got int 300"},
		{"-1 into uint", -1, new(uint16), "expected int from 0 to 65535, got int -1"},
		{"big int into int64", new(big.Int).Lsh(big.NewInt(1), 70), new(int64), "expected int from -9223372036854775808 to 9223372036854775807, got int 1180591620717411303424"},
		{"nil into int", nil, new(int), "expected int, got nil"},
		{"nil into slice", nil, new([]int), "expected list<int>, got nil"},
		{"huge number into float32", 1e300, new(float32), "expected number of 32 bits, got number 1e+300"},
		{"NaN into decimal", math.NaN(), new(value.Decimal), "expected number, got number NaN"},
		{"text into bytes", "a", new([]byte), `expected bytes, got text "a"`},
		{"element of a list", []any{1, "x"}, new([]int), `[1]: expected int, got text "x"`},
		{"field of a struct in a list in a map", map[string]any{"k": []any{map[string]any{"x": true}}}, new(map[string][]point), "k[0].x: expected int, got bool true"},
		{"odd key in the path", map[string]any{"a b": 1}, new(map[string]string), `["a b"]: expected text, got int 1`},
		{"too short a list", []any{1}, new([2]int), "expected list<int> of 2, got another length"},
		{"local time into time", value.LocalTime{Date: value.Date{Year: 2026, Month: 1, Day: 1}}, new(time.Time), "expected datetime with a zone, got datetime 2026-01-01T00:00:00"},
		{"unreadable address", "zz", new(netip.Addr), `expected text that reads as netip.Addr, got text "zz"`},
		{"list into map", []any{}, new(map[string]int), "expected map, got list"},
		{"opaque into int", value.Opaque{Tag: 99, Data: []byte{1}}, new(int), "expected int, got opaque tag 99"},
		{"long text is cut", strings.Repeat("ä", 100), new(int), `expected int, got text "` + strings.Repeat("ä", 40) + `"...`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			encoded, err := value.Marshal(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			err = value.Unmarshal(encoded, tt.into)
			var misfit *value.TypeError
			if !errors.As(err, &misfit) || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestUnmarshalWantsAPointer(t *testing.T) {
	for _, into := range []any{nil, 3, (*int)(nil)} {
		if err := value.Unmarshal([]byte{1}, into); err == nil {
			t.Errorf("Unmarshal into %T went well", into)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	var loop any
	loop = &loop
	ring := []any{nil}
	ring[0] = ring
	tests := []struct {
		name string
		v    any
		want string
	}{
		{"channel", make(chan int), "Go type chan int has no encoded form"},
		{"func in a list", []any{1, func() {}}, "[1]: cannot encode: Go type func() has no"},
		{"integer keys", map[int]string{1: "a"}, "Go type map[int]string has no"},
		{"invalid text", "a\xff", "not valid UTF-8"},
		{"invalid text in a struct", base{Name: "\xff"}, "name: cannot encode: text is not"},
		{"invalid key", map[string]int{"\xff": 1}, "text is not valid UTF-8"},
		{"year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "years 0 to 9999"},
		{"no such date", value.Date{Year: 2026, Month: 2, Day: 29}, "no such date"},
		{"no such time", value.TimeOfDay(-1), "not within a day"},
		{"pointer to itself", loop, "pointers inside each other"},
		{"list in itself", ring, "nested deeper than 64"},
		{"huge integer", new(big.Int).Lsh(big.NewInt(1), 8*value.MaxBigBytes), "more than 4096 bytes"},
		{"opaque with a known tag", value.Opaque{Tag: 0, Data: []byte{1}}, "has a meaning"},
		{"opaque with bad content", value.Opaque{Tag: 99, Data: []byte{0x61}}, "opaque content"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := value.Append([]byte("kept"), tt.v)
			var bad *value.EncodeError
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want an EncodeError with %q", err, tt.want)
			}
			if string(got) != "kept" {
				t.Errorf("dst came back as %q", got)
			}
		})
	}
}

func TestArgsReadsWithoutDecoding(t *testing.T) {
	encoded, err := value.AppendArgs(nil, []any{1, []any{"a", nil}, map[string]any{"k": 2}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"definite": encoded, "indefinite": append(append([]byte{0x9f}, encoded[1:]...), 0xff)} {
		args, err := value.ReadArgs(data)
		if err != nil || args.Len() != 3 {
			t.Fatalf("%s: %d arguments, %v", name, args.Len(), err)
		}
		if got, err := value.Decode(args.At(1)); err != nil || !equal(got, []any{"a", nil}) {
			t.Errorf("%s: At(1) = %v, %v", name, got, err)
		}
		if got := args.Decode(); !equal(got, []any{int64(1), []any{"a", nil}, map[string]any{"k": int64(2)}}) {
			t.Errorf("%s: Decode = %v", name, got)
		}
	}
	if _, err := value.ReadArgs([]byte{0xa0}); err == nil {
		t.Error("a map passed as arguments")
	}
}

func TestAppendArgsNamesTheArgument(t *testing.T) {
	_, err := value.AppendArgs(nil, []any{1, []any{"\xff"}})
	if err == nil || !strings.HasPrefix(err.Error(), "argument 2[0]: ") {
		t.Errorf("got %v", err)
	}
}

func TestTimeWithOddZoneKeepsItsInstant(t *testing.T) {
	at := time.Date(1900, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 1172)) // 19 minutes 32 seconds
	encoded, err := value.Marshal(at)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := value.Decode(encoded); err != nil || !got.(time.Time).Equal(at) {
		t.Errorf("got %v, %v, want %v", got, err, at)
	}
}

type label string

func ptr[T any](v T) *T { return &v }
