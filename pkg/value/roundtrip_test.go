package value_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/pkg/value"
)

// forms draws a value in its Go form, lists and maps up to depth.
func forms(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.Int64().AsAny(),
		rapid.Float64().AsAny(),
		rapid.String().AsAny(),
		rapid.SliceOf(rapid.Byte()).AsAny(),
		rapid.Custom(drawBig).AsAny(),
		rapid.Custom(drawDecimal).AsAny(),
		rapid.Custom(drawTime).AsAny(),
		rapid.Custom(drawLocalTime).AsAny(),
		rapid.Map(rapid.Custom(drawLocalTime), func(t value.LocalTime) any { return t.Date }),
		rapid.Map(rapid.Custom(drawLocalTime), func(t value.LocalTime) any { return t.Time }),
		rapid.Map(rapid.Int64(), func(n int64) any { return time.Duration(n) }),
		rapid.Custom(drawOpaque).AsAny(),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	inner := rapid.Deferred(func() *rapid.Generator[any] { return forms(depth - 1) })
	return rapid.OneOf(append(scalars,
		rapid.SliceOfN(inner, 0, 5).AsAny(),
		rapid.MapOfN(rapid.String(), inner, 0, 20).AsAny(),
	)...)
}

// drawBig draws integers that an int64 cannot hold, since only those are a *big.Int.
func drawBig(t *rapid.T) *big.Int {
	b := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "magnitude"))
	b.Add(b, new(big.Int).Lsh(big.NewInt(1), 63))
	if rapid.Bool().Draw(t, "negative") {
		b.Neg(b).Sub(b, big.NewInt(1))
	}
	return b
}

func drawDecimal(t *rapid.T) value.Decimal {
	return value.Decimal{Mantissa: big.NewInt(rapid.Int64().Draw(t, "mantissa")), Exponent: rapid.Int32().Draw(t, "exponent")}
}

func drawTime(t *rapid.T) time.Time {
	zone := time.FixedZone("", 60*rapid.IntRange(-1439, 1439).Draw(t, "minutes"))
	return drawLocalTime(t).In(zone)
}

func drawLocalTime(t *rapid.T) value.LocalTime {
	days := rapid.IntRange(0, 3_000_000).Draw(t, "days")
	year, month, day := time.Date(1, 1, days, 0, 0, 0, 0, time.UTC).Date()
	clock := value.TimeOfDay(rapid.Int64Range(0, int64(24*time.Hour)-1).Draw(t, "clock"))
	return value.LocalTime{Date: value.Date{Year: year, Month: month, Day: day}, Time: clock}
}

func drawOpaque(t *rapid.T) value.Opaque {
	data, err := value.Marshal(rapid.String().Draw(t, "content"))
	if err != nil {
		t.Fatal(err)
	}
	return value.Opaque{Tag: rapid.Uint64Range(5, 900).Draw(t, "tag"), Data: data}
}

func TestDecodeUndoesAppend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := forms(3).Draw(t, "value")
		encoded, err := value.Append([]byte("before"), v)
		if err != nil {
			t.Fatal(err)
		}
		encoded = bytes.TrimPrefix(encoded, []byte("before"))
		if err := value.Check(encoded); err != nil {
			t.Fatalf("Check: %v", err)
		}
		if err := cbor.Wellformed(encoded); err != nil {
			t.Fatalf("the CBOR library says: %v", err)
		}
		got, err := value.Decode(encoded)
		if err != nil || !equal(got, v) {
			t.Fatalf("Decode = %#v, %v, want %#v", got, err, v)
		}
	})
}

func TestJSONIsValidAndReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := forms(3).Draw(t, "value")
		text, err := value.AppendJSON(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) {
			t.Fatalf("not JSON: %s", text)
		}
		back, err := value.FromJSON(text, nil)
		if err != nil {
			t.Skip("a decimal beyond float64") // all that FromJSON refuses of its own is such a number
		}
		again, err := value.AppendJSON(nil, back)
		if err != nil {
			t.Fatal(err)
		}
		back, err = value.FromJSON(again, nil)
		if err != nil {
			t.Fatalf("FromJSON(%s): %v", again, err)
		}
		if last, err := value.AppendJSON(nil, back); err != nil || !bytes.Equal(last, again) {
			t.Fatalf("%s reads as %s, and that as %s, %v", text, again, last, err)
		}
	})
}

func TestJSONReadsBackByType(t *testing.T) {
	scalars := []value.Kind{value.Bool, value.Int, value.Text, value.Bytes, value.DateTime, value.Day, value.Clock, value.Duration}
	rapid.Check(t, func(t *rapid.T) {
		v := forms(0).Draw(t, "value")
		for _, kind := range scalars {
			typ := &value.Type{Kind: kind}
			if typ.Check(v) != nil {
				continue
			}
			text, err := value.AppendJSON(nil, v)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := value.FromJSON(text, typ); err != nil || !equal(got, v) {
				t.Fatalf("FromJSON(%s, %v) = %#v, %v, want %#v", text, typ, got, err, v)
			}
		}
	})
}

// equal compares Go forms: bit for bit, and times by instant and offset.
func equal(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	case *big.Int:
		b, ok := b.(*big.Int)
		return ok && a.Cmp(b) == 0
	case value.Decimal:
		b, ok := b.(value.Decimal)
		return ok && a.Exponent == b.Exponent && a.Mantissa.Cmp(b.Mantissa) == 0
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Format(time.RFC3339Nano) == b.Format(time.RFC3339Nano)
	case []any:
		b, ok := b.([]any)
		return ok && equalLists(a, b)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && equalMaps(a, b)
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	}
	return reflect.DeepEqual(a, b)
}

func equalLists(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalMaps(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for key, v := range a {
		if w, ok := b[key]; !ok || !equal(v, w) {
			return false
		}
	}
	return true
}
