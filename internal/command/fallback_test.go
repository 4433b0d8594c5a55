package command_test

import (
	"context"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestMethodsOfAFallback: what is not in the signatures is called all the same, and not taken
// for a slip of the fingers.
func TestMethodsOfAFallback(t *testing.T) {
	p := newPlace(t)
	p.math.ExportFallback(func(_ context.Context, method string, args []any) (any, error) {
		if method == "none" {
			return nil, service.ErrNoMethod
		}
		return append([]any{method}, args...), nil
	})
	tests := []struct {
		name  string
		words []string
		want  string // in the output, or the error
		exit  int
	}{
		{"a method of any name", []string{"call", "math.multipli", "3", "x"}, "multipli", 0},
		{"an argument by name", []string{"call", "math.multipli", "x=3"}, "a name has no place", command.ExitArguments},
		{"one that the fallback does not know", []string{"call", "math.none"}, `has no method "none"`, command.ExitNotFound},
		{"the description", []string{"describe", "math"}, "\"fallback\":true", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := p.run(t, render.Look{}, given{}, tt.words...)
			if tt.exit == 0 {
				if err != nil || !strings.Contains(out, tt.want) {
					t.Errorf("got %q, %v, want %q", out, err, tt.want)
				}
				return
			}
			e := command.Explain(t.Context(), err)
			if e == nil || !strings.Contains(e.Line(render.Look{}), tt.want) || e.Exit != tt.exit {
				t.Errorf("got %q, %v, want %q and exit %d", out, err, tt.want, tt.exit)
			}
		})
	}
}
