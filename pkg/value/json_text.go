package value

import (
	"math/big"
	"strconv"
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

// number reads a number as t wants it.
func (r *jsonReader) number(t *Type) error {
	text, whole, err := r.numberText()
	if err != nil {
		return err
	}
	r.out, err = appendNumberAs(r.out, text, whole, t)
	if d, ok := err.(*DecodeError); ok {
		d.Offset = r.at
	}
	return err
}

// numberText reads by the grammar of RFC 8259, section 6. A whole number has no fraction and no
// exponent.
func (r *jsonReader) numberText() (text string, whole bool, err error) {
	from := r.at
	if r.peek() == '-' {
		r.at++
	}
	zero := r.peek() == '0'
	n := leadingDigits(r.data[r.at:])
	r.at += n
	if n == 0 || zero && n > 1 {
		return "", false, r.fail("malformed number")
	}
	whole = true
	if r.peek() == '.' {
		r.at++
		n, whole = leadingDigits(r.data[r.at:]), false
		r.at += n
	}
	if c := r.peek(); n > 0 && (c == 'e' || c == 'E') {
		r.at++
		if c := r.peek(); c == '+' || c == '-' {
			r.at++
		}
		n, whole = leadingDigits(r.data[r.at:]), false
		r.at += n
	}
	if n == 0 {
		return "", false, r.fail("malformed number")
	}
	return string(r.data[from:r.at]), whole, nil
}

// appendNumberAs encodes the text of a number as t wants it.
func appendNumberAs(dst []byte, text string, whole bool, t *Type) ([]byte, error) {
	switch t.kind() {
	case Any:
		if whole && text != "-0" {
			return appendDigits(dst, text)
		}
		return appendFloatText(dst, text)
	case Int:
		if whole {
			return appendDigits(dst, text)
		}
	case Number:
		if n, err := strconv.ParseInt(text, 10, 64); whole && (err != nil || n != int64(float64(n)) || n == 1<<63-1) {
			return appendDigits(dst, text)
		}
		return appendFloatText(dst, text)
	}
	got := "number "
	if whole {
		got = "int "
	}
	return dst, &TypeError{Want: t.String(), Got: got + shorten(text)}
}

// appendDigits encodes an integer of any size that has a sign at most.
func appendDigits(dst []byte, text string) ([]byte, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return appendInt(dst, n), nil
	}
	if len(text) > maxBigDigits {
		return dst, &DecodeError{Offset: -1, Reason: "integer of more than 10000 digits"}
	}
	b, _ := new(big.Int).SetString(text, 10)
	longer, err := appendBig(dst, b)
	if err != nil {
		return dst, &DecodeError{Offset: -1, Reason: err.(*EncodeError).Reason}
	}
	return longer, nil
}

func appendFloatText(dst []byte, text string) ([]byte, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return dst, &TypeError{Want: "number within the range of float64", Got: "number " + shorten(text)}
	}
	return appendFloat(dst, f), nil
}
