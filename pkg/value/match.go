package value

import "strings"

// Match reports whether pattern selects name: '*' stands for any run of characters, '?' for any
// one, all else for itself. It never goes back behind a '*': its time is linear, but for a run
// with a '?' between two '*', where it may be the product of the run's length and the name's.
func Match(pattern, name string) bool {
	head, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return len(head) == len(name) && begins(name, head)
	}
	last := strings.LastIndexByte(rest, '*')
	tail := rest[last+1:]
	if len(name) < len(head)+len(tail) || !begins(name, head) || !begins(name[len(name)-len(tail):], tail) {
		return false
	}
	return last < 0 || holdsInOrder(name[len(head):len(name)-len(tail)], rest[:last])
}

// holdsInOrder reports whether s has the runs between the '*' of a pattern one after the other.
// The first place of each is as good as any.
func holdsInOrder(s, pattern string) bool {
	for more := true; more; {
		var run string
		run, pattern, more = strings.Cut(pattern, "*")
		at := find(s, run)
		if at < 0 {
			return false
		}
		s = s[at+len(run):]
	}
	return true
}

// find is the first place of a run in s, -1 if there is none.
func find(s, run string) int {
	if strings.IndexByte(run, '?') < 0 {
		return strings.Index(s, run)
	}
	for at := 0; at+len(run) <= len(s); at++ {
		if begins(s[at:], run) {
			return at
		}
	}
	return -1
}

// begins reports whether s, which is at least as long, begins with a run.
func begins(s, run string) bool {
	for i := range len(run) {
		if run[i] != '?' && run[i] != s[i] {
			return false
		}
	}
	return true
}
