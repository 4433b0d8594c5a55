package xmlrpc_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// The folders of documents. Those in vectors are shared with others; those in traps are what the
// grammar, the encodings and the limits have for the careless.
const (
	vectors = "testdata/vectors"
	traps   = "testdata/traps"
)

// manifest describes the documents of a folder.
type manifest struct {
	Vectors []vector
	HTTP    []httpVector
}

type vector struct {
	ID, File, Kind, Class, Desc, Policy string
	HTTP                                struct {
		ContentType string `json:"content_type"`
	}
	AlsoOK bool `json:"also_ok"`
	Expect expectation
	Budget *struct{ MS, MiB float64 }
}

type expectation struct {
	Method      *string
	Params      json.RawMessage
	Depth       int
	FaultAnyOf  []int `json:"fault_any_of"`
	Result      json.RawMessage
	RemoteFault *struct {
		Code   int
		String string
	} `json:"remote_fault"`
	DecodeError bool `json:"decode_error"`
}

func readManifest(t testing.TB, folder string) manifest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func readVector(t testing.TB, folder, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestVectors(t *testing.T) { checkFolder(t, vectors, 97) }

func TestTraps(t *testing.T) { checkFolder(t, traps, 163) }

// checkFolder decodes all documents of a folder. count is how many there are, so that none is
// lost.
func checkFolder(t *testing.T, folder string, count int) {
	t.Helper()
	m := readManifest(t, folder)
	if len(m.Vectors) != count {
		t.Fatalf("the manifest has %d documents, want %d", len(m.Vectors), count)
	}
	for _, v := range m.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			data := readVector(t, folder, v.File)
			within(t, v.Budget, func() {
				if v.Kind == "response" {
					checkResponse(t, v, data)
				} else {
					checkCall(t, v, data)
				}
			})
		})
	}
}

func checkCall(t *testing.T, v vector, data []byte) {
	t.Helper()
	call, err := xmlrpc.DecodeCall(data, v.HTTP.ContentType, nil)
	if v.Expect.FaultAnyOf != nil {
		checkRefused(t, v.Expect.FaultAnyOf, err)
		return
	}
	if err != nil {
		t.Fatalf("DecodeCall: %v", err)
	}
	if v.Expect.Method != nil && call.Method != *v.Expect.Method {
		t.Errorf("method = %q, want %q", call.Method, *v.Expect.Method)
	}
	if v.Expect.Depth > 0 && depthOf(call.Params[0]) != v.Expect.Depth {
		t.Errorf("depth = %d, want %d", depthOf(call.Params[0]), v.Expect.Depth)
	}
	if v.Expect.Params != nil {
		checkTagged(t, xmlrpc.TaggedList(call.Params), v.Expect.Params)
	}
}

// depthOf is 1 for a value, and one more for each list around it.
func depthOf(v any) int {
	list, _ := v.([]any)
	deepest := 0
	for _, element := range list {
		deepest = max(deepest, depthOf(element))
	}
	return 1 + deepest
}

func checkRefused(t *testing.T, codes []int, err error) {
	t.Helper()
	var refused *xmlrpc.DecodeError
	if !errors.As(err, &refused) {
		t.Fatalf("error = %v, want a *DecodeError with one of %v", err, codes)
	}
	if !slices.Contains(codes, refused.Code) {
		t.Errorf("error = %d %v, want one of %v", refused.Code, err, codes)
	}
	if len(refused.Error()) > 400 {
		t.Errorf("the error text has %d bytes, want a short one", len(refused.Error()))
	}
}

func checkResponse(t *testing.T, v vector, data []byte) {
	t.Helper()
	result, err := xmlrpc.DecodeResponse(data, v.HTTP.ContentType, nil)
	var fault *xmlrpc.Fault
	switch {
	case v.Expect.DecodeError:
		if refused := (*xmlrpc.DecodeError)(nil); !errors.As(err, &refused) {
			t.Errorf("error = %v, want a *DecodeError", err)
		}
	case v.Expect.RemoteFault != nil:
		want := xmlrpc.Fault{Code: v.Expect.RemoteFault.Code, String: v.Expect.RemoteFault.String}
		if !errors.As(err, &fault) || *fault != want {
			t.Errorf("error = %v, want fault %v", err, &want)
		}
	case err != nil:
		t.Errorf("DecodeResponse: %v", err)
	default:
		checkTagged(t, xmlrpc.Tagged(result), v.Expect.Result)
	}
}

// checkTagged compares a tagged value with JSON. Floats are compared as the
// manifest writes them, which is the shortest form, too.
func checkTagged(t *testing.T, got any, want json.RawMessage) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var gotValue, wantValue any
	if err := json.Unmarshal(text, &gotValue); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(want, &wantValue); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(gotValue, wantValue) {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

// within runs check and compares its time and its allocations with the budget.
func within(t *testing.T, budget *struct{ MS, MiB float64 }, check func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	check()
	ms := float64(time.Since(start).Microseconds()) / 1000
	runtime.ReadMemStats(&after)
	if budget == nil {
		return
	}
	if ms > budget.MS {
		t.Errorf("took %.1f ms, the budget is %.0f", ms, budget.MS)
	}
	if mib := float64(after.TotalAlloc-before.TotalAlloc) / (1 << 20); mib > budget.MiB {
		t.Errorf("allocated %.1f MiB, the budget is %.0f", mib, budget.MiB)
	}
}

// httpVector is a raw exchange with a gateway.
type httpVector struct {
	ID, File string
	Expect   json.RawMessage
}
