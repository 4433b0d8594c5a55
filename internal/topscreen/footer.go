package topscreen

import (
	"fmt"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/internal/screen"
)

func (m model) theme() screen.Theme { return m.look.theme }

// footer is the filter while it is typed, else the keys, and which rows are in sight.
func (m model) footer() string {
	right := m.position()
	left := m.joined(m.hints(), m.width-gap-render.Columns(right))
	if m.filtering {
		left = m.prompt(m.width - gap - render.Columns(right))
	}
	return m.look.keys.Render(m.theme().Fit(left, m.width-render.Columns(right)) + right)
}

// prompt is the end of the filter as it is typed.
func (m model) prompt(cells int) string {
	text := []rune(render.Clean(m.filter))
	for len(text) > 0 && render.Columns(string(text))+len(" /_") > cells {
		text = text[1:]
	}
	return " /" + string(text) + "_"
}

// hints are the keys, the most wanted first.
func (m model) hints() []string {
	rows := "services"
	if m.services {
		rows = "instances"
	}
	hints := []string{"q quit", "? help", "s sort", "r reverse", "/ filter", "i " + rows, "p pause", "+ - interval"}
	if m.paused {
		hints[6] = "p go on"
	}
	if m.filter != "" {
		hints = append([]string{"/" + m.theme().Cut(render.Clean(m.filter), minName), "esc clears"}, hints...)
	}
	return hints
}

// position says which rows are in sight, unless all are.
func (m model) position() string {
	rows := len(m.rows())
	if rows <= m.room() || m.help {
		return ""
	}
	return fmt.Sprintf("%d-%d of %d ", m.offset+1, min(m.offset+m.room(), rows), rows)
}

// helpLines tell the keys, in as many lines as the smallest screen has.
func (m model) helpLines() []string {
	lines := []string{m.look.strong.Render(" KEYS")}
	for _, text := range []string{
		"s r      sort by next column, reverse",
		"/ esc    filter by name, show all",
		"i p      services or instances, pause",
		"+ -      look less often, more often",
		"up down  scroll (pgup pgdn home end)",
		"q ^c ^z  quit, interrupt, suspend",
	} {
		lines = append(lines, " "+m.theme().Cut(text, m.width-margin))
	}
	return lines
}
