package wire_test

import (
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestParseTarget(t *testing.T) {
	longest := strings.Repeat("m", wire.MaxName)
	tests := []struct {
		target, name string
		number       uint32
		ok           bool
	}{
		{"math", "math", 0, true},
		{"math@3", "math", 3, true},
		{"@7", "", 7, true},
		{"math@4294967295", "math", 4294967295, true},
		{"math@4294967296", "", 0, false},
		{"", "", 0, false},
		{"@", "", 0, false},
		{"math@", "", 0, false},
		{"math@0", "", 0, false},
		{"math@03", "", 0, false},
		{"math@+3", "", 0, false},
		{"math@-3", "", 0, false},
		{"math@3 ", "", 0, false},
		{"math@1_0", "", 0, false},
		{"math@0x3", "", 0, false},
		{"math@3@4", "", 0, false},
		{"math@x", "", 0, false},
		{"math\xff", "", 0, false},
		{"math\xff@3", "", 0, false},
		{longest, longest, 0, true},
		{longest + "@3", longest, 3, true},
		{longest + "m", "", 0, false},
		{longest + "m@3", "", 0, false},
	}
	for _, tt := range tests {
		name, number, ok := wire.ParseTarget(tt.target)
		if name != tt.name || number != tt.number || ok != tt.ok {
			t.Errorf("ParseTarget(%q) = %q, %d, %v, want %q, %d, %v",
				tt.target, name, number, ok, tt.name, tt.number, tt.ok)
		}
	}
}

func TestAddressText(t *testing.T) {
	tests := []struct {
		address wire.Address
		want    string
	}{
		{wire.Address{}, ""},
		{wire.Address{Origin: 5, Name: "math"}, ""},
		{wire.Address{Origin: 5, Name: "math", Number: 3}, "math@3"},
		{wire.Address{Number: 7}, "@7"},
	}
	for _, tt := range tests {
		if got := tt.address.String(); got != tt.want {
			t.Errorf("String of %+v = %q, want %q", tt.address, got, tt.want)
		}
		if got := tt.address.IsZero(); got != (tt.want == "") {
			t.Errorf("IsZero of %+v = %v", tt.address, got)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"math", "math@3", "@7", "@", "a@0", "a@99999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, number, ok := wire.ParseTarget(s)
		if !ok {
			return
		}
		if number == 0 {
			if name != s {
				t.Errorf("ParseTarget(%q) = %q, want the same name", s, name)
			}
			return
		}
		if got := (wire.Address{Name: name, Number: number}).String(); got != s {
			t.Errorf("ParseTarget(%q) stands for %q", s, got)
		}
	})
}
