package xmlrpc

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// DecodeError says why a document was refused and where.
type DecodeError struct {
	// Code is the fault a server answers with: [CodeNotWellFormed],
	// [CodeUnknownCharset], [CodeBadCharacter] or [CodeInvalidRequest].
	Code int
	// Path is the value at fault, like params[1].items[3].id. It is empty when
	// the trouble lies outside of the values.
	Path string
	// Line and Column count from 1, columns in characters. They are zero when
	// the whole document is at fault.
	Line, Column int
	// Reason is one sentence without the place.
	Reason string
}

// Error returns the path, the reason and the place.
func (e *DecodeError) Error() string {
	text := e.Reason
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	if e.Line > 0 {
		text += fmt.Sprintf(" (line %d, column %d)", e.Line, e.Column)
	}
	return text
}

// Fault returns the answer a server gives to such a document.
func (e *DecodeError) Fault() *Fault {
	return &Fault{Code: e.Code, String: "netsvc -- " + e.Error()}
}

// inside puts one more segment, a container the value lies in, before the path
// of a decoding or encoding error.
func inside(err error, segment string) error {
	switch e := err.(type) {
	case *DecodeError:
		e.Path = joinPath(segment, e.Path)
	case *EncodeError:
		e.Path = joinPath(segment, e.Path)
	}
	return err
}

func joinPath(segment, rest string) string {
	if rest == "" || rest[0] == '[' {
		return segment + rest
	}
	return segment + "." + rest
}

// fail refuses the document at the reader's position.
func (r *reader) fail(code int, format string, args ...any) *DecodeError {
	before := r.data[:min(r.pos, len(r.data))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return &DecodeError{Code: code, Line: line, Column: column, Reason: fmt.Sprintf(format, args...)}
}

// malformed refuses a document that is not well-formed XML.
func (r *reader) malformed(format string, args ...any) *DecodeError {
	return r.fail(CodeNotWellFormed, "not well-formed: "+format, args...)
}

// overLimit refuses a document that is longer, deeper or larger than allowed.
func (r *reader) overLimit(what string, limit int) *DecodeError {
	return r.fail(CodeInvalidRequest, "%s: the limit is %s", what, grouped(limit))
}

// grouped prints a count the way the documentation writes it: 100,000.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// maxShown bounds how much of a document an error text repeats.
const maxShown = 40

// shown quotes a piece of a document for an error text.
func shown(piece []byte) string {
	if len(piece) <= maxShown {
		return strconv.Quote(string(piece))
	}
	cut := maxShown
	for cut > 0 && !utf8.RuneStart(piece[cut]) {
		cut--
	}
	return strconv.Quote(string(piece[:cut])) + "..."
}
