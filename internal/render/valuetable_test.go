package render_test

import (
	"testing"

	"github.com/netsvc/netsvc/internal/render"
)

func TestTablesOfValues(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"a number", `12`, "VALUE\n12\n"},
		{"a text", `"a b"`, "VALUE\na b\n"},
		{"no items", `[]`, "VALUE\n"},
		{"a list of numbers", `[1,2]`, "VALUE\n1\n2\n"},
		{"a list of maps", `[{"a":1,"b":"x"},{"b":[2],"c":null}]`, "A  B    C\n1  x\n   [2]  null\n"},
		{"a list of maps and others", `[{"a":1},2]`, "VALUE\n{\"a\":1}\n2\n"},
		{"a map", `{"mean":2,"who":{"x":1}}`, "NAME  VALUE\nmean  2\nwho   {\"x\":1}\n"},
		{"an empty map", `{}`, "NAME  VALUE\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(render.ValueTable([]byte(tt.doc)).Append(nil, render.Look{})); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}
