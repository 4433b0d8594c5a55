package xmlrpc

// reader walks a document in UTF-8 from tag to tag. It knows XML 1.0 without
// DOCTYPE and nothing of XML-RPC. Text and tags alternate:
//
//	text, tag, text, tag, ... until depth is zero again
//
// Everything between two tags is one text, however it is cut by comments,
// instructions, CDATA sections and references. The reader checks that the
// document is well-formed as far as it was read.
type reader struct {
	data     []byte
	pos      int       // the next byte to read
	open     []span    // names of the open elements, outermost first
	empty    bool      // the tag just read was <name/>: its end comes next
	scratch  []byte    // a text that had to be put together
	names    []span    // attributes of the tag being read
	bindings []binding // namespace declarations in force, innermost last
	limits   Limits
}

// span is a piece of the document.
type span struct{ start, end int }

// tag is a start tag or an end tag. Only a start tag has a name: an end tag fits
// the start tag before it, or the document is refused.
type tag struct {
	end   bool
	space space  // where the name belongs
	name  []byte // the name without its prefix
}

// is reports whether t is the tag of the plain element called name.
func (t tag) is(name string) bool {
	return t.space == spaceNone && string(t.name) == name
}

// text returns all character data up to the next tag. The result is valid until
// the next text or start tag.
func (r *reader) text() ([]byte, error) {
	if r.empty {
		return nil, nil
	}
	run := r.run()
	if r.atTag() {
		return run, nil
	}
	r.scratch = append(r.scratch[:0], run...)
	for !r.atTag() {
		if err := r.piece(); err != nil {
			return nil, err
		}
		r.scratch = append(r.scratch, r.run()...)
	}
	return r.scratch, nil
}

// blank reads the text up to the next tag, which has to be blank. where names
// the element it stands in.
func (r *reader) blank(where string) error {
	if r.empty {
		return nil
	}
	if r.skipBlanks(); r.atTag() {
		return nil
	}
	text, err := r.text()
	if err != nil {
		return err
	}
	if rest := trim(text); len(rest) > 0 {
		return r.fail(CodeInvalidRequest, "text %s directly in <%s>", shown(rest), where)
	}
	return nil
}

// atTag reports whether a tag or the end of the document comes next.
func (r *reader) atTag() bool {
	if r.pos >= len(r.data) {
		return true
	}
	if r.data[r.pos] != '<' {
		return false
	}
	return r.pos+1 >= len(r.data) || (r.data[r.pos+1] != '!' && r.data[r.pos+1] != '?')
}

// run returns the characters up to the first that needs a closer look.
func (r *reader) run() []byte {
	start, pos := r.pos, r.pos
	for pos < len(r.data) {
		switch class := classes[r.data[pos]]; {
		case class&classPlain != 0:
			pos++
		case class&classHigh != 0:
			size := wideChar(r.data[pos:])
			if size == 0 {
				r.pos = pos
				return r.data[start:pos]
			}
			pos += size
		default:
			r.pos = pos
			return r.data[start:pos]
		}
	}
	r.pos = pos
	return r.data[start:pos]
}

// piece handles what stopped run inside of a text and appends what it stands
// for to the scratch.
func (r *reader) piece() error {
	switch r.data[r.pos] {
	case '<':
		return r.aside()
	case '&':
		return r.reference()
	case '\r':
		return r.newline()
	case ']':
		return r.bracket()
	}
	return r.badCharacter()
}

// newline turns CR and CR LF into LF.
func (r *reader) newline() error {
	r.pos++
	if r.pos < len(r.data) && r.data[r.pos] == '\n' {
		r.pos++
	}
	r.scratch = append(r.scratch, '\n')
	return nil
}

// bracket takes a ] that does not belong to ]]>.
func (r *reader) bracket() error {
	if hasPrefix(r.data[r.pos:], "]]>") {
		return r.malformed("]]> in text")
	}
	r.pos++
	r.scratch = append(r.scratch, ']')
	return nil
}

// tag reads the tag at the reader's position.
func (r *reader) tag() (tag, error) {
	if r.empty {
		r.empty = false
		r.close()
		return tag{end: true}, nil
	}
	if r.pos+1 >= len(r.data) {
		return tag{}, r.truncated()
	}
	if r.data[r.pos+1] == '/' {
		return tag{end: true}, r.endTag()
	}
	return r.startTag()
}

func (r *reader) startTag() (tag, error) {
	r.pos++
	name, err := r.name()
	if err != nil {
		return tag{}, err
	}
	r.open = append(r.open, name)
	if r.pos < len(r.data) && r.data[r.pos] != '>' {
		if err := r.attributes(); err != nil {
			return tag{}, err
		}
	}
	if r.pos >= len(r.data) {
		return tag{}, r.truncated()
	}
	r.pos++
	return r.resolve(r.slice(name)), nil
}

// endTag reads the end of the innermost element.
func (r *reader) endTag() error {
	start := r.pos + len("</")
	if len(r.open) == 0 {
		return r.malformed("an end tag without its start")
	}
	name := r.slice(r.open[len(r.open)-1])
	r.pos = start + len(name)
	if r.pos >= len(r.data) || string(r.data[start:r.pos]) != string(name) {
		return r.wrongEnd(start)
	}
	if r.data[r.pos] != '>' {
		if r.skipBlanks(); r.pos >= len(r.data) || r.data[r.pos] != '>' {
			return r.wrongEnd(start)
		}
	}
	r.pos++
	r.close()
	return nil
}

// wrongEnd refuses the end tag whose name begins at start.
func (r *reader) wrongEnd(start int) error {
	r.pos = start
	name, err := r.name()
	if err != nil {
		return err
	}
	innermost := r.slice(r.open[len(r.open)-1])
	if string(r.slice(name)) != string(innermost) {
		return r.malformed("</%s> ends <%s>", r.slice(name), innermost)
	}
	return r.malformed("no > after </%s", innermost)
}

// close ends the innermost element.
func (r *reader) close() {
	r.unbind(len(r.open))
	r.open = r.open[:len(r.open)-1]
}

func (r *reader) slice(s span) []byte { return r.data[s.start:s.end] }

func (r *reader) skipBlanks() {
	for r.pos < len(r.data) && classes[r.data[r.pos]]&classBlank != 0 {
		r.pos++
	}
}

func (r *reader) truncated() *DecodeError {
	if len(r.open) == 0 {
		return r.malformed("no element")
	}
	return r.malformed("the document ends inside <%s>", r.slice(r.open[len(r.open)-1]))
}
