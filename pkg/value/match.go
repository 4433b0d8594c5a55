package value

// Match reports whether pattern selects name: '*' stands for any run of characters, '?' for any
// one, all else for itself. Its time is at most the product of both lengths, whatever the pattern.
func Match(pattern, name string) bool {
	p, n := 0, 0
	star, retry := -1, 0 // the last '*' seen, and where in name the text after it was last tried
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			retry++
			p, n = star+1, retry
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
