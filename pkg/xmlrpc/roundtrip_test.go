package xmlrpc_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
	"pgregory.net/rapid"
)

// values draws what XML-RPC carries without loss.
func values() *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any { return drawValue(t, 3) })
}

func drawValue(t *rapid.T, depth int) any {
	kinds := []func() any{
		func() any { return nil },
		func() any { return rapid.Bool().Draw(t, "bool") },
		func() any { return rapid.Int64().Draw(t, "int") },
		func() any { return drawFinite(t) },
		func() any { return drawText(t) },
		func() any { return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes") },
		func() any { return drawLocal(t) },
		func() any { return drawLocal(t).In(time.UTC) },
	}
	if depth > 0 {
		kinds = append(kinds, func() any { return drawList(t, depth-1) }, func() any { return drawMap(t, depth-1) })
	}
	return kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")]()
}

func drawFinite(t *rapid.T) float64 {
	return rapid.Float64().Filter(func(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }).Draw(t, "float")
}

func drawText(t *rapid.T) string {
	carried := func(c rune) bool {
		return c >= ' ' && c != 0xFFFE && c != 0xFFFF || c == '\r' || c == '\n' || c == '\t'
	}
	return rapid.StringOf(rapid.Rune().Filter(carried)).Draw(t, "text")
}

func drawLocal(t *rapid.T) value.LocalTime {
	year := rapid.IntRange(0, 9999).Draw(t, "year")
	month := rapid.IntRange(1, 12).Draw(t, "month")
	day := rapid.IntRange(1, 28).Draw(t, "day")
	seconds := rapid.IntRange(0, 24*3600-1).Draw(t, "seconds")
	return local(year, time.Month(month), day, time.Duration(seconds)*time.Second)
}

func drawList(t *rapid.T, depth int) []any {
	list := []any{}
	for range rapid.IntRange(0, 4).Draw(t, "length") {
		list = append(list, drawValue(t, depth))
	}
	return list
}

func drawMap(t *rapid.T, depth int) map[string]any {
	members := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "size") {
		members[drawText(t)] = drawValue(t, depth)
	}
	return members
}

func roundTrip(t *rapid.T) {
	params := rapid.SliceOfN(values(), 0, 6).Draw(t, "params")
	document, err := xmlrpc.AppendCall(nil, "t.echo", params, &xmlrpc.Dialect{DateZ: true})
	if err != nil {
		t.Fatal(err)
	}
	call, err := xmlrpc.DecodeCall(document, "text/xml; charset=utf-8", nil)
	if err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	if !equal(any(call.Params), any(append([]any{}, params...))) {
		t.Fatalf("got  %#v\nwant %#v", call.Params, params)
	}
	if err := wellFormed(document); err != nil {
		t.Fatalf("encoding/xml refuses %s: %v", document, err)
	}
}

// TestRoundTripThroughAGateway sends values to a method that returns them, by a client: what comes
// back is what was sent, or the dialect refuses to write it.
func TestRoundTripThroughAGateway(t *testing.T) {
	backend := newFakeBackend()
	backend.call["math.echo"] = func(_ context.Context, params []any) (any, error) { return params[0], nil }
	for name, dialect := range map[string]xmlrpc.Dialect{"i8": {DateZ: true}, "strict": {DateZ: true, Strict: true}} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, newGatewayOver(t, backend, &xmlrpc.GatewayOptions{Dialect: dialect})) + "/RPC2"
			client := newClient(t, url, &xmlrpc.ClientOptions{Dialect: dialect, Zip: "deflate"})
			rapid.Check(t, func(t *rapid.T) {
				sent := drawValue(t, 3)
				got, err := client.Call(context.Background(), "math.echo", sent)
				var refused *xmlrpc.EncodeError
				switch {
				case errors.As(err, &refused) && dialect.Strict && !plain(sent):
				case err != nil || !equal(got, sent):
					t.Fatalf("got  %#v, %v\nwant %#v", got, err, sent)
				}
			})
		})
	}
}

// plain reports whether the specification of 1999 has a place for a value.
func plain(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case int64:
		return v == int64(int32(v))
	case []any:
		return !slices.ContainsFunc(v, func(element any) bool { return !plain(element) })
	case map[string]any:
		for _, member := range v {
			if !plain(member) {
				return false
			}
		}
	}
	return true
}

func wellFormed(document []byte) error {
	dec := xml.NewDecoder(bytes.NewReader(document))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestRoundTrip(t *testing.T) { rapid.Check(t, roundTrip) }

func FuzzRoundTrip(f *testing.F) { f.Fuzz(rapid.MakeFuzz(roundTrip)) }

// FuzzDecode checks that no document brings the decoder down, and that what it
// reads can be written and read again without change.
func FuzzDecode(f *testing.F) {
	for _, folder := range []string{vectors, traps} {
		for _, v := range readManifest(f, folder).Vectors {
			if data := readVector(f, folder, v.File); len(data) < 4096 {
				f.Add(data, v.HTTP.ContentType)
			}
		}
	}
	f.Add([]byte("\xFF\xFE<\x00a\x00"), "text/xml; charset=utf-16")
	f.Fuzz(func(t *testing.T, data []byte, contentType string) {
		if _, err := xmlrpc.DecodeResponse(data, contentType, nil); err != nil {
			_ = err.Error()
		}
		call, err := xmlrpc.DecodeCall(data, contentType, nil)
		if err != nil {
			return
		}
		first, err := xmlrpc.AppendCall(nil, call.Method, call.Params, nil)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := xmlrpc.DecodeCall(first, "", nil)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v in %s", err, first)
		}
		second, err := xmlrpc.AppendCall(nil, again.Method, again.Params, nil)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("written once  %s\nwritten twice %s, %v", first, second, err)
		}
	})
}
