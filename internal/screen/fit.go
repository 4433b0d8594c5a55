package screen

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// Fit is text in exactly so many cells: filled up with blanks, or cut with a mark at its end.
// The text is clean, on one line and without styles.
func (t Theme) Fit(text string, cells int) string {
	text = t.Cut(text, cells)
	return text + strings.Repeat(" ", max(0, cells-lipgloss.Width(text)))
}

// FitRight is Fit for numbers: the blanks come first.
func (t Theme) FitRight(text string, cells int) string {
	text = t.Cut(text, cells)
	return strings.Repeat(" ", max(0, cells-lipgloss.Width(text))) + text
}

// Cut is text in at most so many cells. One that is cut has a mark at its end. A wide character
// that would reach over the edge is left out.
func (t Theme) Cut(text string, cells int) string {
	if cells <= 0 {
		return ""
	}
	if len(text) <= cells || lipgloss.Width(text) <= cells { // a character has at least a byte for each cell
		return text
	}
	mark := "…"
	if t.ASCII {
		mark = "~"
	}
	kept := 0
	for at, r := range text {
		end := at + len(string(r))
		if lipgloss.Width(text[:end]) > cells-1 {
			break
		}
		kept = end
	}
	return text[:kept] + mark
}
