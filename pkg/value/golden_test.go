package value_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"iter"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata")

// sample is a value with a name, for tables and golden files.
type sample struct {
	name string
	v    any
}

type point struct {
	X     int     `netsvc:"x"`
	Y     int     `json:"y"`
	Label *string `netsvc:"label,omitempty"`
}

func samples() []sample {
	cet := time.FixedZone("CET", 3600)
	return []sample{
		{"nil", nil},
		{"true", true},
		{"false", false},
		{"zero", 0},
		{"small int", 23},
		{"one byte int", 24},
		{"two byte int", 256},
		{"four byte int", 65536},
		{"eight byte int", int64(1) << 32},
		{"least int64", int64(math.MinInt64)},
		{"most int64", int64(math.MaxInt64)},
		{"most uint64", uint64(math.MaxUint64)},
		{"beyond 64 bits", new(big.Int).Lsh(big.NewInt(1), 64)},
		{"below -2^64", new(big.Int).Not(new(big.Int).Lsh(big.NewInt(1), 64))},
		{"integral float", 3.0},
		{"float", -1.5},
		{"minus zero", math.Copysign(0, -1)},
		{"not a number", math.NaN()},
		{"infinity", math.Inf(1)},
		{"decimal", value.Decimal{Mantissa: big.NewInt(-150), Exponent: -2}},
		{"zero decimal", value.Decimal{}},
		{"text", "grüße"},
		{"empty text", ""},
		{"bytes", []byte{0, 255}},
		{"datetime in UTC", time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)},
		{"datetime with zone and fraction", time.Date(2026, 11, 22, 10, 0, 0, 120_000_000, cet)},
		{"datetime without zone", value.LocalTime{Date: value.Date{Year: 2026, Month: 11, Day: 22}, Time: value.TimeOfDay(10 * time.Hour)}},
		{"date", value.Date{Year: 2026, Month: 11, Day: 22}},
		{"time of day", value.TimeOfDay(10*time.Hour + 1)},
		{"duration", 90 * time.Minute},
		{"list", []any{1, "a", []any{}}},
		{"typed list", []int8{-1, 2}},
		{"nil list", []string(nil)},
		{"map", map[string]any{"b": 1, "a": map[string]any{}}},
		{"typed map", map[string]bool{"z": true, "a": false}},
		{"struct", point{X: 1, Y: 2}},
		{"opaque", value.Opaque{Tag: 37, Data: []byte{0x41, 7}}},
		{"raw", value.Raw{0x81, 0x01}},
		{"empty raw", value.Raw(nil)},
	}
}

func TestEncodingGolden(t *testing.T) {
	var out strings.Builder
	for _, s := range samples() {
		encoded, err := value.Marshal(s.v)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if err := value.Check(encoded); err != nil {
			t.Errorf("%s: Check of our own encoding: %v", s.name, err)
		}
		text, err := value.AppendRawJSON(nil, encoded)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		fmt.Fprintf(&out, "%s\t%s\t%s\n", s.name, hex.EncodeToString(encoded), text)
	}
	golden(t, "encoding.tsv", out.String())
}

func TestMethodsGolden(t *testing.T) {
	blob, err := value.EncodeMethods(mathMethods(t))
	if err != nil {
		t.Fatal(err)
	}
	text, err := value.AppendRawJSON(nil, blob)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "methods.json", string(text)+"\n")
}

// golden compares got with a file under testdata, or writes it there with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test -update and look at the change\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// mathMethods is a service's worth of signatures with a bit of everything.
func mathMethods(t *testing.T) []value.Signature {
	t.Helper()
	multiply := newFunc(t, func(x, y int64) int64 { return x * y }, value.FuncOptions{
		Name: "multiply", Doc: "Product of two integers.", Params: []string{"x", "y"},
		ParamDocs: []string{"one factor"}, ReadOnly: true, Idempotent: true,
	})
	mean := newFunc(t, func(values ...float64) float64 { return 0 }, value.FuncOptions{
		Name: "stats.mean", Params: []string{"values"},
	})
	login := newFunc(t, func(user, password, realm string, at *point) error { return nil }, value.FuncOptions{
		Name: "login", Params: []string{"user", "password", "realm", "at"}, Secret: []string{"password"},
		Enums: map[string][]string{"realm": {"local", "remote"}}, Deprecated: true,
	})
	series := newFunc(t, func(n int) iter.Seq[[]time.Duration] { return nil }, value.FuncOptions{Name: "series"})
	return []value.Signature{*multiply.Signature(), *mean.Signature(), *login.Signature(), *series.Signature()}
}

func newFunc(t testing.TB, fn any, opts value.FuncOptions) *value.Func {
	t.Helper()
	f, err := value.NewFunc(fn, opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
