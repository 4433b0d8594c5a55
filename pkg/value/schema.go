package value

// What a schema says of the kinds. "go-duration" is ours: JSON Schema's own "duration" is ISO 8601.
var kindSchemas = map[Kind]struct{ typ, key, word string }{
	Nil:      {"null", "", ""},
	Bool:     {"boolean", "", ""},
	Int:      {"integer", "", ""},
	Number:   {"number", "", ""},
	Text:     {"string", "", ""},
	Bytes:    {"string", "contentEncoding", "base64"},
	DateTime: {"string", "format", "date-time"},
	Day:      {"string", "format", "date"},
	Clock:    {"string", "format", "time"},
	Duration: {"string", "format", "go-duration"},
	List:     {"array", "", ""},
	Map:      {"object", "", ""},
	Stream:   {"array", "format", "stream"},
}

// Schema returns the type as JSON, in a subset of JSON Schema (2020-12): type, enum, items,
// properties (in field order), additionalProperties, and format or contentEncoding for the kinds
// that JSON itself does not have. Any is {}.
func (t *Type) Schema() []byte {
	encoded := t.appendSchema(nil)
	text, err := AppendRawJSON(nil, encoded)
	if err != nil { // appendSchema writes what AppendRawJSON reads
		panic("value: schema: " + err.Error())
	}
	return text
}

// ParseSchema reads what [Type.Schema] writes. Unknown members are ignored, and so is what they
// would demand; the order of properties is kept. The error is a [DecodeError].
func ParseSchema(data []byte) (*Type, error) {
	encoded, err := transcode(data, nil)
	if err != nil {
		return nil, err
	}
	return readSchema(encoded)
}

// schemaOf is a schema before it is encoded, its members in order.
type schemaOf struct {
	Type       any      `netsvc:"type,omitempty"`
	Format     string   `netsvc:"format,omitempty"`
	Encoding   string   `netsvc:"contentEncoding,omitempty"`
	Enum       []string `netsvc:"enum,omitempty"`
	Items      Raw      `netsvc:"items,omitempty"`
	Properties Raw      `netsvc:"properties,omitempty"`
	Additional Raw      `netsvc:"additionalProperties,omitempty"`
}

// appendSchema writes the schema as an encoded map, the form in which signatures travel. Types
// are built here or were read within limits, so texts in them are known to be good.
func (t *Type) appendSchema(dst []byte) []byte {
	if t.kind() == Any {
		return appendHead(dst, majorMap, 0)
	}
	words := kindSchemas[t.Kind]
	s := schemaOf{Type: words.typ, Enum: t.Enum}
	switch words.key {
	case "format":
		s.Format = words.word
	case "contentEncoding":
		s.Encoding = words.word
	}
	if t.Nullable {
		s.Type = []string{words.typ, "null"}
	}
	switch t.Kind {
	case List, Stream:
		s.Items = t.Elem.appendSchema(nil)
	case Map:
		s.Properties = appendProperties(t.Fields)
		if t.Elem.kind() != Any {
			s.Additional = t.Elem.appendSchema(nil)
		}
	}
	encoded, err := Append(dst, s)
	if err != nil {
		return appendHead(dst, majorMap, 0)
	}
	return encoded
}

func appendProperties(fields []Field) Raw {
	if len(fields) == 0 {
		return nil
	}
	dst := appendHead(nil, majorMap, uint64(len(fields)))
	for _, f := range fields {
		dst = append(appendHead(dst, majorText, uint64(len(f.Name))), f.Name...)
		dst = f.Type.appendSchema(dst)
	}
	return dst
}

// readSchema reads an encoded schema that has been checked.
func readSchema(data []byte) (*Type, error) {
	var s struct {
		Type       any   `netsvc:"type"`
		Format     any   `netsvc:"format"`
		Encoding   any   `netsvc:"contentEncoding"`
		Enum       []any `netsvc:"enum"`
		Items      Raw   `netsvc:"items"`
		Properties Raw   `netsvc:"properties"`
		Additional Raw   `netsvc:"additionalProperties"`
	}
	if err := Unmarshal(data, &s); err != nil {
		return nil, &DecodeError{Offset: -1, Reason: "schema: " + err.Error()}
	}
	typ, nullable := schemaType(s.Type)
	t := &Type{Kind: schemaKind(typ, s.Format, s.Encoding), Nullable: nullable}
	var err error
	switch t.Kind {
	case Any:
		return &Type{}, nil
	case Text:
		t.Enum = textsOf(s.Enum)
	case List, Stream:
		t.Elem, err = readInner(s.Items)
	case Map:
		t.Elem, err = readInner(s.Additional)
		if err == nil {
			t.Fields, err = readProperties(s.Properties)
		}
	}
	return t, err
}

// readInner reads a schema inside of another. None at all, and the booleans that JSON Schema
// allows in its place, mean any.
func readInner(data Raw) (*Type, error) {
	if len(data) == 0 || data[0] == byteTrue || data[0] == byteFalse {
		return nil, nil
	}
	t, err := readSchema(data)
	if err != nil || t.Kind == Any {
		return nil, err
	}
	return t, nil
}

func readProperties(data Raw) ([]Field, error) {
	if len(data) == 0 {
		return nil, nil
	}
	h, _ := readHead(data, 0)
	if h.major != majorMap {
		return nil, &DecodeError{Offset: -1, Reason: "schema: properties are not a map"}
	}
	var fields []Field
	at := h.next
	for n := uint64(0); more(data, h, at, n); n++ {
		name := keyAt(data, at)
		at = skip(data, at)
		end := skip(data, at)
		t, err := readSchema(data[at:end])
		if err != nil {
			return nil, err
		}
		fields = append(fields, Field{string(name), t})
		at = end
	}
	return fields, nil
}

// schemaType reads "integer", or ["integer","null"] in either order.
func schemaType(v any) (name string, nullable bool) {
	if name, ok := v.(string); ok {
		return name, false
	}
	list, _ := v.([]any)
	for _, text := range textsOf(list) {
		switch {
		case text == "null":
			nullable = true
		case name != "":
			return "", false // one of several: any
		default:
			name = text
		}
	}
	return name, nullable && name != ""
}

// schemaKind finds the kind by the words of a schema. A format that is not ours does not matter.
func schemaKind(typ string, format, encoding any) Kind {
	plain := Any
	for k := Nil; k <= Stream; k++ {
		words := kindSchemas[k]
		switch {
		case words.typ != typ:
		case words.key == "" && plain == Any:
			plain = k
		case words.key == "format" && words.word == format, words.key == "contentEncoding" && words.word == encoding:
			return k
		}
	}
	return plain
}

func textsOf(list []any) []string {
	var texts []string
	for _, v := range list {
		if text, ok := v.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}
