package render

// Between two columns stand this many blanks.
const gap = 2

// leastWidth is what a column keeps of its width: what is cut to less says nothing, and most
// numbers and states have that much.
const leastWidth = 9

// fitted makes columns narrower, the last ones first, until a row takes at most width columns of
// the terminal. The first column, which says what a row is of, keeps half of the terminal, the
// others leastWidth, each if it is that wide. Where that is too little for all, the last ones are
// left out; the first two stay as long as there is any room. A width of zero is no bound.
func fitted(widths []int, width int) []int {
	if width == 0 || total(widths) <= width {
		return widths
	}
	for n := len(widths); n > 1; n-- {
		least := leastWidth
		if n == 2 {
			least = 1
		}
		if narrow, ok := narrowed(widths[:n], width, least); ok {
			return narrow
		}
	}
	return []int{width}
}

// narrowed takes from the last columns first, from the first none below half of width, from the
// others none below least. It reports whether that is enough.
func narrowed(widths []int, width, least int) ([]int, bool) {
	narrow := append([]int(nil), widths...)
	over := total(widths) - width
	for i := len(narrow) - 1; i >= 0 && over > 0; i-- {
		floor := least
		if i == 0 {
			floor = max(width/2, 1)
		}
		take := min(over, narrow[i]-min(narrow[i], floor))
		narrow[i] -= take
		over -= take
	}
	return narrow, over <= 0
}

// total is how wide a row is.
func total(widths []int) int {
	sum := gap * max(len(widths)-1, 0)
	for _, w := range widths {
		sum += w
	}
	return sum
}
