package value_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/netsvc/netsvc/pkg/value"
)

// strict is the CBOR library with our limits, as far as it has them.
var strict = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, UTF8: cbor.UTF8RejectInvalid,
		MaxNestedLevels: 128, MaxArrayElements: 10_000_000, MaxMapPairs: 10_000_000,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

// FuzzDecode holds Check, Decode, Unmarshal, JSON and the CBOR library against each other.
func FuzzDecode(f *testing.F) {
	for _, s := range samples() {
		encoded, err := value.Marshal(s.v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoded)
	}
	for _, seed := range []string{"9f01ff", "bf616101ff", "7f6161ff", "f93e00", "d863a10102", "a2616101616102", "9bffffffffffffffff", "c48201c24105"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := value.Decode(data)
		if checked := value.Check(data); (checked == nil) != (err == nil) {
			t.Fatalf("Check = %v, Decode = %v", checked, err)
		}
		if err != nil {
			return
		}
		if err := strict.Wellformed(data); err != nil {
			t.Fatalf("accepted, but the CBOR library says: %v", err)
		}
		checkAgain(t, v)
		text, err := value.AppendRawJSON(nil, data)
		if err != nil || !json.Valid(text) {
			t.Fatalf("JSON %s, %v", text, err)
		}
		var into any
		if err := value.Unmarshal(data, &into); err != nil || !equal(into, v) {
			t.Fatalf("Unmarshal = %#v, %v, Decode = %#v", into, err, v)
		}
		var p record
		_ = value.Unmarshal(data, &p) // must not panic
	})
}

// checkAgain encodes a decoded value and decodes it once more.
func checkAgain(t *testing.T, v any) {
	t.Helper()
	encoded, err := value.Marshal(v)
	if err != nil {
		t.Fatalf("what was decoded cannot be encoded: %v", err)
	}
	again, err := value.Decode(encoded)
	if err != nil || !equal(again, v) {
		t.Fatalf("%#v became %#v, %v", v, again, err)
	}
}

// FuzzCall sends arbitrary arguments to funcs by adapter and by reflection, which must agree.
func FuzzCall(f *testing.F) {
	for _, seed := range []string{"820304", "82616103", "9f0304ff", "82fb400800000000000004", "8201", "821bffffffffffffffff01"} {
		f.Add(unhex(f, seed))
	}
	direct, err := value.NewFunc(func(x, y int64) int64 { return x*31 + y }, value.FuncOptions{})
	if err != nil {
		f.Fatal(err)
	}
	reflected, err := value.NewFunc(func(x int64, y label64) int64 { return x*31 + int64(y) }, value.FuncOptions{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, aErr := direct.Call(t.Context(), data, nil)
		b, bErr := reflected.Call(t.Context(), data, nil)
		if !bytes.Equal(a, b) || errorText(aErr) != errorText(bErr) {
			t.Fatalf("adapter %x, %v; reflection %x, %v", a, aErr, b, bErr)
		}
	})
}

type label64 int64

// FuzzJSON holds FromJSON against encoding/json and against what AppendJSON writes.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,"\u00e4",null,true]}`, `-0`, `1e300`, `{"$opaque":99,"data":"AQ=="}`, `"\ud83d\ude00"`, `[[[]]]`, `12345678901234567890`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := value.FromJSON(data, nil)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("accepted, but encoding/json does not: %q", data)
		}
		text, err := value.AppendJSON(nil, v)
		if err != nil || !json.Valid(text) {
			t.Fatalf("written as %s, %v", text, err)
		}
		if _, err := value.FromJSON(text, nil); err != nil {
			t.Fatalf("%s does not read back: %v", text, err)
		}
	})
}

// FuzzArgsFromJSON holds ArgsFromJSON against FromJSON: they take the same texts, and read the same
// from them.
func FuzzArgsFromJSON(f *testing.F) {
	for _, seed := range []string{`[1,"a"]`, `{"x":1,"y":[]}`, `3`, `[[3]]`, `{}`, `[`, `{"$opaque":99,"data":"AQ=="}`, `null`} {
		f.Add([]byte(seed))
	}
	sig := &value.Signature{Params: []value.Param{{Name: "x"}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		positional, named, err := value.ArgsFromJSON(data, sig, 0)
		v, whole := value.FromJSON(data, nil)
		if err != nil || whole != nil {
			if whole == nil && err != nil {
				t.Fatalf("%q is JSON, but no arguments: %v", data, err)
			}
			return
		}
		switch v := v.(type) {
		case []any:
			sameEncoding(t, data, positional, v)
		case map[string]any:
			sameEncoding(t, data, named, v)
		case value.Opaque:
		default:
			sameEncoding(t, data, positional, []any{v})
		}
	})
}

func sameEncoding(t *testing.T, data []byte, got, want any) {
	t.Helper()
	g, gotErr := value.Marshal(got)
	w, wantErr := value.Marshal(want)
	if gotErr != nil || wantErr != nil || !bytes.Equal(g, w) {
		t.Fatalf("%q read as %v, %v, want %v, %v", data, got, gotErr, want, wantErr)
	}
}

// FuzzForm parses arbitrary words by every type; what comes out must fit the type.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"3", "-", "@a.txt", ":@a.json", "b64:aGk=", "dur:1h", "str:x", "[1,2]", "x:=1", "2026-11-22T10:00:00Z", "+Inf", ".5"} {
		f.Add(seed)
	}
	types := []string{"any", "nil", "bool", "int", "number", "text", "bytes", "datetime", "date", "time", "duration", "list<int>", "map", "stream<any>"}
	f.Fuzz(func(t *testing.T, word string) {
		for _, name := range types {
			typ, err := value.ParseType(name)
			if err != nil {
				t.Fatal(err)
			}
			v, err := value.ParseForm(word, typ, world)
			if err != nil {
				continue
			}
			if err := typ.Check(v); err != nil {
				t.Fatalf("%q as %s is %#v: %v", word, name, v, err)
			}
		}
		sig := &value.Signature{Params: []value.Param{{Name: "x"}}}
		_, _ = value.ParseArgs([]string{word}, sig, world) // must not panic
	})
}

// FuzzMethods decodes arbitrary signatures; what is accepted must survive a round.
func FuzzMethods(f *testing.F) {
	blob, err := value.Marshal([]any{map[string]any{"name": "a", "params": []any{map[string]any{"name": "x", "type": map[string]any{"type": "integer"}}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(blob)
	f.Fuzz(func(t *testing.T, data []byte) {
		methods, err := value.DecodeMethods(data)
		if err != nil {
			return
		}
		blob, err := value.EncodeMethods(methods)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := value.DecodeMethods(blob); err != nil || len(again) != len(methods) {
			t.Fatalf("%d methods became %d, %v", len(methods), len(again), err)
		}
	})
}
