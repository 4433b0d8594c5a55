package command

import (
	"strings"
	"unicode"
)

// pageWidth is how wide help is at most. It is the same everywhere, so that it can be read in a
// pipe and in a small window.
const pageWidth = 80

// hangAt is the widest first column. A longer entry has a line of its own.
const hangAt = 30

// part is a piece of a page. One of its fields is set.
type part struct {
	text  string      // a paragraph
	rows  [][2]string // words and what they mean
	lines []string    // as they are: examples
}

// topic is a page of help that is of no command.
type topic struct {
	name, summary string
	parts         []part
}

// paragraphs are the parts of a text whose paragraphs are apart by empty lines. Those
// that are indented by two blanks stay as they are.
func paragraphs(text string) []part {
	var parts []part
	for block := range strings.SplitSeq(text, "\n\n") {
		switch {
		case strings.TrimSpace(block) == "":
		case strings.HasPrefix(block, "  "):
			parts = append(parts, part{lines: strings.Split(strings.ReplaceAll(block, "\n  ", "\n")[2:], "\n")})
		default:
			parts = append(parts, part{text: block})
		}
	}
	return parts
}

// page is help as plain text.
type page struct{ strings.Builder }

func (p *page) parts(parts []part) {
	for _, piece := range parts {
		p.WriteByte('\n')
		switch {
		case piece.text != "":
			p.wrap(piece.text, 0, 0)
		case piece.rows != nil:
			p.rows(piece.rows)
		default:
			for _, line := range piece.lines {
				p.WriteString(strings.TrimRight("  "+line, " ") + "\n")
			}
		}
	}
}

// table writes rows under a heading, or nothing when there are none.
func (p *page) table(heading string, rows [][2]string) {
	if len(rows) > 0 {
		p.WriteString("\n" + heading + "\n")
		p.rows(rows)
	}
}

// rows writes two columns.
func (p *page) rows(rows [][2]string) {
	width := 0
	for _, row := range rows {
		if n := len(row[0]); n <= hangAt {
			width = max(width, n)
		}
	}
	indent := 2 + width + 2
	for _, row := range rows {
		p.WriteString("  " + row[0])
		at := 2 + len(row[0])
		if len(row[0]) > width {
			p.WriteByte('\n')
			at = 0
		}
		if row[1] == "" {
			if at > 0 {
				p.WriteByte('\n')
			}
			continue
		}
		p.WriteString(strings.Repeat(" ", indent-at))
		p.wrap(row[1], indent, indent)
	}
}

// wrap writes words in lines of the page's width. at is the column where the first one stands,
// indent that of the next lines.
func (p *page) wrap(text string, at, indent int) {
	first := true
	for _, word := range strings.FieldsFunc(text, unicode.IsSpace) {
		n := len([]rune(word))
		switch {
		case first:
		case at+1+n > pageWidth:
			p.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			p.WriteByte(' ')
			at++
		}
		p.WriteString(word)
		at, first = at+n, false
	}
	p.WriteByte('\n')
}
