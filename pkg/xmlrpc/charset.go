package xmlrpc

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// charset is a way to write characters as bytes.
type charset uint8

const (
	charsetUnknown charset = iota
	charsetUTF8            // also us-ascii: Perl's RPC::XML declares that and sends UTF-8
	charsetUTF16
	charsetLatin1
	charsetWindows1252
)

// charsetOf returns the charset of a name as it stands in HTTP or in an XML
// declaration.
func charsetOf(name string) charset {
	switch strings.ToLower(name) {
	case "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968":
		return charsetUTF8
	case "utf-16", "utf-16le", "utf-16be", "utf16":
		return charsetUTF16
	case "iso-8859-1", "iso_8859-1", "iso8859-1", "latin1", "latin-1", "l1":
		return charsetLatin1
	case "windows-1252", "cp1252":
		return charsetWindows1252
	}
	return charsetUnknown
}

// start sets the reader on the first byte after the XML declaration, with the
// whole document in UTF-8. RFC 7303 gives the order of belief: a byte order
// mark, then the charset of HTTP, then the declaration, then UTF-8.
func (r *reader) start(contentType string) error {
	known, err := r.firstBytes()
	if err != nil {
		return err
	}
	declared, err := r.declaration()
	if err != nil || known {
		return err
	}
	if name := charsetParameter(contentType); name != "" {
		declared = name
	}
	if declared == "" {
		return nil
	}
	return r.transcode(declared)
}

// firstBytes recognises a document by its byte order mark, or by < in two
// bytes. It reports whether that settles the charset; if so, the document is
// UTF-8 now.
func (r *reader) firstBytes() (known bool, err error) {
	switch {
	case hasPrefix(r.data, "\x00\x00\xFE\xFF"), hasPrefix(r.data, "\xFF\xFE\x00\x00"),
		hasPrefix(r.data, "\x00\x00\x00<"), hasPrefix(r.data, "<\x00\x00\x00"):
		return false, unknownCharset("UTF-32")
	case hasPrefix(r.data, "\x4C\x6F\xA7\x94"):
		return false, unknownCharset("EBCDIC")
	case hasPrefix(r.data, "\xEF\xBB\xBF"):
		r.data = r.data[3:]
		return true, nil
	case hasPrefix(r.data, "\xFF\xFE"):
		return true, r.fromUTF16(r.data[2:], binary.LittleEndian)
	case hasPrefix(r.data, "\xFE\xFF"):
		return true, r.fromUTF16(r.data[2:], binary.BigEndian)
	case hasPrefix(r.data, "<\x00"):
		return true, r.fromUTF16(r.data, binary.LittleEndian)
	case hasPrefix(r.data, "\x00<"):
		return true, r.fromUTF16(r.data, binary.BigEndian)
	}
	return false, nil
}

func unknownCharset(name string) *DecodeError {
	return &DecodeError{Code: CodeUnknownCharset, Reason: "the encoding " + shown([]byte(name)) + " is not known"}
}

// fromUTF16 makes data the document.
func (r *reader) fromUTF16(data []byte, order binary.ByteOrder) error {
	if len(data)%2 != 0 {
		return &DecodeError{Code: CodeBadCharacter, Reason: "UTF-16 with half a character at the end"}
	}
	text := make([]byte, 0, len(data)/2)
	for len(data) > 0 {
		c := rune(order.Uint16(data))
		data = data[2:]
		if utf16.IsSurrogate(c) {
			second := rune(utf8.RuneError)
			if len(data) > 0 {
				second = rune(order.Uint16(data))
				data = data[2:]
			}
			if c = utf16.DecodeRune(c, second); c == utf8.RuneError {
				return &DecodeError{Code: CodeBadCharacter, Reason: "UTF-16 with half a surrogate pair"}
			}
		}
		text = utf8.AppendRune(text, c)
	}
	r.data = text
	return nil
}

// transcode turns what follows the declaration from the named charset to UTF-8.
func (r *reader) transcode(name string) error {
	switch charsetOf(name) {
	case charsetUTF8:
		return nil
	case charsetUTF16:
		return &DecodeError{Code: CodeBadCharacter, Reason: "said to be UTF-16, but is not"}
	case charsetLatin1:
		return r.fromBytes(nil)
	case charsetWindows1252:
		return r.fromBytes(&windows1252)
	}
	return unknownCharset(name)
}

// fromBytes turns one byte into one character: the table's for 0x80 to 0x9F, by
// number for all others.
func (r *reader) fromBytes(table *[32]rune) error {
	text := make([]byte, 0, len(r.data)+moreInUTF8(r.data, table))
	for i, b := range r.data {
		c := rune(b)
		if table != nil && b >= 0x80 && b < 0xA0 {
			c = table[b-0x80]
		}
		if c == 0 && b != 0 {
			r.pos = i
			return r.fail(CodeBadCharacter, "byte 0x%02X is not windows-1252", b)
		}
		text = utf8.AppendRune(text, c)
	}
	r.data = text
	return nil
}

// moreInUTF8 is how many bytes data grows by, at most: those of a table may take three. It is
// counted, because the text of a document that grew bit by bit would be taken many times.
func moreInUTF8(data []byte, table *[32]rune) int {
	more := 0
	for _, b := range data {
		switch {
		case b < utf8.RuneSelf:
		case table != nil && b < 0xA0:
			more += 2
		default:
			more++
		}
	}
	return more
}

// windows1252 has the characters of the bytes 0x80 to 0x9F, zero for the five
// that have none.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// charsetParameter returns the charset of a Content-Type, empty when it names
// none. Whether the type itself fits is not looked at.
func charsetParameter(contentType string) string {
	_, rest, _ := strings.Cut(contentType, ";")
	for rest != "" {
		var parameter string
		parameter, rest, _ = strings.Cut(rest, ";")
		key, value, _ := strings.Cut(parameter, "=")
		if strings.EqualFold(strings.TrimSpace(key), "charset") {
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return ""
}
