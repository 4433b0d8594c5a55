package xmlrpc

import (
	"fmt"
	"unicode/utf8"
)

// appendText appends s as XML text. CR is written as a reference, because a
// reader would turn it into LF. A character that XML cannot carry becomes U+FFFD
// when replace is set; otherwise bad names it and dst is not complete.
func appendText(dst []byte, s string, replace bool) (_ []byte, bad string) {
	start := 0
	for i := 0; i < len(s); {
		if classes[s[i]]&classVerbatim != 0 {
			i++
			continue
		}
		c, size := utf8.DecodeRuneInString(s[i:])
		escaped, broken := escape(c, size)
		if broken && !replace {
			return dst, badName(c)
		}
		if escaped != "" {
			dst = append(append(dst, s[start:i]...), escaped...)
			start = i + size
		}
		i += size
	}
	return append(dst, s[start:]...), ""
}

// escape returns how a character is written, empty when as it is. It reports
// whether that replaces a character that cannot be carried.
func escape(c rune, size int) (text string, broken bool) {
	switch c {
	case '<':
		return "&lt;", false
	case '>':
		return "&gt;", false
	case '&':
		return "&amp;", false
	case '\r':
		return "&#13;", false
	}
	if (c == utf8.RuneError && size == 1) || !isChar(c) {
		return "\uFFFD", true
	}
	return "", false
}

// badName names a character that cannot be carried.
func badName(c rune) string {
	if c == utf8.RuneError {
		return "a byte that is not UTF-8"
	}
	return fmt.Sprintf("the character %U", c)
}
