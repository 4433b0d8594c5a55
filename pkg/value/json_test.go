package value_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/value"
)

func TestJSONOfValues(t *testing.T) {
	tests := []struct {
		name string
		v    any
		want string
	}{
		{"integral float", 2.0, "2"},
		{"minus zero", math.Copysign(0, -1), "-0"},
		{"large float", 1e300, "1e+300"},
		{"small float", 1e-7, "1e-7"},
		{"smallest float", 5e-324, "5e-324"},
		{"float before the exponent", 123456789012345680000.0, "123456789012345680000"},
		{"float with an exponent", 1e21, "1e+21"},
		{"small plain float", 0.000001, "0.000001"},
		{"minus infinity", math.Inf(-1), `"-Infinity"`},
		{"escapes", "\"\\\n\r\t\x00\x1f/<>&\u2028", `"\"\\\n\r\t\u0000\u001f/<>&` + "\u2028" + `"`},
		{"struct", struct {
			B int `json:"b"`
			A int `json:"a"`
		}{1, 2}, `{"b":1,"a":2}`},
		{"map", map[string]any{"b": 1, "a": []byte("hi")}, `{"a":"aGk=","b":1}`},
		{"empty", []any{[]any{}, map[string]any{}, []byte{}}, `[[],{},""]`},
		{"decimal", value.Decimal{Mantissa: big.NewInt(5), Exponent: -3}, "0.005"},
		{"zero decimal with an exponent", value.Decimal{Exponent: 1}, "0"},
		{"huge decimal", value.Decimal{Mantissa: big.NewInt(-15), Exponent: math.MaxInt32}, "-15e+2147483647"},
		{"tiny decimal", value.Decimal{Mantissa: big.NewInt(15), Exponent: math.MinInt32}, "15e-2147483648"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := value.AppendJSON([]byte("> "), tt.v)
			if err != nil || string(got) != "> "+tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestRawJSONKeepsOrder(t *testing.T) {
	got, err := value.AppendRawJSON(nil, unhex(t, "a2 61 62 01 61 61 02"))
	if err != nil || string(got) != `{"b":1,"a":2}` {
		t.Errorf("got %s, %v", got, err)
	}
	got, err = value.AppendRawJSON([]byte("kept"), []byte{0xff})
	if err == nil || string(got) != "kept" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestFromJSON(t *testing.T) {
	object := &value.Type{Kind: value.Map, Fields: []value.Field{{Name: "at", Type: &value.Type{Kind: value.Day}}}}
	tests := []struct {
		name, text string
		typ        *value.Type
		want       any
	}{
		{"blanks", " \t\r\n[ 1 , 2 ] ", nil, []any{int64(1), int64(2)}},
		{"object", `{ "a" : { } , "b" : [ ] }`, nil, map[string]any{"a": map[string]any{}, "b": []any{}}},
		{"escapes", `"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00"`, nil, "\"\\/\b\f\n\r\tä😀"},
		{"exact integer", "18446744073709551616", nil, bigInt("18446744073709551616")},
		{"float", "1.5e3", nil, 1500.0},
		{"integral float", "3.0", nil, 3.0},
		{"minus zero", "-0", nil, math.Copysign(0, -1)},
		{"minus zero as int", "-0", parseType(t, "int"), int64(0)},
		{"int as number", "3", parseType(t, "number"), 3.0},
		{"NaN as number", `"NaN"`, parseType(t, "number"), math.NaN()},
		{"NaN as text", `"NaN"`, nil, "NaN"},
		{"text stays text", `"2026-11-22"`, nil, "2026-11-22"},
		{"field by its type", `{"at":"2026-11-22","b":"2026-11-22"}`, object, map[string]any{"at": value.Date{Year: 2026, Month: 11, Day: 22}, "b": "2026-11-22"}},
		{"opaque", `{"$opaque":99,"data":"AQ=="}`, nil, value.Opaque{Tag: 99, Data: []byte{1}}},
		{"not quite opaque", `{"$opaque":99,"data":"AQ==","x":1}`, nil, map[string]any{"$opaque": int64(99), "data": "AQ==", "x": int64(1)}},
		{"opaque with bad content", `{"$opaque":99,"data":"YQ=="}`, nil, map[string]any{"$opaque": int64(99), "data": "YQ=="}},
		{"opaque of a known tag", `{"$opaque":0,"data":"AQ=="}`, nil, map[string]any{"$opaque": int64(0), "data": "AQ=="}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := value.FromJSON([]byte(tt.text), tt.typ)
			if err != nil || !equal(got, tt.want) {
				t.Errorf("got %#v, %v, want %#v", got, err, tt.want)
			}
		})
	}
}

func TestFromJSONRefuses(t *testing.T) {
	tests := []struct{ name, text, reason string }{
		{"nothing", "", "too early"},
		{"blanks", "  ", "too early"},
		{"two values", "1 2", "after the JSON value"},
		{"comma at the end", "[1,]", "JSON value"},
		{"no comma", "[1 2]", "expected ,"},
		{"open list", "[1", "expected ,"},
		{"name without quotes", "{a:1}", "name in quotes"},
		{"no colon", `{"a" 1}`, "expected :"},
		{"duplicate name", `{"a":1,"\u0061":2}`, `duplicate map key "a"`},
		{"leading zero", "01", "malformed number"},
		{"plus", "+1", "JSON value"},
		{"point without digits", "1.", "malformed number"},
		{"exponent without digits", "1e", "malformed number"},
		{"minus alone", "-", "malformed number"},
		{"control character", "\"\x01\"", "control character"},
		{"control character after an escape", "\"\\n\x01\"", "control character"},
		{"open string", `"a`, "without an end"},
		{"open string after an escape", `"\n`, "without an end"},
		{"unknown escape", `"\x"`, "unknown escape"},
		{"short escape", `"\u12"`, "four hexadecimal"},
		{"lone surrogate", `"\ud800"`, "surrogate"},
		{"two first surrogates", `"\ud800\ud800"`, "surrogate"},
		{"invalid UTF-8", "\"\xff\"", "UTF-8"},
		{"upper case", "True", "JSON value"},
		{"65 levels", strings.Repeat("[", 65) + strings.Repeat("]", 65), "deeper than 64"},
		{"10,000 levels", strings.Repeat("[", 10_000), "deeper than 64"},
		{"too many elements", "[" + strings.Repeat("0,", value.MaxElements) + "0]", "1000000 elements"},
		{"too many digits", strings.Repeat("9", 100_000), "10000 digits"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := value.FromJSON([]byte(tt.text), nil)
			var bad *value.DecodeError
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("got %v, want a DecodeError with %q", err, tt.reason)
			}
		})
	}
}

func TestDecimals(t *testing.T) {
	tests := []struct{ text, want string }{
		{"0", "0"}, {"-0.5", "-0.5"}, {"1.50", "1.50"}, {"100", "100"}, {"1e3", "1000"}, {"1.5e-3", "0.0015"},
		{".5", "0.5"}, {"5.", "5"}, {"+7", "7"}, {"1E+2", "100"}, {"12345678901234567890.123", "12345678901234567890.123"},
		{"1e100", "1e+100"}, {"1e-100", "1e-100"},
	}
	for _, tt := range tests {
		d, err := value.ParseDecimal(tt.text)
		if err != nil || d.String() != tt.want {
			t.Errorf("ParseDecimal(%q) = %v, %v, want %s", tt.text, d, err, tt.want)
		}
		again, err := value.ParseDecimal(d.String())
		if err != nil || again.String() != tt.want {
			t.Errorf("%s read again: %v, %v", tt.want, again, err)
		}
	}
	for _, bad := range []string{"", ".", "e1", "1e", "--1", "1 ", "1,5", "NaN", "1e9999999999", "1e-2147483648.5", strings.Repeat("1", 20_000)} {
		if d, err := value.ParseDecimal(bad); err == nil {
			t.Errorf("ParseDecimal(%.20q) = %.20v", bad, d)
		}
	}
	if f := (value.Decimal{Mantissa: big.NewInt(15), Exponent: -1}).Float64(); f != 1.5 {
		t.Errorf("Float64 = %v", f)
	}
}

func TestCalendarTexts(t *testing.T) {
	for _, text := range []string{
		"2026-11-22T10:00:00Z", "2026-11-22T10:00:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999-23:59",
		"2024-02-29T12:30:45.001+05:30",
	} {
		v, err := value.ParseDateTime(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := value.AppendJSON(nil, v); err != nil || string(got) != `"`+text+`"` {
			t.Errorf("%s comes out as %s, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "2026-11-22", "2026-11-22 10:00:00Z", "2026-02-29T10:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T10:00:60Z",
		"2026-11-22T10:60:00Z", "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00.1234567890Z", "2026-11-22T10:00:00,5Z",
		"2026-11-22T10:00:00+24:00", "2026-11-22T10:00:00+0100", "2026-11-22T10:00:00ZZ", "26-11-22T10:00:00Z", "2026-00-22T10:00:00Z",
		"2026-11-22T1:00:00Z", "+026-11-22T10:00:00Z",
	} {
		if v, err := value.ParseDateTime(text); err == nil {
			t.Errorf("ParseDateTime(%q) = %v", text, v)
		}
	}
	if _, err := value.ParseTimeOfDay("10:00:00Z"); err == nil {
		t.Error("a time of day with a zone")
	}
	if got := (value.Date{Year: 7, Month: 1, Day: 2}).String(); got != "0007-01-02" {
		t.Errorf("early date: %s", got)
	}
}
