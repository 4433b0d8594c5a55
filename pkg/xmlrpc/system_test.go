package xmlrpc_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func TestSystemMethods(t *testing.T) {
	own := []any{"system.getCapabilities", "system.listMethods", "system.methodHelp", "system.methodSignature", "system.multicall"}
	const service, all = "/xmlrpc/service/math", "/RPC2"
	tests := map[string]struct {
		path, method string
		params       []any
		want         any
	}{
		"methods of a service":     {service, "system.listMethods", nil, append([]any{"multiply", "sum"}, own...)},
		"methods of all":           {all, "system.listMethods", nil, append(append([]any{"math.multiply", "math.sum"}, own...), "web/shop.buy")},
		"a signature":              {service, "system.methodSignature", []any{"multiply"}, []any{[]any{"int", "int", "int"}}},
		"a signature by full name": {all, "system.methodSignature", []any{"math.multiply"}, []any{[]any{"int", "int", "int"}}},
		"a signature that varies":  {all, "system.methodSignature", []any{"math.sum"}, "undef"},
		"a signature of anything":  {all, "system.methodSignature", []any{"web/shop.buy"}, "undef"},
		"a signature of our own":   {all, "system.methodSignature", []any{"system.methodHelp"}, []any{[]any{"string", "string"}}},
		"help":                     {all, "system.methodHelp", []any{"math.multiply"}, "Product of two integers."},
		"help where there is none": {service, "system.methodHelp", []any{"sum"}, ""},
		"the empty multicall":      {all, "system.multicall", []any{[]any{}}, []any{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := result(t, post(t, newGateway(t, nil), test.path, test.method, test.params...))
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %v, %v\nwant %v", got, err, test.want)
			}
		})
	}
	for _, method := range []string{"nothing", "multiply", "math.nothing", "math.system.stats", "math"} {
		w := post(t, newGateway(t, nil), all, "system.methodSignature", method)
		if _, err := result(t, w); !errors.Is(err, &xmlrpc.Fault{Code: xmlrpc.CodeNoMethod}) {
			t.Errorf("signature of %s: %v, want -32601", method, err)
		}
	}
	capabilities, err := result(t, post(t, newGateway(t, nil), service, "system.getCapabilities"))
	if err != nil || len(capabilities.(map[string]any)) != 6 {
		t.Errorf("capabilities = %v, %v, want six", capabilities, err)
	}
	for name, c := range capabilities.(map[string]any) {
		entry := c.(map[string]any)
		if url, ok := entry["specUrl"].(string); !ok || url == "" || entry["specVersion"] == nil {
			t.Errorf("capability %s = %v, want an address and a version", name, c)
		}
	}
}

func entry(method string, params ...any) map[string]any {
	return map[string]any{"methodName": method, "params": append([]any{}, params...)}
}

func TestMulticall(t *testing.T) {
	calls := []any{
		entry("multiply", 3, 4),
		entry("nothing"),
		map[string]any{"methodName": "system.getCapabilities"},
		entry("system.multicall", []any{}),
		"no struct",
		map[string]any{"params": []any{}},
		map[string]any{"methodName": "multiply", "params": 3},
		entry("panic"),
	}
	got, err := result(t, post(t, newGateway(t, nil), "/xmlrpc/service/math", "system.multicall", calls))
	if err != nil {
		t.Fatal(err)
	}
	answers := got.([]any)
	if len(answers) != len(calls) {
		t.Fatalf("%d answers, want %d", len(answers), len(calls))
	}
	if !reflect.DeepEqual(answers[0], []any{int64(12)}) {
		t.Errorf("the first answer is %v, want [12]", answers[0])
	}
	if list, ok := answers[2].([]any); !ok || len(list) != 1 {
		t.Errorf("the third answer is %v, want the capabilities", answers[2])
	}
	for i, code := range map[int]int64{1: -32601, 3: -32602, 4: -32602, 5: -32602, 6: -32602, 7: -32603} {
		if fault, ok := answers[i].(map[string]any); !ok || fault["faultCode"] != code {
			t.Errorf("answer %d is %v, want fault %d", i, answers[i], code)
		}
	}
}

func TestMulticallAnswerThatCannotBeWritten(t *testing.T) {
	backend := newFakeBackend()
	backend.call["math.bad"] = func(context.Context, []any) (any, error) { return "\x00", nil }
	calls := []any{entry("math.multiply", 1, 2), entry("math.bad"), entry("math.multiply", 3, 4)}
	got, err := result(t, post(t, newGatewayOver(t, backend, nil), "/RPC2", "system.multicall", calls))
	if err != nil {
		t.Fatal(err)
	}
	answers := got.([]any)
	fault, ok := answers[1].(map[string]any)
	if !ok || fault["faultCode"] != int64(-32500) || !reflect.DeepEqual(answers[2], []any{int64(12)}) {
		t.Errorf("answers = %v, want a fault between two results", answers)
	}
}

func TestMulticallLimit(t *testing.T) {
	calls := make([]any, 1001)
	for i := range calls {
		calls[i] = entry("math.multiply", i, 2)
	}
	g := newGateway(t, nil)
	want := "-32600 netsvc -- too many calls in one system.multicall: 1,001, the limit is 1,000"
	if got := faultText(t, post(t, g, "/RPC2", "system.multicall", calls)); got != want {
		t.Errorf("with 1,001 calls: %q, want %q", got, want)
	}
	got, err := result(t, post(t, g, "/RPC2", "system.multicall", calls[:1000]))
	if err != nil {
		t.Fatal(err)
	}
	for i, answer := range got.([]any) {
		if !reflect.DeepEqual(answer, []any{int64(2 * i)}) {
			t.Fatalf("answer %d = %v, want [%d]", i, answer, 2*i)
		}
	}
}

func TestMulticallRunsSixteenAtOnceUnderOneDeadline(t *testing.T) {
	defer goleak.VerifyNone(t)
	synctest.Test(t, func(t *testing.T) { // virtual time
		var running, most atomic.Int64
		backend := newFakeBackend()
		sleep := backend.call["math.sleep"]
		backend.call["math.sleep"] = func(ctx context.Context, params []any) (any, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			return sleep(ctx, params)
		}
		calls := make([]any, 64)
		for i := range calls {
			calls[i] = entry("math.sleep", 10) // four rounds of 10 s, but only 30 s
		}
		start := time.Now()
		got, err := result(t, post(t, newGatewayOver(t, backend, nil), "/RPC2", "system.multicall", calls))
		if err != nil {
			t.Fatal(err)
		}
		done := 0
		for _, answer := range got.([]any) {
			if reflect.DeepEqual(answer, []any{true}) {
				done++
			}
		}
		if took := time.Since(start); most.Load() != 16 || took != 30*time.Second || done < 32 || done > 48 {
			t.Errorf("%d at once, %d done, in %v; want 16, two or three rounds, 30s", most.Load(), done, took)
		}
	})
}

func TestFaultCodes(t *testing.T) {
	own := func(number int64) *wire.Failure {
		return &wire.Failure{Code: wire.CodeApplication, Number: number, Origin: "shop", Description: "x", Delivered: wire.Yes}
	}
	tests := map[string]struct {
		failure *wire.Failure
		want    string
		ose     string
	}{
		"unknown":                    {wire.Failf(wire.CodeUnknown, wire.Maybe, "x"), "-32603 netsvc -- x", "40 netsvc -- x"},
		"bad params":                 {wire.Failf(wire.CodeBadParams, wire.No, "x"), "-32602 netsvc -- x", "56 netsvc -- x"},
		"arguments not encoded":      {wire.Failf(wire.CodeEncodeArgs, wire.No, "x"), "-32602 netsvc -- x", "42 netsvc -- x"},
		"a result not encoded":       {wire.Failf(wire.CodeEncodeValue, wire.Yes, "x"), "-32500 netsvc -- x", "52 netsvc -- x"},
		"application without number": {wire.Failf(wire.CodeApplication, wire.Yes, "x"), "-32500 netsvc -- x", "57 netsvc -- x"},
		"abandoned":                  {wire.Failf(wire.CodeAborted, wire.Yes, "x"), "-32500 netsvc -- x", "58 netsvc -- x"},
		"timeout":                    {wire.Failf(wire.CodeTimeout, wire.Maybe, "x"), "-32000 netsvc -- x", "47 netsvc -- x"},
		"lost":                       {wire.Failf(wire.CodeLost, wire.Maybe, "x"), "-32001 netsvc -- x", "60 netsvc -- x"},
		"draining":                   {&wire.Failure{Code: wire.CodeDraining, Description: "x", Instance: wire.Address{Name: "math", Number: 3}}, "-32001 netsvc -- x", "65 netsvc -- x"},
		"busy":                       {wire.Failf(wire.CodeBusy, wire.No, "x"), "-32002 netsvc -- x", "62 netsvc -- x"},
		"denied":                     {wire.Failf(wire.CodeDenied, wire.No, "x"), "-32003 netsvc -- x", "63 netsvc -- x"},
		"a request too large":        {wire.Failf(wire.CodeTooLarge, wire.No, "x"), "-32600 netsvc -- x", "64 netsvc -- x"},
		"a result too large":         {wire.Failf(wire.CodeTooLarge, wire.Yes, "x"), "-32500 netsvc -- x", "64 netsvc -- x"},
		"an own number":              {own(4), "4 shop -- x", "4 shop -- x"},
		"an own zero":                {own(0), "0 shop -- x", "0 shop -- x"},
		"an own reserved number":     {own(-32601), "-32500 shop -- x", "-32601 shop -- x"},
		"an own huge number":         {own(5000000000), "-32500 shop -- x\n\nnumber 5000000000", "-32500 shop -- x\n\nnumber 5000000000"},
		"no failure at all":          {nil, "-32603 netsvc -- internal error ", "40 netsvc -- internal error "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			backend := newFakeBackend()
			backend.call["math.fail"] = func(context.Context, []any) (any, error) {
				if test.failure == nil {
					return nil, errors.New("secret")
				}
				return nil, fmt.Errorf("call math.fail: %w", test.failure)
			}
			for ose, want := range map[bool]string{false: test.want, true: test.ose} {
				g := newGatewayOver(t, backend, &xmlrpc.GatewayOptions{OSEFaultCodes: ose})
				got := faultText(t, post(t, g, "/RPC2", "math.fail"))
				if test.failure == nil {
					got = got[:len(want)]
				}
				if got != want {
					t.Errorf("with OSE's codes %v: %q, want %q", ose, got, want)
				}
			}
		})
	}
}
