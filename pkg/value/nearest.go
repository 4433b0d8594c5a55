package value

import "strings"

// Nearest returns the candidate that was probably meant by name, or "" when none is near. Upper
// and lower case are the same; the first of several equally near ones wins.
func Nearest(name string, candidates []string) string {
	// One letter in three may be wrong, at least one, but never all of them.
	best, nearest := min(1+max(1, len(name)/3), len(name)), ""
	for _, candidate := range candidates {
		if len(name) > maxName || len(candidate) > maxName {
			continue
		}
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d < best {
			best, nearest = d, candidate
		}
	}
	return nearest
}

// distance counts how many letters must be put in, left out, replaced, or exchanged with the next
// one, to turn a into b (optimal string alignment).
func distance(a, b string) int {
	before := make([]int, len(b)+1) // two rows up
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+unequal(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func unequal(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
