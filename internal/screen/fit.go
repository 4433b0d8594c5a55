package screen

import (
	"strings"

	"github.com/netsvc/netsvc/internal/render"
)

// Cut is text in at most so many cells, marked where it was cut. It is clean and without styles.
func (t Theme) Cut(text string, cells int) string {
	return render.Look{ASCII: t.ASCII}.Cut(text, max(0, cells))
}

// Fit is text in exactly so many cells: cut, or filled up with blanks.
func (t Theme) Fit(text string, cells int) string {
	text = t.Cut(text, cells)
	return text + strings.Repeat(" ", max(0, cells-render.Columns(text)))
}

// FitRight is Fit for numbers: the blanks come first.
func (t Theme) FitRight(text string, cells int) string {
	text = t.Cut(text, cells)
	return strings.Repeat(" ", max(0, cells-render.Columns(text))) + text
}
