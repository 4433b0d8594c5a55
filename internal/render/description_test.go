package render_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/render"
)

func TestParamsHaveNoEscapesForHTML(t *testing.T) {
	p := render.Param{Name: "values", Doc: "a & b", Shape: render.Shape{Type: "list<number>", Schema: json.RawMessage(`{}`)}}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(p); err != nil {
		t.Fatal(err)
	}
	want := `{"name":"values","type":"list<number>","doc":"a & b","schema":{}}`
	if got := strings.TrimSpace(out.String()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
