package render

import "github.com/rivo/uniseg"

// Columns is how many columns of a terminal text takes, once it is clean.
func Columns(text string) int {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return uniseg.StringWidth(text)
		}
	}
	return len(text) // as for most texts; three times as fast for a table of them
}

// Cut shortens text that takes more than width columns, and marks that it did. What a person
// sees as one character stays whole.
func (l Look) Cut(text string, width int) string {
	if Columns(text) <= width {
		return text
	}
	mark := l.ellipsis()
	if Columns(mark) > width {
		return mark[:width]
	}
	room, end := width-Columns(mark), 0
	for rest, state := text, -1; rest != ""; {
		var character string
		var size int
		character, rest, size, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if room -= size; room < 0 {
			break
		}
		end += len(character)
	}
	return text[:end] + mark
}

// ellipsis stands where text was cut.
func (l Look) ellipsis() string {
	if l.ASCII {
		return ".."
	}
	return "…"
}
