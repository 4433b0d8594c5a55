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

// measured has what XML-RPC has no type for.
type measured struct {
	Took   time.Duration            `netsvc:"took"`
	Day    value.Date               `netsvc:"day"`
	At     value.TimeOfDay          `netsvc:"at"`
	Count  *big.Int                 `netsvc:"count"`
	Small  *big.Int                 `netsvc:"small"`
	Price  value.Decimal            `netsvc:"price"`
	Rounds map[string]time.Duration `netsvc:"rounds"`
	Inner  []struct {
		Took *time.Duration `netsvc:"took"`
	} `netsvc:"inner"`
	Text string `netsvc:"text"`
	Any  any    `netsvc:"any"`
}

func TestTextsBecomeWhatTheyWere(t *testing.T) {
	took := 90 * time.Second
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	sent := measured{
		Took: took, Day: value.Date{Year: 2024, Month: 2, Day: 29}, At: value.TimeOfDay(time.Hour), Count: huge, Small: big.NewInt(-5),
		Price: value.Decimal{Mantissa: big.NewInt(150), Exponent: -2}, Rounds: map[string]time.Duration{"a": took}, Text: "1m30s", Any: "1m30s",
		Inner: []struct {
			Took *time.Duration `netsvc:"took"`
		}{{&took}},
	}
	document, err := xmlrpc.AppendCall(nil, "m", []any{sent}, nil)
	if err != nil {
		t.Fatal(err)
	}
	call, err := xmlrpc.DecodeCall(document, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got measured
	if err := call.Scan(&got); err != nil || !reflect.DeepEqual(got, sent) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, sent)
	}
	if v := call.Params[0].(map[string]any)["took"]; v != "1m30s" {
		t.Errorf("scanning changed the argument to %v", v)
	}

	var n int
	var d time.Duration
	for text, into := range map[string]any{"12": &n, "soon": &d, "12345678901234567890": &n} {
		if misfit := (*value.TypeError)(nil); !errors.As(xmlrpc.Scan(text, into), &misfit) {
			t.Errorf("Scan of the text %s into %T gave no *TypeError", text, into)
		}
	}
}

// FuzzScan checks that whatever arguments come, reading them into Go values ends with a value or an
// error.
func FuzzScan(f *testing.F) {
	for _, folder := range []string{vectors, traps} {
		for _, v := range readManifest(f, folder).Vectors {
			if data := readVector(f, folder, v.File); len(data) < 4096 {
				f.Add(data)
			}
		}
	}
	sent, err := xmlrpc.AppendCall(nil, "m", []any{measured{Took: time.Hour, Day: value.Date{Year: 2024, Month: 1, Day: 1}}, person{Name: "Ann"}, "1e999999999", "-0"}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sent)
	f.Fuzz(func(t *testing.T, data []byte) {
		call, err := xmlrpc.DecodeCall(data, "", nil)
		if err != nil {
			return
		}
		for _, v := range call.Params {
			for _, into := range []any{new(measured), new([]person), new(float32), new(*big.Int), new(value.Decimal), new(map[string]time.Duration)} {
				if err := xmlrpc.Scan(v, into); err != nil && err.Error() == "" {
					t.Errorf("Scan into %T gave an error without a text", into)
				}
			}
		}
	})
}
