package wire_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestDeclaredSubjectsAreChecked(t *testing.T) {
	long := strings.Repeat("s", wire.MaxSubject)
	full := slices.Repeat([]string{long}, wire.MaxSubjectBytes/wire.MaxSubject)
	tests := []struct {
		name     string
		subjects []string
		says     string // empty: nothing is wrong
	}{
		{"none", nil, ""},
		{"subjects and patterns", []string{"tick", "system.log", "temp.*", "day?"}, ""},
		{"one twice", []string{"tick", "tick"}, ""},
		{"as many as may be", slices.Repeat([]string{"s"}, wire.MaxSubjects), ""},
		{"one too many", slices.Repeat([]string{"s"}, wire.MaxSubjects+1), "65 declared subjects with 65 bytes are over the limit of 64"},
		{"as many bytes as may be", full, ""},
		{"a byte too many", append(slices.Clone(full), "s"), "9 declared subjects with 2049 bytes are over the limit of 64 with 2048"},
		{"an empty one", []string{"tick", ""}, `declared subjects: pattern "": may not be empty`},
		{"a blank in one", []string{"a b"}, "without blanks"},
		{"a reserved one", []string{"_tick"}, "reserved"},
		{"too long a one", []string{long + "s"}, "256"},
		{"nine stars", []string{strings.Repeat("*a", 9)}, "at most 8 *"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := wire.CheckSubjects(tt.subjects)
			switch {
			case (f == nil) != (tt.says == ""):
				t.Errorf("CheckSubjects = %v, want an error: %v", f, tt.says != "")
			case f != nil && (f.Code != wire.CodeBadParams || f.Delivered != wire.No || !strings.Contains(f.Description, tt.says)):
				t.Errorf("CheckSubjects = %v, delivered %s, want bad_params that says %q", f, f.Delivered, tt.says)
			}
		})
	}
}
