package value

// Walking over items that have been checked.

// room is how many items of a checked list or map to make room for.
func room(h head) int {
	if h.open() {
		return 0
	}
	return int(h.arg)
}

// more reports whether a checked list or map has an item at data[at:] after n others.
func more(data []byte, h head, at int, n uint64) bool {
	if h.open() {
		return data[at] != byteBreak
	}
	return n < h.arg
}

// after is where a list or map ends whose last item ends at at.
func after(h head, at int) int {
	if h.open() {
		return at + 1
	}
	return at
}

// skip returns where the checked item at data[at:] ends.
func skip(data []byte, at int) int {
	h, _ := readHead(data, at)
	switch h.major {
	case majorBytes, majorText:
		_, at = borrowChunks(data, h)
		return at
	case majorList, majorMap:
		at = h.next
		for n := uint64(0); more(data, h, at, n); n++ {
			if h.major == majorMap {
				at = skip(data, at)
			}
			at = skip(data, at)
		}
		return after(h, at)
	case majorTag:
		return skip(data, h.next)
	}
	return h.next
}
