package value_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

func ExampleMarshal() {
	type item struct {
		Name  string        `netsvc:"name"`
		Price float64       `netsvc:"price"`
		Age   time.Duration `netsvc:"age,omitempty"`
	}
	encoded, err := value.Marshal([]item{{"pen", 3.0, 0}, {"ink", 7.5, time.Hour}})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := value.AppendRawJSON(nil, encoded)
	fmt.Println(string(text), err)
	// Output: [{"name":"pen","price":3},{"name":"ink","price":7.5,"age":"1h0m0s"}] <nil>
}

func ExampleUnmarshal() {
	encoded, err := value.Marshal(map[string]any{"values": []any{1, 2, "three"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var into struct {
		Values []int `netsvc:"values"`
	}
	fmt.Println(value.Unmarshal(encoded, &into))
	// Output: values[2]: expected int, got text "three"
}

func ExampleNewFunc() {
	multiply, err := value.NewFunc(func(x, y int64) int64 { return x * y }, value.FuncOptions{
		Name: "multiply", Params: []string{"x", "y"}, ReadOnly: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	args, err := value.AppendArgs(nil, []any{3, 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := multiply.Call(context.Background(), args, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(value.Decode(result))
	// Output: 12 <nil>
}

func ExampleFunc_Call_errors() {
	divide, err := value.NewFunc(func(x, y int64) (int64, error) {
		if y == 0 {
			return 0, errors.New("division by zero")
		}
		return x / y, nil
	}, value.FuncOptions{Params: []string{"x", "y"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, args := range [][]any{{1}, {1, "two"}, {1, 0}} {
		encoded, err := value.AppendArgs(nil, args)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = divide.Call(context.Background(), encoded, nil)
		fmt.Printf("%T: %v\n", err, err)
	}
	// Output:
	// *value.ArityError: expected 2 arguments, got 1
	// *value.TypeError: argument y: expected int, got text "two"
	// *value.HandlerError: division by zero
}

func ExampleParseArgs() {
	sig := &value.Signature{Params: []value.Param{
		{Name: "name", Type: &value.Type{Kind: value.Text}},
		{Name: "wait", Type: &value.Type{Kind: value.Duration}},
		{Name: "tags", Type: &value.Type{Kind: value.List, Elem: &value.Type{Kind: value.Text}}},
	}}
	fmt.Println(value.ParseArgs([]string{"42", `tags:=["a","b"]`, "wait=1m30s"}, sig, nil))
	fmt.Println(value.ParseArgs([]string{"42", `tags:=["a",2]`, "wait=1m30s"}, sig, nil))
	// Output:
	// [42 1m30s [a b]] <nil>
	// [] argument tags[1]: expected text, got int 2
}

func ExampleType_Schema() {
	list, err := value.ParseType("list<datetime>")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(list.Schema()))
	// Output: {"type":"array","items":{"type":"string","format":"date-time"}}
}

func ExampleReadArgs() {
	encoded, err := value.AppendArgs(nil, []any{"a", []any{1, 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	args, err := value.ReadArgs(encoded)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, raw := range args.All() {
		text, err := value.AppendRawJSON(nil, raw)
		fmt.Println(i, string(text), err)
	}
	// Output:
	// 0 "a" <nil>
	// 1 [1,2] <nil>
}

func ExampleMatch() {
	fmt.Println(value.Match("web-*", "web-services"), value.Match("m?th", "math"), value.Match("*", ""))
	// Output: true true true
}

func ExampleNearest() {
	fmt.Println(value.Nearest("multipy", []string{"add", "multiply"}))
	// Output: multiply
}

func ExampleSplitTarget() {
	fmt.Println(value.SplitTarget("math@3.mean.geometric"))
	// Output: math@3 mean.geometric
}
