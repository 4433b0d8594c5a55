package value_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

type contextKey struct{}

var errOwn = errors.New("own error")

func TestFuncShapes(t *testing.T) {
	fromContext := func(ctx context.Context) string { return ctx.Value(contextKey{}).(string) }
	tests := []struct {
		name string
		fn   any
		args []any
		want any
	}{
		{"two int64", func(x, y int64) int64 { return x * y }, []any{3, 4}, int64(12)},
		{"two int64 and error", func(x, y int64) (int64, error) { return x * y, nil }, []any{3, -4}, int64(-12)},
		{"context and two int64", func(_ context.Context, x, y int64) int64 { return x - y }, []any{3, 4}, int64(-1)},
		{"context, two int and error", func(_ context.Context, x, y int) (int, error) { return x - y, nil }, []any{3, 4}, int64(-1)},
		{"two floats given ints", func(x, y float64) (float64, error) { return x / y, nil }, []any{3, 4.0}, 0.75},
		{"text", strings.ToUpper, []any{"ä"}, "Ä"},
		{"text in and error", func(s string) (string, error) { return s + "!", nil }, []any{"a"}, "a!"},
		{"any", func(v any) any { return v }, []any{[]any{1, "a", nil}}, []any{int64(1), "a", nil}},
		{"any and error", func(v any) (any, error) { return v, nil }, []any{map[string]any{"a": 1.5}}, map[string]any{"a": 1.5}},
		{"bytes", func(b []byte) []byte { return b }, []any{[]byte{1, 2}}, []byte{1, 2}},
		{"bool", func(b bool) bool { return !b }, []any{true}, false},
		{"map", func(m map[string]any) map[string]any { m["b"] = 2; return m }, []any{map[string]any{"a": 1}}, map[string]any{"a": int64(1), "b": int64(2)}},
		{"only a result", func() string { return "x" }, nil, "x"},
		{"context and result", func(ctx context.Context) (string, error) { return fromContext(ctx), nil }, nil, "from context"},
		{"nothing", func() {}, nil, nil},
		{"only an error", func() error { return nil }, nil, nil},
		{"text and only an error", func(context.Context, string) error { return nil }, []any{"x"}, nil},
		// By reflection from here on.
		{"mixed", func(ctx context.Context, n int8, s string, b bool) (string, error) {
			return fmt.Sprint(fromContext(ctx), n, s, b), nil
		}, []any{-3, "x", true}, "from context-3xtrue"},
		{"struct", func(p point) point { p.X, p.Y = p.Y, p.X; return p }, []any{point{X: 1, Y: 2}}, map[string]any{"x": int64(2), "y": int64(1)}},
		{"variadic", func(xs ...float64) int { return len(xs) }, []any{1, 2.5, 3}, int64(3)},
		{"variadic without any", func(x int, xs ...string) bool { return xs == nil }, []any{1}, true},
		{"variadic any", fmt.Sprint, []any{"a", 1}, "a1"},
		{"pointer given nil", func(p *int) bool { return p == nil }, []any{nil}, true},
		{"duration and time", func(at time.Time, d time.Duration) time.Time { return at.Add(d) },
			[]any{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Hour}, time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC)},
		{"named type", func(l label) label { return l + "!" }, []any{"a"}, "a!"},
		{"raw", func(r value.Raw) value.Raw { return r }, []any{[]any{1}}, []any{int64(1)}},
	}
	ctx := context.WithValue(t.Context(), contextKey{}, "from context")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFunc(t, tt.fn, value.FuncOptions{})
			args, err := value.AppendArgs(nil, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			indefinite := append(append([]byte{0x9f}, args[1:]...), 0xff)
			for range 2 { // the second time on a frame that was used
				for _, args := range [][]byte{args, indefinite} {
					out, err := f.Call(ctx, args, []byte("dst"))
					if err != nil {
						t.Fatal(err)
					}
					got, err := value.Decode([]byte(strings.TrimPrefix(string(out), "dst")))
					if err != nil || !equal(got, tt.want) {
						t.Errorf("got %#v, %v, want %#v", got, err, tt.want)
					}
				}
			}
			if s := f.Signature(); s.Check(tt.args) != nil {
				t.Errorf("its own signature refuses the arguments: %v", s.Check(tt.args))
			}
		})
	}
}

func TestFuncErrors(t *testing.T) {
	divide := func(x, y int64) (int64, error) {
		if y == 0 {
			return 0, errOwn
		}
		return x / y, nil
	}
	named := value.FuncOptions{Params: []string{"x", "y"}}
	tests := []struct {
		name string
		fn   any
		opts value.FuncOptions
		args []any
		as   any // pointer to an error type
		want string
	}{
		{"too few by adapter", divide, named, []any{1}, new(*value.ArityError), "expected 2 arguments, got 1"},
		{"type by adapter", divide, named, []any{1, "a"}, new(*value.TypeError), `argument y: expected int, got text "a"`},
		{"integral float by adapter", divide, named, []any{3.0, 1}, new(*value.TypeError), "argument x: expected int, got number 3"},
		{"too large by adapter", divide, named, []any{uint64(math.MaxUint64), 1}, new(*value.TypeError), "argument x: expected int from -9223372036854775808 to 9223372036854775807, got int 18446744073709551615"},
		{"own error by adapter", divide, named, []any{1, 0}, new(*value.HandlerError), "own error"},
		{"own error by reflection", func(int8) (int8, error) { return 0, errOwn }, value.FuncOptions{}, []any{1}, new(*value.HandlerError), "own error"},
		{"range by reflection", func(int8) {}, value.FuncOptions{}, []any{300}, new(*value.TypeError), "argument arg1: expected int from -128 to 127, got int 300"},
		{"element of a list", func([]int) {}, value.FuncOptions{Params: []string{"values"}}, []any{[]any{1, 2, 3, "a"}}, new(*value.TypeError), `argument values[3]: expected int, got text "a"`},
		{"element of the rest", func(...int) {}, value.FuncOptions{Params: []string{"values"}}, []any{1, 2, 3, "a"}, new(*value.TypeError), `argument values[3]: expected int, got text "a"`},
		{"variadic needs more", func(int, ...int) {}, value.FuncOptions{}, nil, new(*value.ArityError), "expected at least 1 argument, got 0"},
		{"secret", divide, value.FuncOptions{Params: []string{"x", "y"}, Secret: []string{"y"}}, []any{1, "hunter2"}, new(*value.TypeError), "argument y: expected int, got text"},
		{"enum", func(s string) string { return s }, value.FuncOptions{Params: []string{"s"}, Enums: map[string][]string{"s": {"a", "b"}}}, []any{"c"}, new(*value.TypeError), `argument s: expected one of a, b, got text "c"`},
		{"result by adapter", func() string { return "\xff" }, value.FuncOptions{}, nil, new(*value.ResultError), "result: cannot encode: text is not valid UTF-8; send bytes"},
		{"result by reflection", func(int8) []any { return []any{1, func() {}} }, value.FuncOptions{}, []any{1}, new(*value.ResultError), "result: [1]: cannot encode: Go type func() has no encoded form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFunc(t, tt.fn, tt.opts)
			args, err := value.AppendArgs(nil, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			out, err := f.Call(t.Context(), args, []byte("kept"))
			if err == nil || err.Error() != tt.want || !errors.As(err, tt.as) {
				t.Errorf("got %T %v, want %T %s", err, err, tt.as, tt.want)
			}
			if string(out) != "kept" {
				t.Errorf("dst came back as %q", out)
			}
		})
	}
}

func TestFuncRefusesBadBytes(t *testing.T) {
	called := false
	f := newFunc(t, func(x, y int64) int64 { called = true; return 0 }, value.FuncOptions{})
	s := newFunc(t, func(s string) string { called = true; return s }, value.FuncOptions{})
	tests := []struct{ name, hex string }{
		{"nothing", ""}, {"no list", "01"}, {"cut", "82 01"}, {"trailing bytes", "82 01 02 03"},
		{"trailing break", "82 01 02 ff"}, {"announced too much", "9b ffffffffffffffff 01 02"},
		{"bad UTF-8", "81 61 ff"}, {"cut text", "81 78 ff 61"},
	}
	for _, tt := range tests {
		for _, f := range []*value.Func{f, s} {
			var bad *value.DecodeError
			if _, err := f.Call(t.Context(), unhex(t, tt.hex), nil); !errors.As(err, &bad) {
				t.Errorf("%s: got %v, want a DecodeError", tt.name, err)
			}
		}
	}
	if called {
		t.Error("the func was called")
	}
}

func TestFuncMayKeepItsArguments(t *testing.T) {
	var kept [][]byte
	f := newFunc(t, func(b []byte, more ...[]byte) { kept = append(append(kept, b), more...) }, value.FuncOptions{})
	for i := range byte(3) {
		args, err := value.AppendArgs(nil, []any{[]byte{i}, []byte{i + 100}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Call(t.Context(), args, nil); err != nil {
			t.Fatal(err)
		}
		clear(args)
	}
	if got := fmt.Sprint(kept); got != "[[0] [100] [1] [101] [2] [102]]" {
		t.Errorf("kept %s", got)
	}
}

func TestFuncPanicsPassThrough(t *testing.T) {
	for _, fn := range []any{func() { panic("own") }, func(int8) { panic("own") }} {
		f := newFunc(t, fn, value.FuncOptions{})
		args, err := value.AppendArgs(nil, make([]any, 0))
		if len(f.Signature().Params) == 1 {
			args, err = value.AppendArgs(nil, []any{1})
		}
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() {
				if got := recover(); got != "own" {
					t.Errorf("recovered %v", got)
				}
			}()
			f.Call(t.Context(), args, nil)
		}()
	}
}

func TestFuncRunsInManyGoroutines(t *testing.T) {
	f := newFunc(t, func(ctx context.Context, p point, xs ...int8) (int, error) { return p.X + len(xs), nil }, value.FuncOptions{})
	done := make(chan error)
	for n := range 8 {
		go func() {
			args, err := value.AppendArgs(nil, append([]any{point{X: n}}, make([]any, 0)...))
			for range 100 {
				var out []byte
				if out, err = f.Call(context.Background(), args, nil); err != nil || out[0] != byte(n) {
					err = fmt.Errorf("%d: got %x, %v", n, out, err)
					break
				}
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestNewFuncRefuses(t *testing.T) {
	tests := []struct {
		name string
		fn   any
		opts value.FuncOptions
		want string
	}{
		{"no func", 3, value.FuncOptions{}, "not a func"},
		{"nil", nil, value.FuncOptions{}, "not a func"},
		{"nil func", (func())(nil), value.FuncOptions{}, "not a func"},
		{"channel parameter", func(chan int) {}, value.FuncOptions{}, "chan int"},
		{"channel in a struct", func(struct{ C []chan int }) {}, value.FuncOptions{}, "chan int"},
		{"context in second place", func(int, context.Context) {}, value.FuncOptions{}, "context.Context"},
		{"interface parameter", func(fmt.Stringer) {}, value.FuncOptions{}, "fmt.Stringer"},
		{"two results", func() (int, int) { return 0, 0 }, value.FuncOptions{}, "at most one and an error"},
		{"func result", func() func() { return nil }, value.FuncOptions{}, "result of"},
		{"wrong number of names", func(int) {}, value.FuncOptions{Params: []string{"a", "b"}}, "2 parameter names"},
		{"bad name", func(int) {}, value.FuncOptions{Params: []string{"a b"}}, "parameter name"},
		{"doubled name", func(int, int) {}, value.FuncOptions{Params: []string{"a", "a"}}, "given twice"},
		{"too many docs", func() {}, value.FuncOptions{ParamDocs: []string{"a"}}, "1 parameter docs"},
		{"unknown secret", func() {}, value.FuncOptions{Secret: []string{"a"}}, `"a"`},
		{"enum of an int", func(int) {}, value.FuncOptions{Params: []string{"a"}, Enums: map[string][]string{"a": {"1"}}}, "enum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := value.NewFunc(tt.fn, tt.opts); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestTakesContext(t *testing.T) {
	with, without := newFunc(t, func(context.Context) {}, value.FuncOptions{}), newFunc(t, func(int) {}, value.FuncOptions{})
	if !with.TakesContext() || without.TakesContext() || len(with.Signature().Params) != 0 {
		t.Error("context not told from parameters")
	}
}
