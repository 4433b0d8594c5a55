package value_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/value"
)

func TestCheckRefuses(t *testing.T) {
	tests := []struct{ name, hex, reason string }{
		{"nothing", "", "ends too early"},
		{"cut head", "19 01", "ends too early"},
		{"cut float", "fb 40", "ends too early"},
		{"cut text", "63 61 61", "longer than the data"},
		{"undefined additional information", "1c", "malformed first byte"},
		{"integer of indefinite length", "1f", "malformed first byte"},
		{"tag of indefinite length", "df 00", "malformed first byte"},
		{"bytes after the value", "01 01", "bytes after"},
		{"break alone", "ff", "break where"},
		{"break in a definite list", "82 01 ff", "break where"},
		{"odd indefinite map", "bf 61 61 ff", "break where"},
		{"unknown simple value", "e0", "simple value 0"},
		{"one byte simple value", "f8 ff", "simple value 255"},
		{"badly encoded simple value", "f8 14", "malformed simple"},
		{"invalid UTF-8", "61 ff", "UTF-8"},
		{"UTF-8 split between chunks", "7f 61 c3 61 bc ff", "UTF-8"},
		{"chunk of another kind", "7f 41 61 ff", "chunks of another kind"},
		{"chunk inside of a chunk", "7f 7f ff ff", "chunks of another kind"},
		{"string without an end", "5f 41 00", "ends too early"},
		{"integer key", "a1 01 02", "not a text"},
		{"key in chunks", "a1 7f 61 61 ff 02", "not a text"},
		{"duplicate key", "a2 61 61 01 61 61 02", `duplicate map key "a"`},
		{"duplicate key with a longer head", "a2 61 61 01 78 01 61 02", `duplicate map key "a"`},
		{"duplicate key in an inner map", "a1 61 78 a2 61 61 01 61 61 02", `duplicate map key "a"`},
		{"4 billion bytes announced", "5a ff ff ff ff 00", "longer than the data"},
		{"2^64-1 bytes announced", "7b ff ff ff ff ff ff ff ff", "longer than the data"},
		{"2^64-1 elements announced", "9b ff ff ff ff ff ff ff ff", "ends too early"},
		{"2^64-1 members announced", "bb ff ff ff ff ff ff ff ff", "ends too early"},
		{"date-time that is no text", "c0 01", "date tag"},
		{"impossible date-time", "c0 74" + hex.EncodeToString([]byte("2026-02-30T10:00:00Z")), "RFC 3339"},
		{"big integer that is no bytes", "c2 01", "big integer"},
		{"decimal of three", "c4 83 01 02 03", "decimal"},
		{"decimal with a float", "c4 82 01 fb 0000000000000000", "decimal"},
		{"decimal with a large exponent", "c4 82 1a 80000000 01", "decimal"},
		{"impossible date", "d9 03ec 6a" + hex.EncodeToString([]byte("2026-13-01")), "YYYY-MM-DD"},
		{"duration that is a text", "da 4e535601 61 61", "int64 of nanoseconds"},
		{"duration beyond int64", "da 4e535601 1b 8000000000000000", "int64 of nanoseconds"},
		{"negative time of day", "da 4e535602 20", "within a day"},
		{"24 hours of a day", "da 4e535602 1b 00004e94914f0000", "within a day"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := unhex(t, tt.hex)
			err := value.Check(data)
			var bad *value.DecodeError
			if !errors.As(err, &bad) || !strings.Contains(bad.Reason, tt.reason) {
				t.Errorf("Check = %v, want a DecodeError with %q", err, tt.reason)
			}
			if _, derr := value.Decode(data); fmt.Sprint(derr) != fmt.Sprint(err) {
				t.Errorf("Decode = %v, Check = %v", derr, err)
			}
			var into any
			if uerr := value.Unmarshal(data, &into); fmt.Sprint(uerr) != fmt.Sprint(err) {
				t.Errorf("Unmarshal = %v, Check = %v", uerr, err)
			}
		})
	}
}

func TestDecodeTakesWhatOthersWrite(t *testing.T) {
	tests := []struct {
		name, hex string
		want      any
	}{
		{"long heads", "1b 0000000000000001", int64(1)},
		{"half float", "f9 3e00", 1.5},
		{"smallest half float", "f9 0001", 0x1p-24},
		{"negative half infinity", "f9 fc00", -1 / zero},
		{"single float", "fa 3fc00000", 1.5},
		{"undefined", "f7", nil},
		{"text in chunks", "7f 61 61 62 62 63 ff", "abc"},
		{"bytes in chunks", "5f 41 01 40 41 02 ff", []byte{1, 2}},
		{"indefinite list", "9f 01 9f ff ff", []any{int64(1), []any{}}},
		{"indefinite map", "bf 61 61 01 ff", map[string]any{"a": int64(1)}},
		{"small integer as a big one", "c2 41 05", int64(5)},
		{"empty big integer", "c3 40", int64(-1)},
		{"opaque tag with integer keys", "d8 63 a1 01 02", value.Opaque{Tag: 99, Data: []byte{0xa1, 1, 2}}},
		{"opaque tag on an unknown simple value", "d8 63 e0", value.Opaque{Tag: 99, Data: []byte{0xe0}}},
		{"epoch time, whose tag has no meaning here", "c1 00", value.Opaque{Tag: 1, Data: []byte{0}}},
		{"lower case date-time", "c0 74" + hex.EncodeToString([]byte("2026-11-22t10:00:00z")), mustMoment("2026-11-22T10:00:00Z")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := value.Decode(unhex(t, tt.hex))
			if err != nil || !equal(got, tt.want) {
				t.Errorf("Decode = %#v, %v, want %#v", got, err, tt.want)
			}
		})
	}
}

func TestDepthLimit(t *testing.T) {
	for _, open := range []byte{0x81, 0x9f, 0xd8} {
		deep := func(n int) []byte {
			var data []byte
			for range n {
				data = append(data, open)
				if open == 0xd8 {
					data = append(data, 99)
				}
			}
			data = append(data, 0x01)
			if open == 0x9f {
				data = append(data, bytes.Repeat([]byte{0xff}, n)...)
			}
			return data
		}
		if err := value.Check(deep(value.MaxDepth)); err != nil {
			t.Errorf("%x at the limit: %v", open, err)
		}
		for _, n := range []int{value.MaxDepth + 1, 10_000} {
			if err := value.Check(deep(n)); err == nil || !strings.Contains(err.Error(), "deeper than 64") {
				t.Errorf("%x %d levels: %v", open, n, err)
			}
		}
	}
}

func TestArgumentsMayBeAsDeepAsResults(t *testing.T) {
	var v any = 1
	for range value.MaxDepth {
		v = []any{v}
	}
	args, err := value.AppendArgs(nil, []any{v})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := value.ReadArgs(args); err != nil {
		t.Errorf("ReadArgs: %v", err)
	}
	if _, err := value.Marshal([]any{v}); err == nil {
		t.Error("Marshal took one level too many")
	}
}

func TestElementLimit(t *testing.T) {
	most := append([]byte{0x9a, 0, 0x0f, 0x42, 0x40}, make([]byte, value.MaxElements)...)
	if err := value.Check(most); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	over := append([]byte{0x9a, 0, 0x0f, 0x42, 0x41}, make([]byte, value.MaxElements+1)...)
	if err := value.Check(over); err == nil || !strings.Contains(err.Error(), "1000000 elements") {
		t.Errorf("over the limit: %v", err)
	}
	if _, err := value.Marshal(make([]int, value.MaxElements+1)); err == nil {
		t.Error("Marshal took one element too many")
	}
}

// TestHostileLengthsTakeNoMemory gives announcements of much that is not there. What is allocated
// must follow from the bytes that are.
func TestHostileLengthsTakeNoMemory(t *testing.T) {
	hostile := map[string][]byte{
		"list of 2^32 elements":       unhex(t, "9a ffffffff 01"),
		"nested lists of 2^32":        bytes.Repeat(unhex(t, "9a ffffffff"), 60),
		"map of 2^32 members":         unhex(t, "ba ffffffff 61 61 01"),
		"bytes of 4 GiB":              unhex(t, "5a ffffffff 01"),
		"text of 2^63 bytes":          unhex(t, "7b 8000000000000000 61"),
		"10,000 levels":               bytes.Repeat([]byte{0x81}, 10_000),
		"big integer of 2 GiB":        unhex(t, "c2 5a 7fffffff 00"),
		"list of 2^32 as an argument": unhex(t, "81 9a ffffffff"),
	}
	for name, data := range hostile {
		t.Run(name, func(t *testing.T) {
			var into [][]int
			grown := allocated(func() {
				if _, err := value.Decode(data); err == nil {
					t.Error("Decode took it")
				}
				if err := value.Unmarshal(data, &into); err == nil {
					t.Error("Unmarshal took it")
				}
				if _, err := value.ReadArgs(data); err == nil {
					t.Error("ReadArgs took it")
				}
			})
			if grown > 64<<10 {
				t.Errorf("took %d bytes", grown)
			}
		})
	}
}

// TestManyKeys looks for duplicates among many keys in bad order, where comparing all with all
// would take hours.
func TestManyKeys(t *testing.T) {
	const n = 300_000
	data := []byte{0xba, 0, 0x04, 0x93, 0xe0} // 300,000
	for i := range n {
		key := fmt.Sprintf("%08d", (i*7919)%n)
		data = append(append(append(data, 0x68), key...), 0x01)
	}
	if err := value.Check(data); err != nil {
		t.Fatalf("distinct keys: %v", err)
	}
	copy(data[6:14], data[len(data)-9:len(data)-1])
	if err := value.Check(data); err == nil || !strings.Contains(err.Error(), "duplicate") {
		t.Errorf("one of them twice: %v", err)
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

var zero = 0.0

func mustMoment(text string) any {
	v, err := value.ParseDateTime(text)
	if err != nil {
		panic(err)
	}
	return v
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
