package xmlrpc

import (
	"strconv"
	"strings"
)

// value reads the content of a <value> whose start tag has been read, and its
// end. Without a type element it is a string, blanks and all.
func (d *decoder) value() (any, error) {
	if d.values == d.limits.Values {
		return nil, d.overLimit("too many values", d.limits.Values)
	}
	d.values++
	text, err := d.text()
	if err != nil {
		return nil, err
	}
	if !d.atEndTag() && len(trim(text)) > 0 {
		return nil, d.fail(CodeInvalidRequest, "text %s beside a type", shown(trim(text)))
	}
	t, err := d.tag()
	if err != nil {
		return nil, err
	}
	if t.end {
		return string(text), nil
	}
	v, err := d.typed(t)
	if err != nil {
		return nil, err
	}
	return v, d.ending("value")
}

// typed reads the content of a type element and its end. The types of Apache
// are taken with its namespace and without, the others only without.
func (d *decoder) typed(t tag) (any, error) {
	if t.space != spaceOther {
		switch string(t.name) {
		case "i8":
			return d.integer("i8", 64)
		case "nil":
			return d.null()
		case "i1":
			return d.integer("i1", 8)
		case "i2":
			return d.integer("i2", 16)
		case "float":
			return d.double("float")
		case "biginteger":
			return d.bigInteger()
		case "bigdecimal":
			return d.bigDecimal()
		case "dateTime":
			return d.dateTime("dateTime")
		}
	}
	if t.space == spaceNone {
		return d.plain(t)
	}
	return nil, d.noType(t)
}

// plain reads one of the types of the specification.
func (d *decoder) plain(t tag) (any, error) {
	switch string(t.name) {
	case "int":
		return d.integer("int", 64) // senders put more than 32 bits into it
	case "i4":
		return d.integer("i4", 64)
	case "string":
		text, err := d.leaf("string")
		return string(text), err
	case "boolean":
		return d.boolean()
	case "double":
		return d.double("double")
	case "dateTime.iso8601":
		return d.dateTime("dateTime.iso8601")
	case "base64":
		return d.base64()
	case "array":
		return d.array()
	case "struct":
		return d.structure()
	}
	return nil, d.noType(t)
}

func (d *decoder) noType(t tag) error {
	return d.fail(CodeInvalidRequest, "%s is no type of XML-RPC", t)
}

// atEndTag reports whether an end tag comes next.
func (r *reader) atEndTag() bool {
	return r.empty || hasPrefix(r.data[r.pos:], "</")
}

// deeper counts one more open array or struct.
func (d *decoder) deeper() error {
	if d.depth == d.limits.Depth {
		return d.overLimit("arrays and structs are nested too deep", d.limits.Depth)
	}
	d.depth++
	return nil
}

// array reads <data> and the end of the array.
func (d *decoder) array() (any, error) {
	if err := d.deeper(); err != nil {
		return nil, err
	}
	if err := d.expect("array", "data"); err != nil {
		return nil, err
	}
	list, err := d.elements()
	if err != nil {
		return nil, err
	}
	d.depth--
	return list, d.ending("array")
}

func (d *decoder) elements() ([]any, error) {
	list := []any{}
	for {
		t, err := d.child("data")
		if err != nil || t.end {
			return list, err
		}
		if !t.is("value") {
			return nil, d.unexpected(t, "data")
		}
		v, err := d.value()
		if err != nil {
			return nil, inside(err, "["+strconv.Itoa(len(list))+"]")
		}
		list = append(list, v)
	}
}

// structure reads the members and the end of a struct. Of members that share a
// name the last one wins.
func (d *decoder) structure() (any, error) {
	if err := d.deeper(); err != nil {
		return nil, err
	}
	members := map[string]any{}
	for {
		t, err := d.child("struct")
		if err != nil {
			return nil, err
		}
		if t.end {
			d.depth--
			return members, nil
		}
		if !t.is("member") {
			return nil, d.unexpected(t, "struct")
		}
		if err := d.member(members); err != nil {
			return nil, err
		}
	}
}

// member reads a name and a value, in either order.
func (d *decoder) member(members map[string]any) error {
	var name string
	var v any
	var named, valued bool
	for {
		t, err := d.child("member")
		if err != nil {
			return err
		}
		switch {
		case t.end:
			if !named || !valued {
				return d.fail(CodeInvalidRequest, "<member> without a name or a value")
			}
			members[name] = v
			return nil
		case t.is("name") && !named:
			name, err = d.memberName()
			named = true
		case t.is("value") && !valued:
			v, err = d.memberValue(name)
			valued = true
		default:
			err = d.unexpected(t, "member")
		}
		if err != nil {
			return err
		}
	}
}

func (d *decoder) memberName() (string, error) {
	text, err := d.leaf("name")
	return string(text), err
}

func (d *decoder) memberValue(name string) (any, error) {
	v, err := d.value()
	if err != nil && name != "" {
		return nil, inside(err, memberSegment(name))
	}
	return v, err
}

// memberSegment is the part of a path that names a struct member: the name
// itself, or the name in quotes and brackets when it is not made of letters,
// digits and _ only.
func memberSegment(name string) string {
	odd := strings.IndexFunc(name, func(c rune) bool {
		return c > 0x7F || c == '.' || c == ':' || c == '-' || classes[byte(c)]&className == 0
	})
	if name == "" || odd >= 0 || len(name) > maxShown {
		return "[" + shown([]byte(name)) + "]"
	}
	return name
}
