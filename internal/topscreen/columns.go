package topscreen

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/netsvc/netsvc/internal/render"
)

// column is one of the table.
type column uint8

// The columns, from left to right.
const (
	columnName     column = 0
	columnState    column = 1
	columnRate     column = 2
	columnCalls    column = 3
	columnFailed   column = 4
	columnInflight column = 5
	columnCodes    column = 6 // of the failures, on wide screens
)

// titles have one cell more than their columns need, for the mark of the order.
var titles = map[column]string{
	columnName: "ADDRESS", columnState: "STATE", columnRate: "CALLS/S", columnCalls: "CALLS", columnFailed: "FAILED",
	columnInflight: "IN-FLIGHT", columnCodes: "FAILURES",
}

// widths are those of all columns but the first and the last, which take what is left.
var widths = map[column]int{columnState: 8, columnRate: 8, columnCalls: 9, columnFailed: 7, columnInflight: 10}

const (
	margin   = 1
	gap      = 2
	minName  = 10
	minCodes = 20
	// wideScreen is where there is room for the codes of failures.
	wideScreen = 100
)

// droppable are the columns that a narrow screen has to do without, the first one first.
var droppable = []column{columnCalls, columnInflight, columnFailed, columnState}

// sorts are the orders that a key goes through.
var sorts = []column{columnRate, columnCalls, columnFailed, columnInflight, columnName, columnState}

func (c column) next() column { return sorts[(slices.Index(sorts, c)+1)%len(sorts)] }

// compare is the order of the column: the most first, and texts by the alphabet.
func (c column) compare(a, b *row) int {
	switch c {
	case columnName:
		return cmp.Compare(a.name, b.name)
	case columnState:
		return cmp.Compare(a.state, b.state)
	case columnRate:
		return cmp.Compare(known(b.rate), known(a.rate))
	case columnCalls:
		return cmp.Compare(b.calls, a.calls)
	case columnFailed:
		return cmp.Compare(b.failed, a.failed)
	case columnInflight:
		return cmp.Compare(b.inflight, a.inflight)
	case columnCodes:
	}
	return 0
}

// known puts rates that nobody knows behind all others.
func known(rate *float64) float64 {
	if rate == nil {
		return -1
	}
	return *rate
}

// text is what stands in the column, which has so many cells.
func (c column) text(r *row, cells int) string {
	switch c {
	case columnName:
		return r.name
	case columnState:
		return r.state
	case columnRate:
		return rateText(r.rate)
	case columnCalls:
		return countText(r.calls, cells)
	case columnFailed:
		return countText(r.failed, cells)
	case columnInflight:
		return strconv.Itoa(r.inflight)
	case columnCodes:
		return r.codes()
	}
	return ""
}

// isText reports whether the column begins at its left edge.
func (c column) isText() bool { return c == columnName || c == columnState || c == columnCodes }

// place is a column where it stands.
type place struct {
	column column
	cells  int
}

// layout says which columns there are on a screen of that width. The names get what they need
// as far as there is room, whichever rows are in sight.
func (m model) layout() []place {
	left := m.width - margin - minName
	shown := []column{columnName}
	for c := columnState; c <= columnInflight; c++ {
		left -= gap + widths[c]
		shown = append(shown, c)
	}
	for _, c := range droppable {
		if left >= 0 {
			break
		}
		left += gap + widths[c]
		shown = slices.DeleteFunc(shown, func(s column) bool { return s == c })
	}
	codes := 0
	if m.width >= wideScreen {
		codes = gap + minCodes
	}
	longest := len(titles[columnName]) + 1
	for _, r := range m.all() {
		longest = max(longest, render.Columns(r.name))
	}
	name := max(minName, min(longest, minName+left-codes))
	places := make([]place, len(shown))
	for i, c := range shown {
		places[i] = place{c, widths[c]}
	}
	places[0].cells = name
	if codes > 0 {
		places = append(places, place{columnCodes, minName + left - name - gap})
	}
	return places
}
