package xmlrpc

// declaration reads the XML declaration, when there is one, and returns the
// encoding it names.
func (r *reader) declaration() (encoding string, err error) {
	const begin = "<?xml"
	if !hasPrefix(r.data, begin) || len(r.data) == len(begin) || classes[r.data[len(begin)]]&classBlank == 0 {
		return "", nil
	}
	r.pos = len(begin)
	version, err := r.pseudo("version")
	if err != nil {
		return "", err
	}
	if string(version) != "1.0" {
		return "", r.malformed("XML of version %s, only 1.0 is read", shown(version))
	}
	name, err := r.pseudo("encoding")
	if err != nil {
		return "", err
	}
	if err := r.standalone(); err != nil {
		return "", err
	}
	r.skipBlanks()
	if !hasPrefix(r.data[r.pos:], "?>") {
		return "", r.malformed("a broken XML declaration")
	}
	r.pos += len("?>")
	return string(name), nil
}

// standalone reads the last part of the declaration.
func (r *reader) standalone() error {
	value, err := r.pseudo("standalone")
	if err != nil {
		return err
	}
	if value != nil && string(value) != "yes" && string(value) != "no" {
		return r.malformed("standalone is %s, neither yes nor no", shown(value))
	}
	return nil
}

// pseudo reads one part of the declaration, like version="1.0". It returns nil
// and stays where it is when another part, or none, comes next.
func (r *reader) pseudo(name string) ([]byte, error) {
	back := r.pos
	r.skipBlanks()
	if r.pos == back || !hasPrefix(r.data[r.pos:], name) {
		r.pos = back
		return nil, nil
	}
	r.pos += len(name)
	r.skipBlanks()
	if r.pos >= len(r.data) || r.data[r.pos] != '=' {
		return nil, r.malformed("no = after %s", name)
	}
	r.pos++
	r.skipBlanks()
	return r.pseudoValue(name)
}

// pseudoValue reads a quoted word. All words of a declaration are made of the
// letters, digits and signs of ASCII names.
func (r *reader) pseudoValue(name string) ([]byte, error) {
	if r.pos >= len(r.data) || (r.data[r.pos] != '"' && r.data[r.pos] != '\'') {
		return nil, r.malformed("%s without quotes", name)
	}
	quote := r.data[r.pos]
	r.pos++
	start := r.pos
	for r.pos < len(r.data) && classes[r.data[r.pos]]&className != 0 {
		r.pos++
	}
	if r.pos == start || r.pos >= len(r.data) || r.data[r.pos] != quote {
		return nil, r.malformed("%s is not one word", name)
	}
	r.pos++
	return r.data[start : r.pos-1], nil
}
