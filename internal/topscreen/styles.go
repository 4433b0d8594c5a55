package topscreen

import (
	"github.com/charmbracelet/lipgloss"

	"github.com/netsvc/netsvc/internal/screen"
)

// look is how the parts of the screen stand out. Each says in words, too, what its style says.
type look struct {
	theme screen.Theme

	strong lipgloss.Style // headings
	faint  lipgloss.Style // what is old
	keys   lipgloss.Style // the last line
	live   lipgloss.Style
	warn   lipgloss.Style // not as it should be
	bad    lipgloss.Style // failures of this moment

	down, up string // marks of the order
}

func newLook(t screen.Theme) look {
	l := look{
		theme: t, down: "↓", up: "↑",
		strong: t.Style("", "").Bold(true),
		faint:  t.Style("", "").Faint(true),
		keys:   t.Style("", "").Reverse(true),
		live:   t.Style("2", "2"),
		warn:   t.Style("3", "5").Bold(true),
		bad:    t.Style("1", "1").Bold(true),
	}
	if t.ASCII {
		l.down, l.up = "v", "^"
	}
	return l
}
