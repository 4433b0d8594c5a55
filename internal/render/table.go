package render

import "strings"

// Table is rows of text under a header. Rows may be shorter than the header.
type Table struct {
	Header []string
	Rows   [][]string
}

// Add appends a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// Append appends the table, columns aligned, two blanks between them. Cells come out as l lets
// text from outside come out, each on one line, and cut where the row would be wider than l is:
// the first columns keep their text longest.
func (t *Table) Append(dst []byte, l Look) []byte {
	rows := make([][]string, len(t.Rows))
	widths := make([]int, len(t.Header))
	fit(widths, t.Header)
	for i, row := range t.Rows {
		rows[i] = make([]string, len(row))
		for j, cell := range row {
			rows[i][j] = OneLine(l.Text(cell))
		}
		fit(widths, rows[i])
	}
	widths = fitted(widths, l.Width)
	dst = appendRow(dst, l, bold, widths, t.Header)
	for _, row := range rows {
		dst = appendRow(dst, l, plain, widths, row)
	}
	return dst
}

// fit widens the columns to hold the cells of a row.
func fit(widths []int, row []string) {
	for i, cell := range row[:min(len(row), len(widths))] {
		widths[i] = max(widths[i], Columns(cell))
	}
}

// appendRow appends one line. Nothing follows its last cell, so that lines have no blanks at
// their end.
func appendRow(dst []byte, l Look, p paint, widths []int, row []string) []byte {
	row = row[:min(len(row), len(widths))]
	for len(row) > 0 && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	for i, cell := range row {
		cell = l.Cut(cell, widths[i])
		dst = l.appendPainted(dst, p, cell)
		if i < len(row)-1 {
			dst = append(dst, strings.Repeat(" ", widths[i]-Columns(cell)+gap)...)
		}
	}
	return append(dst, '\n')
}
