package value_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/netsvc/netsvc/pkg/value"
)

func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i + 1) {
				return
			}
		}
	}
}

// upToThenFails yields so many numbers and then an error.
func upToThenFails(n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range upTo(n) {
			if !yield(i, nil) {
				return
			}
		}
		yield(0, errors.New("torn"))
	}
}

func TestStreamSendsEachElement(t *testing.T) {
	var handler *value.HandlerError
	var result *value.ResultError
	var arity *value.ArityError
	tests := []struct {
		name string
		fn   any
		args []any
		want string
		err  any // points to a variable of the type that is wanted, or nil
	}{
		{"elements", upTo, []any{3}, "[1 2 3]", nil},
		{"none", upTo, []any{0}, "[]", nil},
		{"no sequence at all", func() iter.Seq[int] { return nil }, nil, "[]", nil},
		{"an error beside", func(n int) (iter.Seq[int], error) { return upTo(n), nil }, []any{2}, "[1 2]", nil},
		{"fails before it begins", func() (iter.Seq[int], error) { return nil, errors.New("no") }, nil, "[]", &handler},
		{"fails on the way", upToThenFails, []any{2}, "[1 2]", &handler},
		{"an element that cannot travel", func() iter.Seq[string] { return slices.Values([]string{"a", "\xff"}) }, nil, "[a]", &result},
		{"arguments that do not fit", upTo, nil, "[]", &arity},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFunc(t, tt.fn, value.FuncOptions{Name: "f"})
			args, _ := value.AppendArgs(nil, tt.args)
			got := []any{}
			err := f.Stream(t.Context(), args, func(element []byte) error {
				v, err := value.Decode(element)
				got = append(got, v)
				return err
			})
			if fmt.Sprint(got) != tt.want || (err != nil) != (tt.err != nil) || tt.err != nil && !errors.As(err, tt.err) {
				t.Errorf("Stream sent %v, %v, want %v and an error %T", got, err, tt.want, tt.err)
			}
			list, err := f.Call(t.Context(), args, nil)
			if (err != nil) != (tt.err != nil) {
				t.Fatalf("Call = %v, want an error %T", err, tt.err)
			}
			if v, err := value.Decode(list); tt.err == nil && (err != nil || fmt.Sprint(v) != tt.want) {
				t.Errorf("Call = %v, %v, want %v", v, err, tt.want)
			}
		})
	}
}

func TestStreamEndsWithTheErrorOfSend(t *testing.T) {
	enough := errors.New("enough")
	count := 0
	f := newFunc(t, upTo, value.FuncOptions{Name: "f"})
	args, _ := value.AppendArgs(nil, []any{10})
	err := f.Stream(t.Context(), args, func([]byte) error {
		if count++; count == 3 {
			return enough
		}
		return nil
	})
	if err != enough || count != 3 {
		t.Errorf("Stream = %v after %d elements, want %v after 3", err, count, enough)
	}
}

func TestStreamThatPanicsBehindItsEndSaysBoth(t *testing.T) {
	torn := errors.New("torn")
	f := newFunc(t, func() iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			yield(0, torn)
			yield(1, nil)
		}
	}, value.FuncOptions{Name: "f"})
	args, _ := value.AppendArgs(nil, nil)
	defer func() {
		p, ok := recover().(*value.StreamPanic)
		if !ok || !errors.Is(p, torn) || p.Panic == nil {
			t.Errorf("Stream panicked with %v, want a StreamPanic with the first error", p)
		}
	}()
	err := f.Stream(context.Background(), args, func([]byte) error { return nil })
	t.Errorf("Stream = %v, want a panic", err)
}

func TestSignatureOfStreams(t *testing.T) {
	tests := []struct {
		fn     any
		result string
		stream bool
	}{
		{upTo, "stream<int>", true},
		{func(context.Context) iter.Seq2[string, error] { return nil }, "stream<text>", true},
		{func() iter.Seq[[]float64] { return nil }, "stream<list<number>>", true},
		{func() []int { return nil }, "list<int>", false},
	}
	for _, tt := range tests {
		sig := newFunc(t, tt.fn, value.FuncOptions{Name: "f"}).Signature()
		if sig.Result.String() != tt.result || sig.Stream != tt.stream {
			t.Errorf("%T has result %s, stream %v, want %s, %v", tt.fn, sig.Result, sig.Stream, tt.result, tt.stream)
		}
	}
	for _, fn := range []any{
		func() iter.Seq2[int, string] { return nil },
		func() iter.Seq[chan int] { return nil },
		func() func() { return nil },
	} {
		if _, err := value.NewFunc(fn, value.FuncOptions{}); err == nil {
			t.Errorf("NewFunc(%T) took it", fn)
		}
	}
}
