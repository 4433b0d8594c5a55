package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Clean returns text so that a terminal can only show it, on one line: control characters,
// those that turn the direction of text, those without width, and bytes that are not UTF-8
// become escapes such as \x1b and \u202e. All else stays as it is.
func Clean(text string) string { return cleaned(text, "", appendEscape) }

// CleanLines is Clean for text of many lines: line ends and tabs stay.
func CleanLines(text string) string { return cleaned(text, "\n\t", appendEscape) }

// OneLine makes text one line and changes nothing else: for pipes, which get text verbatim but
// must be able to tell lines apart.
func OneLine(text string) string { return lineEnds.Replace(text) }

var lineEnds = strings.NewReplacer("\r", `\r`, "\n", `\n`)

// cleaned replaces what must not be shown as it is, but for the characters in keep.
func cleaned(text, keep string, escape func(dst []byte, r rune, bad byte) []byte) string {
	hidden := func(r rune) bool { return !shows(r) && !strings.ContainsRune(keep, r) }
	if utf8.ValidString(text) && strings.IndexFunc(text, hidden) < 0 {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			out = escape(out, -1, text[at])
		case hidden(r):
			out = escape(out, r, 0)
		default:
			out = append(out, text[at:at+size]...)
		}
		at += size
	}
	return string(out)
}

// shows reports whether r has a shape of its own or is a blank, and so can do no harm.
func shows(r rune) bool {
	const textStyle, emojiStyle = 0xFE0E, 0xFE0F // how the character before them looks
	switch {
	case r == textStyle, r == emojiStyle:
		return true
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return false
	}
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r)
}

// appendEscape writes a character, or a byte when r is negative, as Go would in quotes.
func appendEscape(dst []byte, r rune, bad byte) []byte {
	switch {
	case r < 0:
		return fmt.Appendf(dst, `\x%02x`, bad)
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r < utf8.RuneSelf:
		return fmt.Appendf(dst, `\x%02x`, r)
	case r <= 0xFFFF:
		return fmt.Appendf(dst, `\u%04x`, r)
	}
	return fmt.Appendf(dst, `\U%08x`, r)
}

// appendJSONEscape writes a character as it may stand in a JSON string. A byte that is not
// UTF-8 cannot, so the replacement character stands for it.
func appendJSONEscape(dst []byte, r rune, _ byte) []byte {
	switch {
	case r < 0:
		return append(dst, `\ufffd`...)
	case r <= 0xFFFF:
		return fmt.Appendf(dst, `\u%04x`, r)
	}
	high, low := utf16.EncodeRune(r)
	return fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
}
