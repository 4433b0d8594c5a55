package render

// Between two columns stand this many blanks.
const gap = 2

// leastWidth is what a column keeps of its width as long as it can.
const leastWidth = 4

// fitted makes columns narrower, the last ones first, until a row takes at most width columns of
// the terminal. Where that is too little for all, the last ones are left out; the first two stay
// as long as there is any room. A width of zero is no bound.
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

// narrowed takes from the last columns first, and from none below least. It reports whether that
// is enough.
func narrowed(widths []int, width, least int) ([]int, bool) {
	narrow := append([]int(nil), widths...)
	over := total(widths) - width
	for i := len(narrow) - 1; i >= 0 && over > 0; i-- {
		take := min(over, narrow[i]-min(narrow[i], least))
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
