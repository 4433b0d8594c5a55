package xmlrpc

// space is where the name of an element belongs.
type space uint8

const (
	spaceNone   space = iota // no namespace: XML-RPC proper
	spaceApache              // the extension types of ws-xmlrpc
	spaceOther               // another vocabulary
)

// apacheSpace is the namespace of the extension types of Apache ws-xmlrpc 3.
const apacheSpace = "http://ws.apache.org/xmlrpc/namespaces/extensions"

// binding is one namespace declaration.
type binding struct {
	depth  int  // of the element that declares it
	prefix span // empty for the default namespace
	space  space
}

// attributes reads the attributes of a start tag up to its > and takes the
// namespace declarations out of them. All others are checked and forgotten.
func (r *reader) attributes() error {
	r.names = r.names[:0]
	for {
		before := r.pos
		r.skipBlanks()
		if done, err := r.endOfAttributes(); done || err != nil {
			return err
		}
		if r.pos == before {
			return r.malformed("%s inside a tag", shown(r.data[r.pos:min(r.pos+1, len(r.data))]))
		}
		if len(r.names) == r.limits.Attributes {
			return r.overLimit("an element has too many attributes", r.limits.Attributes)
		}
		if err := r.attribute(); err != nil {
			return err
		}
	}
}

// endOfAttributes reports whether > comes next, or /> whose / it then passes.
func (r *reader) endOfAttributes() (bool, error) {
	if r.pos >= len(r.data) {
		return false, r.truncated()
	}
	if r.data[r.pos] == '>' {
		return true, nil
	}
	if r.data[r.pos] != '/' {
		return false, nil
	}
	if !hasPrefix(r.data[r.pos:], "/>") {
		return false, r.malformed("/ inside a tag")
	}
	r.pos++
	r.empty = true
	return true, nil
}

func (r *reader) attribute() error {
	name, err := r.name()
	if err != nil {
		return err
	}
	for _, earlier := range r.names {
		if string(r.slice(earlier)) == string(r.slice(name)) {
			return r.malformed("two attributes %s", r.slice(name))
		}
	}
	r.names = append(r.names, name)
	r.skipBlanks()
	if r.pos >= len(r.data) || r.data[r.pos] != '=' {
		return r.malformed("no = after the attribute %s", r.slice(name))
	}
	r.pos++
	r.skipBlanks()
	value, err := r.quoted()
	if err != nil {
		return err
	}
	return r.bind(name, value)
}

// quoted reads an attribute value. The result is valid until the next text.
func (r *reader) quoted() ([]byte, error) {
	if r.pos >= len(r.data) || (r.data[r.pos] != '"' && r.data[r.pos] != '\'') {
		return nil, r.malformed("an attribute value without quotes")
	}
	quote := r.data[r.pos]
	r.pos++
	r.scratch = r.scratch[:0]
	for r.pos < len(r.data) && r.data[r.pos] != quote {
		if err := r.quotedPiece(quote); err != nil {
			return nil, err
		}
	}
	if r.pos >= len(r.data) {
		return nil, r.truncated()
	}
	r.pos++
	return r.scratch, nil
}

// quotedPiece appends a run of characters or one reference to the scratch.
func (r *reader) quotedPiece(quote byte) error {
	if r.data[r.pos] == '&' {
		return r.reference()
	}
	stop := r.pos
	for stop < len(r.data) && r.data[stop] != quote && r.data[stop] != '&' && r.data[stop] != '<' {
		stop++
	}
	if stop == r.pos {
		return r.malformed("< in an attribute value")
	}
	start := r.pos
	if err := r.characters(stop); err != nil {
		return err
	}
	r.scratch = append(r.scratch, r.data[start:stop]...)
	return nil
}

// bind notes the attribute if it declares a namespace.
func (r *reader) bind(name span, value []byte) error {
	text := r.slice(name)
	switch {
	case string(text) == "xmlns":
		name.start = name.end
	case hasPrefix(text, "xmlns:"):
		name.start += len("xmlns:")
	default:
		return nil
	}
	if len(r.bindings) == maxBindings {
		return r.overLimit("too many namespaces are declared", maxBindings)
	}
	r.bindings = append(r.bindings, binding{len(r.open), name, spaceOf(string(value), name)})
	return nil
}

// spaceOf returns the space of a declaration. Without an address the default
// namespace is taken back.
func spaceOf(address string, prefix span) space {
	switch {
	case address == apacheSpace:
		return spaceApache
	case address == "" && prefix.start == prefix.end:
		return spaceNone
	}
	return spaceOther
}

// unbind forgets the declarations of the elements from depth on.
func (r *reader) unbind(depth int) {
	for n := len(r.bindings); n > 0 && r.bindings[n-1].depth >= depth; n-- {
		r.bindings = r.bindings[:n-1]
	}
}

// resolve makes the start tag of an element with that name.
func (r *reader) resolve(name []byte) tag {
	for i, b := range name {
		if b == ':' {
			return tag{space: r.lookup(name[:i]), name: name[i+1:]}
		}
	}
	if len(r.bindings) == 0 {
		return tag{name: name}
	}
	return tag{space: r.lookup(nil), name: name}
}

// lookup returns the space of a prefix. The prefix ex counts as Apache's even
// when nothing declares it, because old senders forget to.
func (r *reader) lookup(prefix []byte) space {
	for i := len(r.bindings) - 1; i >= 0; i-- {
		if string(r.slice(r.bindings[i].prefix)) == string(prefix) {
			return r.bindings[i].space
		}
	}
	switch string(prefix) {
	case "":
		return spaceNone
	case "ex":
		return spaceApache
	}
	return spaceOther
}
