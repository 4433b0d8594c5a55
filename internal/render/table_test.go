package render_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/value"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestTableAlignsWhatIsSeen(t *testing.T) {
	table := render.Table{Header: []string{"NAME", "HOST", "X"}}
	table.Add("math", "東京", "1")
	table.Add("é", "two\nlines", "2")
	table.Add("escape\x1b[2J", "", "")
	table.Add("short")
	golden(t, "table.txt", table.Append(nil, render.Look{Terminal: true}))
}

func TestTableInAPipeIsVerbatimButForLines(t *testing.T) {
	table := render.Table{Header: []string{"A", "B"}}
	table.Add("a\u202e", "b\nc")
	got := string(table.Append(nil, render.Look{}))
	if want := "A  B\na\u202e  b\\nc\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func services() []exchange.ServiceInfo {
	instance := func(address, state string, inflight int) exchange.InstanceInfo {
		return exchange.InstanceInfo{
			Address: address, Origin: "00000000000000ff", PID: 4121, Host: "box", User: "ann", Program: "netsvc",
			State: state, Inflight: inflight, Version: "1.2",
		}
	}
	return []exchange.ServiceInfo{
		{Name: "echo", Instances: []exchange.InstanceInfo{instance("echo@9", "ready", 0)}, Groups: []string{}, Methods: []string{"echo"}},
		{Name: "math", Instances: []exchange.InstanceInfo{instance("math@3", "ready", 2), instance("math@4", "suspect", 0), instance("math@5", "ready", 0)},
			Groups: []string{"prod", "web-services"}, Methods: []string{"add", "divide", "multiply", "series", "square", "stats"}},
	}
}

func TestServiceTable(t *testing.T) {
	golden(t, "services.txt", render.ServiceTable(services()).Append(nil, render.Look{Terminal: true}))
}

func TestInstanceTable(t *testing.T) {
	golden(t, "instances.txt", render.InstanceTable(services()).Append(nil, render.Look{Terminal: true}))
}

func TestInstanceTableShowsLocalTime(t *testing.T) {
	since := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	list := []exchange.ServiceInfo{{Instances: []exchange.InstanceInfo{{Address: "math@3", Since: since}}}}
	got := render.InstanceTable(list).Rows[0][4]
	if want := since.Local().Format("2006-01-02 15:04:05"); got != want {
		t.Errorf("since = %q, want %q", got, want)
	}
}

func TestDescription(t *testing.T) {
	text, list := &value.Type{Kind: value.Text, Enum: []string{"up", "down"}}, &value.Type{Kind: value.List, Elem: &value.Type{Kind: value.Number}}
	signatures := []value.Signature{
		{Name: "multiply", Doc: "Product of two integers.", ReadOnly: true, Idempotent: true, Result: &value.Type{Kind: value.Int},
			Params: []value.Param{{Name: "x", Type: &value.Type{Kind: value.Int}, Doc: "the left one"}, {Name: "y", Type: &value.Type{Kind: value.Int}}}},
		{Name: "round", Params: []value.Param{{Name: "to", Type: text}, {Name: "rest", Type: list}}, Variadic: true, Deprecated: true},
		{Name: "hostile", Doc: "Two lines\nand \x1b[31mred."},
	}
	d := render.Description{Name: "math", Description: "Arithmetic.", Groups: []string{"web-services"}, Instances: services()[1].Instances[:1], Subjects: []string{}, Fallback: true}
	for i := range signatures {
		d.Methods = append(d.Methods, render.MethodOf(&signatures[i]))
	}
	golden(t, "description.txt", d.Append(nil, render.Look{Terminal: true}))
}
