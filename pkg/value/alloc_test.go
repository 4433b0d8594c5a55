//go:build !race

package value_test

import (
	"context"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// Values come from variables that change, since boxed constants and small numbers hide allocations.
var (
	anInt   = int64(1 << 40)
	aFloat  = 1.5
	aText   = "some text"
	someRaw = []byte{1, 2, 3}
	aTime   = time.Date(2026, 11, 22, 10, 0, 0, 5, time.UTC)
)

func TestAppendOfScalarsTakesNoMemory(t *testing.T) {
	dst := make([]byte, 0, 1<<10)
	for name, v := range map[string]any{
		"nil": nil, "bool": true, "int": int(anInt), "int64": anInt, "uint16": uint16(anInt), "float": aFloat,
		"text": aText, "bytes": someRaw, "time": aTime, "duration": time.Duration(anInt),
		"list": []any{anInt, aText}, "map": map[string]any{"b": anInt, "a": aText}, "struct": &point{X: 1},
	} {
		allocs := testing.AllocsPerRun(100, func() {
			if _, err := value.Append(dst, v); err != nil {
				t.Fatal(err)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}

func TestCheckTakesNoMemory(t *testing.T) {
	data, err := value.Marshal(map[string]any{"b": []any{anInt, aText, aTime}, "a": map[string]any{"x": 1, "y": 2}, "c": aFloat})
	if err != nil {
		t.Fatal(err)
	}
	if allocs := testing.AllocsPerRun(100, func() { _ = value.Check(data) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestCallAllocations(t *testing.T) {
	tests := []struct {
		name string
		fn   any
		args []any
		most float64
	}{
		{"adapter, two int64", func(x, y int64) int64 { return x * y }, []any{anInt, anInt}, 0},
		{"adapter, context, floats and error", func(_ context.Context, x, y float64) (float64, error) { return x * y, nil }, []any{aFloat, anInt}, 0},
		{"adapter, bytes (the argument itself)", func(b []byte) []byte { return b }, []any{someRaw}, 1},
		{"adapter, text (the argument itself)", func(s string) string { return s }, []any{aText}, 1},
		{"adapter, only a result", func() string { return aText }, nil, 0},
		{"reflection, two int32", func(x, y int32) int32 { return x - y }, []any{3, 4}, 2},
		{"reflection, context and error", func(_ context.Context, x, y int32) (int32, error) { return x - y, nil }, []any{3, 4}, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFunc(t, tt.fn, value.FuncOptions{})
			args, err := value.AppendArgs(nil, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			ctx, dst := t.Context(), make([]byte, 0, 1<<10)
			allocs := testing.AllocsPerRun(100, func() {
				if _, err := f.Call(ctx, args, dst); err != nil {
					t.Fatal(err)
				}
			})
			if allocs > tt.most {
				t.Errorf("%v allocations, at most %v wanted", allocs, tt.most)
			}
		})
	}
}
