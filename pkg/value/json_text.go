package value

import (
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string from its opening quote to behind its closing one.
func (r *jsonReader) text() (string, error) {
	r.at++
	from := r.at
	for r.at < len(r.data) {
		switch c := r.data[r.at]; {
		case c == '"':
			r.at++
			return string(r.data[from : r.at-1]), nil
		case c == '\\':
			return r.escapedText(append([]byte(nil), r.data[from:r.at]...))
		case c < ' ':
			return "", r.fail("control character in a string")
		}
		r.at++
	}
	return "", r.fail("string without an end")
}

// escapedText reads the rest of a string, whose beginning is in text, from the first backslash on.
func (r *jsonReader) escapedText(text []byte) (string, error) {
	for r.at < len(r.data) {
		c := r.data[r.at]
		r.at++
		switch {
		case c == '"':
			return string(text), nil
		case c < ' ':
			return "", r.fail("control character in a string")
		case c == '\\':
			decoded, err := r.escape()
			if err != nil {
				return "", err
			}
			text = utf8.AppendRune(text, decoded)
		default:
			text = append(text, c)
		}
	}
	return "", r.fail("string without an end")
}

// escape reads what follows a backslash.
func (r *jsonReader) escape() (rune, error) {
	c := r.peek()
	r.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return r.unicodeEscape()
	}
	return 0, r.fail("unknown escape in a string")
}

// unicodeEscape reads the digits of \uXXXX, and the second half when it is the first of a pair.
func (r *jsonReader) unicodeEscape() (rune, error) {
	first, ok := r.fourHex()
	if !ok {
		return 0, r.fail("expected four hexadecimal digits")
	}
	if !utf16.IsSurrogate(first) {
		return first, nil
	}
	if r.peek() == '\\' && r.at+1 < len(r.data) && r.data[r.at+1] == 'u' {
		r.at += 2
		second, ok := r.fourHex()
		if pair := utf16.DecodeRune(first, second); ok && pair != utf8.RuneError {
			return pair, nil
		}
	}
	return 0, r.fail("half of a surrogate pair")
}

func (r *jsonReader) fourHex() (rune, bool) {
	if len(r.data)-r.at < 4 {
		return 0, false
	}
	n := rune(0)
	for _, c := range r.data[r.at : r.at+4] {
		digit, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		n = n<<4 | digit
	}
	r.at += 4
	return n, true
}

func hexDigit(c byte) (rune, bool) {
	switch {
	case isDigit(c):
		return rune(c - '0'), true
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10, true
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10, true
	}
	return 0, false
}
