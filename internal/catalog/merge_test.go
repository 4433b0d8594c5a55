package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMerged(t *testing.T) {
	for _, tc := range []struct{ name, old, changed, present, want string }{
		{"nothing changed", "a c", "", "a c", "a c"},
		{"the first ones", "", "b a", "a b", "a b"},
		{"before, between and behind", "b d", "a c e", "a b c d e", "a b c d e"},
		{"gone", "a b c", "a c", "b", "b"},
		{"changed in its place", "a b c", "b", "a b c", "a b' c"},
		{"gone before it was there", "a c", "b", "a c", "a c"},
		{"all gone", "a b", "a b", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			old, present := strings.Fields(tc.old), strings.Fields(tc.present)
			kept := slices.Clone(old)
			changed := map[string]bool{}
			for _, k := range strings.Fields(tc.changed) {
				changed[k] = true
			}
			got := merged(old, func(e *string) string { return *e }, changed, func(k string) (string, bool) {
				if slices.Contains(old, k) {
					return k + "'", slices.Contains(present, k)
				}
				return k, slices.Contains(present, k)
			})
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if !slices.Equal(old, kept) {
				t.Errorf("the old list became %q", old)
			}
		})
	}
}

// BenchmarkMerged is one change among 10,000 services.
func BenchmarkMerged(b *testing.B) {
	old := make([]Service, 10_000)
	for i := range old {
		old[i].Name = fmt.Sprintf("service-%05d", i)
	}
	changed := map[string]bool{"service-05000": true}
	for b.Loop() {
		merged(old, func(v *Service) string { return v.Name }, changed, func(k string) (Service, bool) { return Service{Name: k}, true })
	}
}
