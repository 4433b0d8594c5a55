package services_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/examples/services"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// open makes an exchange in memory that t closes.
func open(t *testing.T) *exchange.Exchange {
	t.Helper()
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatalf("make an exchange: %v", err)
	}
	t.Cleanup(func() { ex.Close() })
	return ex
}

// connect makes a connection that t closes and announces services on it.
func connect(t *testing.T, ex *exchange.Exchange, announced ...*service.Service) *service.Conn {
	t.Helper()
	conn, err := service.Connect(t.Context(), "", &service.Options{Dial: ex.Dial})
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	for _, s := range announced {
		if err := conn.Announce(t.Context(), s); err != nil {
			t.Fatalf("announce %s: %v", s.Name(), err)
		}
	}
	return conn
}

// reach announces services on one connection and returns another one to call them by.
func reach(t *testing.T, announced ...*service.Service) *service.Conn {
	t.Helper()
	ex := open(t)
	connect(t, ex, announced...)
	return connect(t, ex)
}

// contract is what callers see of each service.
var contract = map[string][]string{
	"clock": {
		"now() datetime readonly idempotent",
	},
	"echo": {
		"caller() map readonly idempotent",
		"echo(value any) any readonly idempotent",
		"fail(message text) nil readonly idempotent",
		"join(group text) nil idempotent",
		"leave(group text) nil idempotent",
		"panic() nil",
		"sleep(seconds number) number readonly idempotent",
		"upper(s text) text readonly idempotent",
		"whoami() text readonly idempotent",
	},
	"math": {
		"add(x number, y number) number readonly idempotent",
		"divide(x number, y number) number readonly idempotent",
		"multiply(x int, y int) int readonly idempotent",
		"series(n int) stream<int> readonly idempotent stream",
		"square(x int) int readonly idempotent",
		"stats(values list<number>) map readonly idempotent",
	},
	"validator1": {
		"arrayOfStructsTest(array list<map>) int readonly idempotent",
		"countTheEntities(text text) map readonly idempotent",
		"easyStructTest(stooges map) int readonly idempotent",
		"echoStructTest(members map) map readonly idempotent",
		"manyTypesTest(number int, boolean bool, text text, double number, date any, base64 bytes) list<any> readonly idempotent",
		"moderateSizeArrayCheck(array list<text>) text readonly idempotent",
		"nestedStructTest(calendar map) int readonly idempotent",
		"simpleStructReturnTest(number int) map readonly idempotent",
	},
}

// shape writes a signature on one line.
func shape(s *value.Signature) string {
	params := make([]string, len(s.Params))
	for i, p := range s.Params {
		params[i] = p.Name + " " + p.Type.String()
	}
	line := s.Name + "(" + strings.Join(params, ", ") + ") " + s.Result.String()
	for _, mark := range []struct {
		set  bool
		name string
	}{{s.ReadOnly, "readonly"}, {s.Idempotent, "idempotent"}, {s.Deprecated, "deprecated"}, {s.Stream, "stream"}} {
		if mark.set {
			line += " " + mark.name
		}
	}
	return line
}

func TestEveryServiceIsAnnouncedAsPromised(t *testing.T) {
	testnet.LeakCheck(t)
	for _, name := range services.Names() {
		t.Run(name, func(t *testing.T) {
			s, err := services.New(name)
			if err != nil {
				t.Fatal(err)
			}
			d, err := reach(t, s).Describe(t.Context(), name)
			if err != nil {
				t.Fatalf("describe %s: %v", name, err)
			}
			if len(d.Infos) != 1 || !slices.Contains(d.Infos[0].Groups, "web-services") || d.Infos[0].Description == "" {
				t.Errorf("instances = %+v; want one with a description, in the group web-services", d.Infos)
			}
			checkMethods(t, d.Methods, contract[name])
		})
	}
}

// checkMethods wants those methods, with a sentence on each.
func checkMethods(t *testing.T, methods []value.Signature, want []string) {
	t.Helper()
	var got []string
	for i := range methods {
		got = append(got, shape(&methods[i]))
		if doc := methods[i].Doc; !strings.HasSuffix(doc, ".") {
			t.Errorf("%s: doc = %q, want a sentence", methods[i].Name, doc)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("methods:\ngot  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestNewKnowsNames(t *testing.T) {
	for _, name := range services.Names() {
		if s, err := services.New(name); err != nil || s.Name() != name {
			t.Errorf("New(%q) = %v, %v; want the service of that name", name, s, err)
		}
	}
	if _, err := services.New("maths"); err == nil || !strings.Contains(err.Error(), "echo, math, validator1") {
		t.Errorf(`New("maths") = %v; want an error with the names there are`, err)
	}
}

// A call of each service, with its types and failures as they arrive elsewhere.
func TestCallsThroughAnExchange(t *testing.T) {
	testnet.LeakCheck(t)
	conn := reach(t, services.Math(), services.Echo(), services.Validator1())
	tests := []struct {
		service, method string
		args            []any
		want            any
	}{
		{"math", "multiply", []any{3, 4}, int64(12)},
		{"math", "add", []any{3, 4}, 7.0},
		{"math", "divide", []any{1, 4}, 0.25},
		{"math", "square", []any{-12}, int64(144)},
		{"math", "stats", []any{[]any{1, 2.5}}, map[string]any{"count": int64(2), "sum": 3.5, "mean": 1.75, "min": 1.0, "max": 2.5}},
		{"math", "series", []any{3}, []any{int64(1), int64(2), int64(3)}},
		{"math", "series", []any{0}, []any{}},
		{"echo", "upper", []any{"grün é 1"}, "GRÜN É 1"},
		{"validator1", "easyStructTest", []any{map[string]int{"moe": 10, "larry": 20, "curly": 30}}, int64(60)},
	}
	for _, tt := range tests {
		got, err := conn.Endpoint(tt.service).Call(t.Context(), tt.method, tt.args...)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s.%s%v = %v, %v; want %v", tt.service, tt.method, tt.args, got, err, tt.want)
		}
	}
}

func TestLongestSeriesFitsAMessage(t *testing.T) {
	testnet.LeakCheck(t)
	conn := reach(t, services.Math())
	got, err := conn.Endpoint("math").Call(t.Context(), "series", 800_000)
	if list, _ := got.([]any); err != nil || len(list) != 800_000 {
		t.Errorf("series(800000) = %d elements, %v; want all", len(list), err)
	}
}

func TestFailuresThroughAnExchange(t *testing.T) {
	testnet.LeakCheck(t)
	conn := reach(t, services.Math(), services.Echo(), services.Validator1())
	const least = -1 << 63
	tests := []struct {
		service, method string
		args            []any
		want            string
	}{
		{"math", "multiply", []any{1 << 62, 2}, "application: integer overflow"},
		{"math", "multiply", []any{least, -1}, "application: integer overflow"},
		{"math", "square", []any{1 << 32}, "application: integer overflow"},
		{"math", "divide", []any{1, 0}, "application: division by zero"},
		{"math", "stats", []any{[]any{}}, "application: no values"},
		{"math", "series", []any{1_000_001}, "application: a series has 0 to 1000000 elements, not 1000001"},
		{"math", "multiply", []any{3.0, 4}, "bad_params: argument x: expected int, got number 3"},
		{"math", "multiply", []any{3}, "bad_params: expected 2 arguments, got 1"},
		{"echo", "fail", []any{"as you wish"}, "application: as you wish"},
		{"echo", "join", []any{"no such name"}, "application: group name"},
		{"echo", "sleep", []any{-1}, "application: seconds must be from 0 to 3600"},
		{"validator1", "moderateSizeArrayCheck", []any{[]any{}}, "application: the array has no elements"},
	}
	for _, tt := range tests {
		got, err := conn.Endpoint(tt.service).Call(t.Context(), tt.method, tt.args...)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s.%s%v = %v, %v; want a failure %q", tt.service, tt.method, tt.args, got, err, tt.want)
		}
	}
}
