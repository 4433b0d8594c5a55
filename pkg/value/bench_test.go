package value_test

import (
	"context"
	"testing"

	"github.com/netsvc/netsvc/pkg/value"
)

func BenchmarkAppend(b *testing.B) {
	dst := make([]byte, 0, 1<<10)
	for _, s := range benchValues() {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := value.Append(dst, s.v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, s := range benchValues() {
		encoded, err := value.Marshal(s.v)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := value.Decode(encoded); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUnmarshalStruct(b *testing.B) {
	encoded, err := value.Marshal(order)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var o orderOf
		if err := value.Unmarshal(encoded, &o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	list := make([]any, 1000)
	for i := range list {
		list[i] = map[string]any{"id": i, "name": "some name", "ok": true}
	}
	encoded, err := value.Marshal(list)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(encoded)))
	b.ReportAllocs()
	for b.Loop() {
		if err := value.Check(encoded); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	for _, tt := range []struct {
		name string
		fn   any
		args []any
	}{
		{"adapter int64", func(x, y int64) int64 { return x * y }, []any{300, 400}},
		{"adapter text and error", func(s string) (string, error) { return s, nil }, []any{"some text"}},
		{"reflection int32", func(x, y int32) int32 { return x * y }, []any{300, 400}},
		{"reflection context and error", func(_ context.Context, x, y int32) (int32, error) { return x * y, nil }, []any{300, 400}},
		{"reflection struct", func(o orderOf) orderOf { return o }, []any{order}},
	} {
		f := newFunc(b, tt.fn, value.FuncOptions{})
		args, err := value.AppendArgs(nil, tt.args)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(tt.name, func(b *testing.B) {
			dst := make([]byte, 0, 1<<10)
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Call(ctx, args, dst); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkJSON(b *testing.B) {
	encoded, err := value.Marshal(order)
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 0, 1<<10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := value.AppendRawJSON(dst, encoded); err != nil {
			b.Fatal(err)
		}
	}
}

// orderOf is a struct of the size people send.
type orderOf struct {
	ID    int64    `netsvc:"id"`
	Name  string   `netsvc:"name"`
	Price float64  `netsvc:"price"`
	Paid  bool     `netsvc:"paid"`
	Tags  []string `netsvc:"tags"`
}

var order = orderOf{123456, "a name of some length", 19.99, true, []string{"new", "blue"}}

func benchValues() []sample {
	return []sample{
		{"int", int64(300)},
		{"float", 1.5},
		{"text", "some text"},
		{"map", map[string]any{"id": 123456, "name": "a name", "price": 19.99}},
		{"struct", order},
	}
}
