package xmlrpc

import (
	"bytes"
	"unicode/utf8"
)

// aside reads a comment, an instruction or a CDATA section inside an element.
// Only the last gives text.
func (r *reader) aside() error {
	if hasPrefix(r.data[r.pos:], "<![CDATA[") {
		return r.cdata()
	}
	return r.remark()
}

// misc skips what may stand before and after the root element: blanks, comments
// and instructions.
func (r *reader) misc() error {
	for {
		r.skipBlanks()
		if r.pos >= len(r.data) {
			return nil
		}
		if r.atTag() {
			return nil
		}
		if r.data[r.pos] != '<' {
			return r.outside()
		}
		if err := r.remark(); err != nil {
			return err
		}
	}
}

// outside refuses text beside the root element.
func (r *reader) outside() error {
	if classes[r.data[r.pos]]&classHigh != 0 && wideChar(r.data[r.pos:]) == 0 {
		return r.badCharacter()
	}
	return r.malformed("text outside of the root element")
}

// remark reads a comment or an instruction. A document type declaration is
// refused at its first word: nothing behind it is looked at.
func (r *reader) remark() error {
	rest := r.data[r.pos:]
	switch {
	case hasPrefix(rest, "<!--"):
		return r.comment()
	case hasPrefix(rest, "<?"):
		return r.instruction()
	case hasPrefix(rest, "<!DOCTYPE"):
		return r.fail(CodeNotWellFormed, "a document type declaration is not allowed")
	}
	return r.malformed("<! without a meaning")
}

func (r *reader) comment() error {
	r.pos += len("<!--")
	end := index(r.data[r.pos:], "--")
	if end < 0 {
		return r.malformed("a comment without end")
	}
	if err := r.characters(r.pos + end); err != nil {
		return err
	}
	if !hasPrefix(r.data[r.pos:], "-->") {
		return r.malformed("-- in a comment")
	}
	r.pos += len("-->")
	return nil
}

func (r *reader) instruction() error {
	r.pos += len("<?")
	target, err := r.name()
	if err != nil {
		return err
	}
	if bytes.EqualFold(r.slice(target), []byte("xml")) {
		return r.malformed("an XML declaration that is broken or not at the start")
	}
	end := index(r.data[r.pos:], "?>")
	if end < 0 {
		return r.malformed("an instruction without end")
	}
	if end > 0 && classes[r.data[r.pos]]&classBlank == 0 {
		return r.malformed("no blank after the target of an instruction")
	}
	if err := r.characters(r.pos + end); err != nil {
		return err
	}
	r.pos += len("?>")
	return nil
}

// cdata appends the text of a CDATA section to the scratch.
func (r *reader) cdata() error {
	r.pos += len("<![CDATA[")
	end := index(r.data[r.pos:], "]]>")
	if end < 0 {
		return r.malformed("a CDATA section without end")
	}
	start, stop := r.pos, r.pos+end
	if err := r.characters(stop); err != nil {
		return err
	}
	r.appendLines(r.data[start:stop])
	r.pos = stop + len("]]>")
	return nil
}

// appendLines appends text to the scratch with its line ends made LF.
func (r *reader) appendLines(text []byte) {
	for {
		cut := bytes.IndexByte(text, '\r')
		if cut < 0 {
			r.scratch = append(r.scratch, text...)
			return
		}
		r.scratch = append(append(r.scratch, text[:cut]...), '\n')
		text = text[cut+1:]
		if len(text) > 0 && text[0] == '\n' {
			text = text[1:]
		}
	}
}

// characters checks that all up to stop are characters of XML and goes there.
func (r *reader) characters(stop int) error {
	for r.pos < stop {
		b := r.data[r.pos]
		size := 1
		switch {
		case classes[b]&classHigh != 0:
			size = wideChar(r.data[r.pos:stop])
		case !isChar(rune(b)):
			size = 0
		}
		if size == 0 {
			return r.badCharacter()
		}
		r.pos += size
	}
	return nil
}

// reference reads &name; or &#number; and appends its character to the scratch.
func (r *reader) reference() error {
	if hasPrefix(r.data[r.pos:], "&#") {
		return r.numberReference()
	}
	for _, e := range entities {
		if hasPrefix(r.data[r.pos:], e.text) {
			r.pos += len(e.text)
			r.scratch = append(r.scratch, e.char)
			return nil
		}
	}
	return r.malformed("& that is no reference to a character XML itself knows")
}

// entities are the five that need no declaration.
var entities = [...]struct {
	text string
	char byte
}{{"&lt;", '<'}, {"&amp;", '&'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}

func (r *reader) numberReference() error {
	at := r.pos + len("&#")
	base := rune(10)
	if at < len(r.data) && r.data[at] == 'x' {
		base = 16
		at++
	}
	first := at
	var c rune
	for ; at < len(r.data); at++ {
		d := digit(r.data[at])
		if d >= base {
			break
		}
		c = min(c*base+d, 0x110000) // beyond the last character, and it stays there
	}
	if at == first || at >= len(r.data) || r.data[at] != ';' {
		return r.malformed("&# that is no reference")
	}
	if !isChar(c) {
		return r.malformed("a reference to a character that XML cannot carry")
	}
	r.pos = at + 1
	r.scratch = utf8.AppendRune(r.scratch, c)
	return nil
}

// digit returns the worth of a hexadecimal digit, 99 for any other byte.
func digit(b byte) rune {
	switch {
	case b >= '0' && b <= '9':
		return rune(b - '0')
	case b >= 'a' && b <= 'f':
		return rune(b-'a') + 10
	case b >= 'A' && b <= 'F':
		return rune(b-'A') + 10
	}
	return 99
}
