package xmlrpc_test

import (
	"errors"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// person has every kind of field.
type person struct {
	Name    string            `netsvc:"name"`
	Age     uint8             `json:"age"`
	Born    time.Time         `netsvc:"born"`
	Weights []float32         `netsvc:"weights,omitempty"`
	Photo   []byte            `netsvc:"photo"`
	Boss    *person           `netsvc:"boss,omitempty"`
	Notes   map[string]string `netsvc:"notes,omitempty"`
	Wealth  *big.Int          `netsvc:"-"`
	place
	Other any `netsvc:"other,omitempty"`
}

type place struct {
	City string `netsvc:"city"`
}

func TestStructsTravel(t *testing.T) {
	born := time.Date(1984, 2, 29, 12, 30, 0, 0, time.UTC)
	ann := person{
		Name: "Ann", Age: 41, Born: born, Weights: []float32{1.5, 2}, Photo: []byte{1, 2}, Notes: map[string]string{"a": "<b>"},
		Boss: &person{Name: "Bob", Born: born, Photo: []byte{}, place: place{City: "Rome"}}, place: place{City: "Paris"}, Other: []any{int64(1)},
	}
	document, err := xmlrpc.AppendCall(nil, "people.add", []any{ann, []person{ann}, &ann}, nil)
	if err != nil {
		t.Fatal(err)
	}
	call, err := xmlrpc.DecodeCall(document, "", &xmlrpc.DecodeOptions{AssumeZone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	var one person
	var list []person
	var pointed *person
	if err := call.Scan(&one, &list, &pointed); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]person{"a struct": one, "a struct in a list": list[0], "behind a pointer": *pointed} {
		if !reflect.DeepEqual(got, ann) {
			t.Errorf("%s: got %+v\nwant %+v", name, got, ann)
		}
	}
}

func TestScanSaysWhatDoesNotFit(t *testing.T) {
	params := []any{int64(1), map[string]any{"people": []any{map[string]any{"name": "Ann", "age": int64(300)}}}}
	call := &xmlrpc.Call{Method: "m", Params: params}
	var n int
	var box struct {
		People []person `netsvc:"people"`
	}
	err := call.Scan(&n, &box)
	misfit := (*value.TypeError)(nil)
	if !errors.As(err, &misfit) || misfit.Path != "params[1].people[0].age" {
		t.Errorf("Scan = %v, want the path params[1].people[0].age", err)
	}
	if n != 1 {
		t.Errorf("the argument before it is %d, want 1", n)
	}
	var arity *value.ArityError
	if err := call.Scan(&n); !errors.As(err, &arity) || arity.Want != 1 || arity.Got != 2 {
		t.Errorf("Scan of two arguments into one = %v, want an *ArityError", err)
	}
	if err := xmlrpc.Scan("text", &n); !errors.As(err, &misfit) || misfit.Path != "" {
		t.Errorf("Scan = %v, want a *TypeError without a path", err)
	}
	var v any
	if err := xmlrpc.Scan(params[1], &v); err != nil || !reflect.DeepEqual(v, params[1]) {
		t.Errorf("Scan into any = %v, %v", v, err)
	}
	if err := xmlrpc.Scan("text", nil); err == nil {
		t.Error("Scan into nil gave no error")
	}
	if err := xmlrpc.Scan(local(2024, 1, 1, 0), new(time.Time)); !errors.As(err, &misfit) {
		t.Errorf("Scan of a date without a zone into a time = %v, want a *TypeError", err)
	}
}
