package render_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/render"
)

// outputs runs an expression and joins what it yields, the error at the end.
func outputs(t *testing.T, expression, doc string) string {
	t.Helper()
	q, err := render.ParseQuery(expression)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for output, err := range q.Run(t.Context(), []byte(doc)) {
		if err != nil {
			all = append(all, "error: "+err.Error())
			continue
		}
		all = append(all, string(output))
	}
	return strings.Join(all, " ")
}

func TestQuery(t *testing.T) {
	for _, tc := range []struct{ name, expression, doc, want string }{
		{"a member", ".mean", `{"mean":2}`, "2"},
		{"several outputs", ".[]", `[1,"a",null]`, `1 "a" null`},
		{"none", "empty", `1`, ""},
		{"a member that is not there", ".a", `{}`, "null"},
		{"a large integer is passed on", ".", `123456789012345678901234567890`, "123456789012345678901234567890"},
		{"and calculated with", ".[0] + 1", `[18446744073709551615]`, "18446744073709551616"},
		{"an integer that no float64 has", ".[0]", `[9007199254740993]`, "9007199254740993"},
		{"its successor", ". + 1", `9007199254740993`, "9007199254740994"},
		{"the least int64", ". - 1", `-9223372036854775808`, "-9223372036854775809"},
		{"a negative zero", ".", `-0`, "-0"},
		{"a large float", ".", `1e+300`, "1e+300"},
		{"a small one", ".", `1e-7`, "1e-7"},
		{"a decimal with more digits than a float64", ".", `0.1000000000000000000001`, "0.1000000000000000000001"},
		{"numbers deep inside", "map(.n)", `[{"n":18446744073709551615},{"n":1.5}]`, "[18446744073709551615,1.5]"},
		{"no escapes for HTML", ".", `"<&>"`, `"<&>"`},
		{"no environment", "$ENV, env", `1`, "{} {}"},
		{"a mistake", ".a", `12`, "error: expected an object but got: number (12)"},
		{"outputs before a mistake", ".[0], .a", `[1]`, "1 error: expected an object but got: array ([1])"},
		{"an error of its own", `error("no")`, `1`, "error: error: no"},
		{"an end of its own", "1, halt, 2", `1`, "1"},
		{"an error that ends it", `"x" | halt_error`, `1`, "error: halt error: x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outputs(t, tc.expression, tc.doc); got != tc.want {
				t.Errorf("%s of %s = %s, want %s", tc.expression, tc.doc, got, tc.want)
			}
		})
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for _, tc := range []struct{ name, expression, want string }{
		{"a token", ".a | | .b", `unexpected token "|" at character 6`},
		{"an end", ".a |", "unexpected EOF at the end"},
		{"a bracket behind letters of two bytes", `"éé"]`, `unexpected token "]" at character 5`},
		{"a function", "nonsense", "function not defined: nonsense/0"},
		{"a variable", "$x", "variable not defined: $x"},
		{"a module", `import "a" as a; .`, `cannot load module: "a"`},
		{"other input", "input", "input(s)/0 is not allowed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := render.ParseQuery(tc.expression)
			if err == nil || err.Error() != tc.want {
				t.Errorf("ParseQuery(%s) = %v, want %s", tc.expression, err, tc.want)
			}
		})
	}
}

// TestQueryWithoutEnd is ended by its context, whether it yields anything or not.
func TestQueryWithoutEnd(t *testing.T) {
	for _, expression := range []string{"repeat(.)", "def f: f; f", "[range(infinite)] | length"} {
		t.Run(expression, func(t *testing.T) {
			q, err := render.ParseQuery(expression)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			var last error
			for _, err := range q.Run(ctx, []byte("1")) {
				last = err
			}
			if !errors.Is(last, context.DeadlineExceeded) {
				t.Errorf("ended with %v, want %v", last, context.DeadlineExceeded)
			}
		})
	}
}

// FuzzQueryNumbers checks that a number keeps its value on its way through an expression, and
// all its digits where it is whole.
func FuzzQueryNumbers(f *testing.F) {
	for _, seed := range []string{"0", "-0", "1e300", "-1.5E-7", "9007199254740993", "-123456789012345678901234567890", "1.0", "0.1000000000000000000001", "1e400", "-0.0"} {
		f.Add(seed)
	}
	q, err := render.ParseQuery(".[0]")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		number := json.Number(text)
		if doc, err := json.Marshal(number); err != nil || string(doc) != text || len(text) > 200 {
			t.Skip()
		}
		if _, exponent, found := strings.Cut(strings.ToLower(text), "e"); found && len(exponent) > 4 {
			t.Skip()
		}
		for got, err := range q.Run(t.Context(), []byte("["+text+"]")) {
			if err != nil {
				t.Fatal(err)
			}
			was, _ := new(big.Rat).SetString(text)
			is, ok := new(big.Rat).SetString(string(got))
			if !ok || was.Cmp(is) != 0 && !sameFloat(text, string(got)) {
				t.Errorf("%s became %s", text, got)
			}
			if whole := !strings.ContainsAny(text, ".eE"); whole && !bytes.Equal(got, []byte(text)) {
				t.Errorf("%s became %s", text, got)
			}
		}
	})
}

// sameFloat reports whether two numbers are the same float64: one written by its shortest digits
// may be another decimal.
func sameFloat(a, b string) bool {
	x, errA := json.Number(a).Float64()
	y, errB := json.Number(b).Float64()
	return errA == nil && errB == nil && x == y
}
