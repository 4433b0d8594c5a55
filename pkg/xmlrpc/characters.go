package xmlrpc

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Classes of bytes, one bit each.
const (
	classPlain     uint8 = 1 << iota // stands for itself in a text
	classBlank                       // space, tab, LF, CR
	classNameStart                   // may begin a name
	className                        // may stand inside a name
	classHigh                        // part of a character beyond ASCII
	classVerbatim                    // is written as it is
)

// classes tells the class of every byte.
var classes = makeClasses()

func makeClasses() (table [256]uint8) {
	for b := range table {
		switch {
		case b >= utf8.RuneSelf:
			table[b] = classHigh
		case b == '<' || b == '&' || b == ']' || (b < ' ' && b != '\t' && b != '\n'):
		default:
			table[b] = classPlain | classVerbatim
		}
	}
	table['>'] &^= classVerbatim
	table[']'] |= classVerbatim
	for _, b := range " \t\n\r" {
		table[b] |= classBlank
	}
	for b := byte('a'); b <= 'z'; b++ {
		table[b] |= classNameStart | className
		table[b-'a'+'A'] |= classNameStart | className
	}
	for b := byte('0'); b <= '9'; b++ {
		table[b] |= className
	}
	for _, b := range "_:" {
		table[b] |= classNameStart | className
	}
	for _, b := range "-." {
		table[b] |= className
	}
	return table
}

// nameStart and nameMore are the characters beyond ASCII of productions [4] and
// [4a] of XML 1.0, fifth edition.
var (
	nameStart = &unicode.RangeTable{
		R16: []unicode.Range16{
			{0xC0, 0xD6, 1}, {0xD8, 0xF6, 1}, {0xF8, 0x2FF, 1}, {0x370, 0x37D, 1}, {0x37F, 0x1FFF, 1},
			{0x200C, 0x200D, 1}, {0x2070, 0x218F, 1}, {0x2C00, 0x2FEF, 1}, {0x3001, 0xD7FF, 1},
			{0xF900, 0xFDCF, 1}, {0xFDF0, 0xFFFD, 1},
		},
		R32: []unicode.Range32{{0x10000, 0xEFFFF, 1}},
	}
	nameMore = &unicode.RangeTable{
		R16: []unicode.Range16{{0xB7, 0xB7, 1}, {0x300, 0x36F, 1}, {0x203F, 0x2040, 1}},
	}
)

// isChar reports whether XML 1.0 can carry the character (production [2]).
func isChar(c rune) bool {
	switch {
	case c < ' ':
		return c == '\t' || c == '\n' || c == '\r'
	case c < 0xD800:
		return true
	}
	return c >= 0xE000 && c <= 0x10FFFF && c != 0xFFFE && c != 0xFFFF
}

// wideChar returns the length of the character beyond ASCII at the start of
// data, zero when it is broken or not allowed in XML.
func wideChar(data []byte) int {
	c, size := utf8.DecodeRune(data)
	if (c == utf8.RuneError && size == 1) || !isChar(c) {
		return 0
	}
	return size
}

// badCharacter refuses the character at the reader's position.
func (r *reader) badCharacter() *DecodeError {
	c, size := utf8.DecodeRune(r.data[r.pos:])
	if c == utf8.RuneError && size == 1 {
		return r.fail(CodeBadCharacter, "byte 0x%02X is not UTF-8", r.data[r.pos])
	}
	return r.malformed("XML cannot carry %U", c)
}

// name reads a name.
func (r *reader) name() (span, error) {
	start := r.pos
	stop := min(len(r.data), start+r.limits.NameBytes+1)
	r.pos = start + asciiName(r.data[start:stop])
	for r.pos < stop && classes[r.data[r.pos]]&classHigh != 0 {
		size := r.wideName(r.pos == start)
		if size == 0 {
			break
		}
		r.pos += size
		r.pos += asciiName(r.data[r.pos:max(r.pos, stop)])
	}
	if r.pos-start > r.limits.NameBytes {
		return span{}, r.overLimit("the name of an element or attribute is too long", r.limits.NameBytes)
	}
	if r.pos == start || classes[r.data[start]]&(classNameStart|classHigh) == 0 {
		return span{}, r.malformed("no name where one has to stand")
	}
	return span{start, r.pos}, nil
}

// asciiName returns how many name characters of ASCII data begins with.
func asciiName(data []byte) int {
	for i, b := range data {
		if classes[b]&className == 0 {
			return i
		}
	}
	return len(data)
}

// wideName returns the length of the name character beyond ASCII that comes
// next, zero when it is none.
func (r *reader) wideName(first bool) int {
	c, size := utf8.DecodeRune(r.data[r.pos:])
	if unicode.Is(nameStart, c) && (c != utf8.RuneError || size > 1) {
		return size
	}
	if !first && unicode.Is(nameMore, c) {
		return size
	}
	return 0
}

// trim drops the blanks of XML at both ends.
func trim(text []byte) []byte {
	for len(text) > 0 && classes[text[0]]&classBlank != 0 {
		text = text[1:]
	}
	for len(text) > 0 && classes[text[len(text)-1]]&classBlank != 0 {
		text = text[:len(text)-1]
	}
	return text
}

func hasPrefix(data []byte, prefix string) bool {
	return len(data) >= len(prefix) && string(data[:len(prefix)]) == prefix
}

// index is bytes.Index for a text.
func index(data []byte, text string) int { return bytes.Index(data, []byte(text)) }
