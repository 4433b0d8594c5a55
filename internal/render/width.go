package render

import "github.com/rivo/uniseg"

// columns is how many columns of a terminal text takes, once it is clean.
func columns(text string) int { return uniseg.StringWidth(text) }

// cut shortens text that takes more than width columns, and marks that it did. What a person
// sees as one character stays whole.
func (l Look) cut(text string, width int) string {
	if columns(text) <= width {
		return text
	}
	mark := l.ellipsis()
	if columns(mark) > width {
		return mark[:width]
	}
	room, end := width-columns(mark), 0
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
