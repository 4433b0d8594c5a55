package screen

import (
	"io"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/netsvc/netsvc/internal/render"
)

// Theme is what a screen can look like. The zero value has colours for a dark background.
type Theme struct {
	Mono  bool // no colours: weight, underline and reverse tell things apart
	Light bool // the background is light
	ASCII bool // our own marks and frames are of ASCII alone
}

// The names of themes that are not found out.
const (
	themeDark  = "dark"
	themeLight = "light"
	themeMono  = "mono"
)

// ThemeOf makes the theme of that name: dark, light or mono. Any other goes by COLORFGBG, and is
// dark without it. Where l has no colours it is mono, whatever its name.
func ThemeOf(name string, l render.Look, getenv func(string) string) Theme {
	t := Theme{Mono: !l.Color || name == themeMono, ASCII: l.ASCII}
	switch name {
	case themeLight:
		t.Light = true
	case themeDark, themeMono:
	default:
		t.Light = lightBackground(getenv("COLORFGBG"))
	}
	return t
}

// lightBackground reads what some terminals set: the numbers of the colours of text and
// background, as in "0;15" or "0;default;15".
func lightBackground(fgbg string) bool {
	const white, grey = 7, 8
	n, err := strconv.Atoi(fgbg[strings.LastIndexByte(fgbg, ';')+1:])
	return err == nil && (n == white || n > grey)
}

// settle tells a renderer all that it would ask the terminal for.
func (t Theme) settle(r *lipgloss.Renderer) {
	r.SetHasDarkBackground(!t.Light)
	// A profile without colours would have neither weight nor reverse: mono is for the styles.
	r.SetColorProfile(termenv.ANSI)
}

// Style is a style of the theme. dark and light are the numbers of its colour on such a
// background, as in "1" for red; a mono theme has none.
func (t Theme) Style(dark, light string) lipgloss.Style {
	r := lipgloss.NewRenderer(io.Discard)
	t.settle(r)
	style := r.NewStyle()
	if t.Mono || dark == "" {
		return style
	}
	return style.Foreground(lipgloss.AdaptiveColor{Dark: dark, Light: light})
}
