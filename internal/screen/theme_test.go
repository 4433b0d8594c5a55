package screen_test

import (
	"testing"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/internal/screen"
)

func TestThemeOf(t *testing.T) {
	colours := render.Look{Terminal: true, Color: true}
	for _, tc := range []struct {
		name  string
		theme string
		look  render.Look
		fgbg  string
		want  screen.Theme
	}{
		{"nobody says anything", "", colours, "", screen.Theme{}},
		{"auto is the same", "auto", colours, "", screen.Theme{}},
		{"text is black on white", "auto", colours, "0;15", screen.Theme{Light: true}},
		{"white of the dull ones", "auto", colours, "0;7", screen.Theme{Light: true}},
		{"three numbers", "auto", colours, "0;default;15", screen.Theme{Light: true}},
		{"text is white on black", "auto", colours, "15;0", screen.Theme{}},
		{"dark grey", "auto", colours, "15;8", screen.Theme{}},
		{"no number", "auto", colours, "15;default", screen.Theme{}},
		{"dark is stronger", "dark", colours, "0;15", screen.Theme{}},
		{"light is stronger", "light", colours, "15;0", screen.Theme{Light: true}},
		{"mono", "mono", colours, "0;15", screen.Theme{Mono: true}},
		{"no colours are wanted", "light", render.Look{Terminal: true}, "", screen.Theme{Mono: true, Light: true}},
		{"a locale of ASCII", "", render.Look{Terminal: true, Color: true, ASCII: true}, "", screen.Theme{ASCII: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			getenv := func(name string) string { return map[string]string{"COLORFGBG": tc.fgbg}[name] }
			if got := screen.ThemeOf(tc.theme, tc.look, getenv); got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}

// TestStyles have a colour for each background, and in mono none, but weight all the same.
func TestStyles(t *testing.T) {
	for _, tc := range []struct {
		name  string
		theme screen.Theme
		want  string
	}{
		{"dark", screen.Theme{}, "\x1b[1;33mx\x1b[0m"},
		{"light", screen.Theme{Light: true}, "\x1b[1;35mx\x1b[0m"},
		{"mono", screen.Theme{Mono: true}, "\x1b[1mx\x1b[0m"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.theme.Style("3", "5").Bold(true).Render("x"); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestFit(t *testing.T) {
	unicode, ascii := screen.Theme{}, screen.Theme{ASCII: true}
	for _, tc := range []struct {
		name  string
		theme screen.Theme
		text  string
		cells int
		left  string
		right string
	}{
		{"it fits", unicode, "math", 4, "math", "math"},
		{"there is room", unicode, "math", 6, "math  ", "  math"},
		{"it is cut", unicode, "mathematics", 6, "mathe…", "mathe…"},
		{"it is cut in ASCII", ascii, "mathematics", 6, "math..", "math.."},
		{"wide characters", unicode, "数学", 4, "数学", "数学"},
		{"a wide character over the edge", unicode, "数学数学", 6, "数学… ", " 数学…"},
		{"no room at all", unicode, "math", 0, "", ""},
		{"less than none", unicode, "math", -3, "", ""},
		{"nothing", unicode, "", 2, "  ", "  "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.theme.Fit(tc.text, tc.cells); got != tc.left {
				t.Errorf("Fit = %q, want %q", got, tc.left)
			}
			if got := tc.theme.FitRight(tc.text, tc.cells); got != tc.right {
				t.Errorf("FitRight = %q, want %q", got, tc.right)
			}
		})
	}
}
