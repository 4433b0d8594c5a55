package value

import (
	"reflect"
	"slices"
	"strings"
)

// member is one field of a struct, perhaps of one embedded in it, as it travels.
type member struct {
	structField
	codec *codec
}

func (b *compiler) structCodec(c *codec, t reflect.Type) {
	c.typ = &Type{Kind: Map} // what the type is to itself, further in
	var members []member
	byName := map[string]int{}
	typ := &Type{Kind: Map}
	for i, f := range structFields(t) {
		m := member{f, b.codec(f.typ)}
		c.holds(m.codec)
		members = append(members, m)
		byName[f.name] = i
		typ.Fields = append(typ.Fields, Field{f.name, m.codec.typ})
	}
	c.typ = typ
	fixed := !slices.ContainsFunc(members, (member).optional)
	c.encode = func(e *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		n := len(members)
		if !fixed {
			n = countPresent(members, v)
		}
		return encodeStruct(e, members, n, dst, v)
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		return decodeStruct(members, byName, data, at, v)
	}
}

// optional reports whether the field may be left out.
func (m member) optional() bool { return len(m.index) > 1 || m.omitEmpty || m.omitZero }

func countPresent(members []member, v reflect.Value) int {
	n := 0
	for i := range members {
		if _, ok := members[i].present(v); ok {
			n++
		}
	}
	return n
}

// encodeStruct writes the n fields of v that are present.
func encodeStruct(e *encoder, members []member, n int, dst []byte, v reflect.Value) ([]byte, error) {
	if err := e.open(n); err != nil {
		return nil, err
	}
	dst = appendHead(dst, majorMap, uint64(n))
	for i := range members {
		m := &members[i]
		field, ok := m.present(v)
		if !ok {
			continue
		}
		dst = append(dst, m.key...)
		var err error
		if dst, err = m.codec.encode(e, dst, field); err != nil {
			return nil, under(keyStep(m.name), err)
		}
	}
	e.close()
	return dst, nil
}

// present returns the field of v, unless it is left out: behind a nil embedded pointer, or empty.
func (m *member) present(v reflect.Value) (reflect.Value, bool) {
	if len(m.index) == 1 {
		v = v.Field(m.index[0])
		return v, !m.omits(v)
	}
	for i, step := range m.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(step)
	}
	return v, !m.omits(v)
}

// room returns the field of v to be set; embedded pointers on the way to it are filled.
func (m *member) room(v reflect.Value) reflect.Value {
	for i, step := range m.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(step)
	}
	return v
}

func decodeStruct(members []member, byName map[string]int, data []byte, at int, v reflect.Value) (int, error) {
	h, _ := readHead(data, at)
	if h.major != majorMap {
		return 0, misfit("map", data, at)
	}
	at = h.next
	expected := 0
	for n := uint64(0); more(data, h, at, n); n++ {
		head, _ := readHead(data, at)
		at = head.next + int(head.arg)
		i := memberNamed(members, byName, data[head.next:at], expected)
		if i < 0 {
			at = skip(data, at)
			continue
		}
		end, err := members[i].codec.decode(data, at, members[i].room(v))
		if err != nil {
			return 0, under(keyStep(members[i].name), err)
		}
		at, expected = end, i+1
	}
	return after(h, at), nil
}

// memberNamed finds a field, first where it is when both ends have the same struct.
func memberNamed(members []member, byName map[string]int, name []byte, expected int) int {
	if expected < len(members) && members[expected].name == string(name) {
		return expected
	}
	if i, ok := byName[string(name)]; ok {
		return i
	}
	return -1
}

// structField says how a field of a struct travels.
type structField struct {
	name      string
	key       []byte // the name, encoded
	index     []int  // as reflect.Value.FieldByIndex takes it
	typ       reflect.Type
	named     bool // by a tag
	omitEmpty bool
	omitZero  bool
}

func (f *structField) omits(v reflect.Value) bool {
	return f.omitEmpty && isEmpty(v) || f.omitZero && isZero(v)
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func isZero(v reflect.Value) bool {
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		return z.IsZero()
	}
	return v.IsZero()
}

// parseTag reads `netsvc:"name,omitempty,omitzero"`, or the json tag where that is missing.
func (f *structField) parseTag(tag reflect.StructTag) (skip bool) {
	text, ok := tag.Lookup("netsvc")
	if !ok {
		text = tag.Get("json")
	}
	if text == "-" {
		return true
	}
	name, options, _ := strings.Cut(text, ",")
	if name != "" {
		f.name, f.named = name, true
	}
	for option := range strings.SplitSeq(options, ",") {
		f.omitEmpty = f.omitEmpty || option == "omitempty"
		f.omitZero = f.omitZero || option == "omitzero"
	}
	return false
}
