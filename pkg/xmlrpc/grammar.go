package xmlrpc

// String shows a tag for an error text.
func (t tag) String() string {
	if t.end {
		return "an end tag"
	}
	prefix := ""
	switch t.space {
	case spaceApache:
		prefix = "ex:"
	case spaceOther:
		prefix = "{another namespace}"
	}
	return "<" + prefix + string(t.name) + ">"
}

// child reads the next tag inside of parent: the start of an element, or the
// end of parent. Only blanks may stand before it.
func (d *decoder) child(parent string) (tag, error) {
	if err := d.blank(parent); err != nil {
		return tag{}, err
	}
	return d.tag()
}

// expect reads the start tag called name inside of parent.
func (d *decoder) expect(parent, name string) error {
	t, err := d.child(parent)
	if err != nil {
		return err
	}
	if t.end {
		return d.fail(CodeInvalidRequest, "<%s> without <%s>", parent, name)
	}
	if !t.is(name) {
		return d.unexpected(t, parent)
	}
	return nil
}

// ending reads the end tag of parent.
func (d *decoder) ending(parent string) error {
	t, err := d.child(parent)
	if err != nil {
		return err
	}
	if !t.end {
		return d.unexpected(t, parent)
	}
	return nil
}

// leaf reads the text of an element without children, and its end. The result
// is valid until the next text or start tag.
func (d *decoder) leaf(name string) ([]byte, error) {
	text, err := d.text()
	if err != nil {
		return nil, err
	}
	t, err := d.tag()
	if err != nil {
		return nil, err
	}
	if !t.end {
		return nil, d.unexpected(t, name)
	}
	return text, nil
}

func (d *decoder) unexpected(t tag, parent string) error {
	return d.fail(CodeInvalidRequest, "%s has no place in <%s>", t, parent)
}

// response reads the content of the root of an answer: a value or a fault.
func (d *decoder) response() (any, *Fault, error) {
	t, err := d.child("methodResponse")
	if err != nil || t.end {
		return nil, nil, err
	}
	var result any
	var fault *Fault
	switch {
	case t.is("params"):
		result, err = d.result()
	case t.is("fault"):
		fault, err = d.fault()
	default:
		err = d.unexpected(t, "methodResponse")
	}
	if err != nil {
		return nil, nil, err
	}
	return result, fault, d.ending("methodResponse")
}

// result reads the content of <params> in an answer: one value or none.
func (d *decoder) result() (any, error) {
	t, err := d.child("params")
	if err != nil || t.end {
		return nil, err
	}
	if !t.is("param") {
		return nil, d.unexpected(t, "params")
	}
	v, err := d.param()
	if err != nil {
		return nil, inside(err, "result")
	}
	return v, d.ending("params")
}

// fault reads the content of <fault>.
func (d *decoder) fault() (*Fault, error) {
	if err := d.expect("fault", "value"); err != nil {
		return nil, err
	}
	v, err := d.value()
	if err != nil {
		return nil, inside(err, "fault")
	}
	members, _ := v.(map[string]any)
	code, ok := faultCode(members["faultCode"])
	if !ok {
		return nil, d.fail(CodeInvalidRequest, "a fault without a number as faultCode")
	}
	text, ok := members["faultString"].(string)
	if !ok {
		return nil, d.fail(CodeInvalidRequest, "a fault without a text as faultString")
	}
	return &Fault{Code: code, String: text}, d.ending("fault")
}

// faultCode reads a code, which some servers send as a text.
func faultCode(v any) (int, bool) {
	switch v := v.(type) {
	case int64:
		return int(v), true
	case string:
		n, ok := parseInt(trim([]byte(v)))
		return int(n), ok
	}
	return 0, false
}
