package topscreen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/netsvc/netsvc/internal/render"
)

// The least that a screen must have.
const (
	minWidth  = 40
	minHeight = 10
)

// frameLines are those above and below the rows: two about the exchange, titles, keys.
const frameLines = 4

// room is how many rows are in sight.
func (m model) room() int { return max(0, m.height-frameLines) }

// View implements tea.Model.
func (m model) View() string {
	if m.height == 0 {
		return ""
	}
	if m.width < minWidth || m.height < minHeight {
		need := fmt.Sprintf("need %dx%d, have %dx%d", minWidth, minHeight, m.width, m.height)
		return m.theme().Cut(need, m.width) + strings.Repeat("\n", m.height-1)
	}
	lines := append([]string{m.header(), m.totals()}, m.body()...)
	blank := m.height - 1 - len(lines)
	return strings.Join(lines, "\n") + strings.Repeat("\n", 1+blank) + m.footer()
}

// header says which exchange it is and how it is doing.
func (m model) header() string {
	state, style := m.state()
	parts := []string{"netsvc top", render.Clean(m.exchange)}
	if m.sample != nil {
		e := &m.sample.Exchange
		parts = append(parts, "up "+ageText(e.Totals.Uptime), plural(e.Sessions, "session"), plural(e.Instances, "instance"))
	}
	left := m.theme().Fit(m.joined(parts, m.width-margin-gap-len(state)), m.width-margin-len(state))
	return m.look.strong.Render(left) + style.Render(state) + " "
}

// state is how the exchange is doing, in a word.
func (m model) state() (string, lipgloss.Style) {
	switch {
	case m.paused:
		return "paused", m.look.warn
	case m.away:
		return "exchange away, trying", m.look.warn
	case m.sample == nil:
		return "connecting", m.look.warn
	}
	return "live", m.look.live
}

// totals are the counters of the whole exchange.
func (m model) totals() string {
	if m.sample == nil {
		return ""
	}
	e := &m.sample.Exchange
	parts := []string{
		rateText(e.CallsPerSecond) + " calls/s", rateText(e.FailuresPerSecond) + " failures/s",
		strconv.Itoa(e.OpenCalls) + " open", rateText(e.PublishedPerSecond) + " reports/s", "every " + intervals[m.interval].String(),
	}
	return m.dim(m.theme().Cut(m.joined(parts, m.width), m.width))
}

// body is the table, or the help in its place.
func (m model) body() []string {
	if m.help {
		return m.helpLines()
	}
	places := m.layout()
	lines := []string{m.look.strong.Render(m.titleLine(places))}
	rows := m.rows()
	if len(rows) == 0 && m.sample != nil {
		return append(lines, " "+m.theme().Cut(m.nothing(), m.width-margin))
	}
	first := min(m.offset, len(rows))
	for i := range rows[first:min(len(rows), first+m.room())] {
		lines = append(lines, m.rowLine(places, &rows[first+i]))
	}
	return lines
}

// nothing says why there are no rows.
func (m model) nothing() string {
	if m.filter != "" {
		return "nothing has this in its name"
	}
	return "no services"
}

func (m model) titleLine(places []place) string {
	var b strings.Builder
	for i, p := range places {
		title := titles[p.column]
		if p.column == columnName && m.services {
			title = "NAME"
		}
		if p.column == m.sort {
			title += m.mark()
		}
		b.WriteString(strings.Repeat(" ", lead(i)) + m.cell(p, title))
	}
	return b.String()
}

// mark tells which way the rows are sorted.
func (m model) mark() string {
	falls := m.sort != columnName && m.sort != columnState
	if falls != m.reversed {
		return m.look.down
	}
	return m.look.up
}

// lead is how many blanks stand before a column.
func lead(i int) int {
	if i == 0 {
		return margin
	}
	return gap
}

func (m model) cell(p place, text string) string {
	if p.column.isText() {
		return m.theme().Fit(text, p.cells)
	}
	return m.theme().FitRight(text, p.cells)
}

// rowLine is a row. What is not as it should be stands out, unless it is old anyway.
func (m model) rowLine(places []place, r *row) string {
	var b strings.Builder
	for i, p := range places {
		text := m.cell(p, p.column.text(r, p.cells))
		switch {
		case m.away:
			text = m.look.faint.Render(text)
		case p.column == columnState && !r.ready:
			text = m.look.warn.Render(text)
		case p.column == columnFailed && r.failing > 0:
			text = m.look.bad.Render(text)
		}
		b.WriteString(strings.Repeat(" ", lead(i)) + text)
	}
	return b.String()
}

// dim makes what is old stand back.
func (m model) dim(text string) string {
	if m.away {
		return m.look.faint.Render(text)
	}
	return text
}

// joined are as many of the parts as fit into so many cells. The first always stands.
func (m model) joined(parts []string, cells int) string {
	text := " " + parts[0]
	for _, part := range parts[1:] {
		longer := text + "  " + part
		if render.Columns(longer) > cells {
			break
		}
		text = longer
	}
	return text
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
