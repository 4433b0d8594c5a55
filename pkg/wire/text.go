package wire

import (
	"strings"
	"unicode/utf8"
)

// cut makes s valid UTF-8 of at most limit bytes, so that no text a process sends can
// make its peer refuse the frame.
func cut(s string, limit int) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
