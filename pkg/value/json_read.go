package value

import "unicode/utf8"

// FromJSON reads exactly one JSON text (RFC 8259) as a value of type t and returns its Go form.
// Under t, text becomes bytes (base64), datetime, date, time or duration where that is wanted, and
// "NaN", "Infinity" and "-Infinity" become numbers; integers are exact at any size, and a number that
// no float64 is becomes a [Decimal]. Where t is nil
// or any, text stays text, a number without fraction and exponent is an integer (but -0), and
// {"$opaque":TAG,"data":BASE64} is an [Opaque].
//
// Malformed text, duplicate names and what is over a limit are a [DecodeError], what does not fit
// t is a [TypeError].
func FromJSON(data []byte, t *Type) (any, error) {
	encoded, err := transcode(data, t)
	if err != nil {
		return nil, err
	}
	v, _ := readAny(encoded, 0)
	return v, nil
}

// transcode turns JSON into an encoded, checked value. Lists and maps become indefinite ones, so
// nothing has to be counted ahead, and members keep their order.
func transcode(data []byte, t *Type) ([]byte, error) {
	if !utf8.Valid(data) {
		return nil, &DecodeError{Offset: -1, Reason: "JSON is not valid UTF-8"}
	}
	r := jsonReader{data: data}
	if err := r.value(t, MaxDepth); err != nil {
		return nil, err
	}
	if r.space(); r.at < len(data) {
		return nil, r.fail("text after the JSON value")
	}
	if err := Check(r.out); err != nil {
		return nil, &DecodeError{Offset: -1, Reason: "JSON: " + err.(*DecodeError).Reason}
	}
	return r.out, nil
}

// jsonReader reads data from at on and writes the encoded value to out.
type jsonReader struct {
	data []byte
	at   int
	out  []byte
}

// value reads a value that may open depth more lists and maps.
func (r *jsonReader) value(t *Type, depth int) error {
	r.space()
	switch c := r.peek(); {
	case c == '[' || c == '{':
		if depth == 0 {
			return r.fail("nested deeper than 64")
		}
		if c == '[' {
			return r.list(t, depth-1)
		}
		return r.object(t, depth-1)
	case c == '"':
		text, err := r.text()
		if err != nil {
			return err
		}
		r.out, err = appendTextAs(r.out, text, t)
		return err
	case c == '-' || isDigit(c):
		return r.number(t)
	}
	return r.word(t)
}

func (r *jsonReader) list(t *Type, depth int) error {
	if k := t.kind(); k != Any && k != List && k != Stream {
		return &TypeError{Want: t.String(), Got: "list"}
	}
	r.at++
	r.out = append(r.out, majorList<<5|indefinite)
	for n := 0; ; n++ {
		more, err := r.another(n, ']')
		if err != nil || !more {
			return err
		}
		if err := r.value(t.elem(), depth); err != nil {
			return under(indexStep(n), err)
		}
	}
}

func (r *jsonReader) object(t *Type, depth int) error {
	if k := t.kind(); k != Any && k != Map {
		return &TypeError{Want: t.String(), Got: "map"}
	}
	if t.kind() == Any && r.opaque() {
		return nil
	}
	r.at++
	r.out = append(r.out, majorMap<<5|indefinite)
	for n := 0; ; n++ {
		more, err := r.another(n, '}')
		if err != nil || !more {
			return err
		}
		key, err := r.key()
		if err != nil {
			return err
		}
		r.out = append(appendHead(r.out, majorText, uint64(len(key))), key...)
		if err := r.value(t.member(key), depth); err != nil {
			return under(keyStep(key), err)
		}
	}
}

// another reads up to the item after n others: the comma before it, or the end, for which it
// writes a break and reports false.
func (r *jsonReader) another(n int, end byte) (bool, error) {
	r.space()
	switch c := r.peek(); {
	case c == end:
		r.at++
		r.out = append(r.out, byteBreak)
		return false, nil
	case n == 0:
		return true, nil
	case c != ',':
		return false, r.fail("expected , or " + string(end))
	}
	r.at++
	r.space()
	return true, nil
}

func (r *jsonReader) key() (string, error) {
	if r.peek() != '"' {
		return "", r.fail("expected a name in quotes")
	}
	key, err := r.text()
	if err != nil {
		return "", err
	}
	if r.space(); r.peek() != ':' {
		return "", r.fail("expected : after a name")
	}
	r.at++
	return key, nil
}

// word reads null, true and false.
func (r *jsonReader) word(t *Type) error {
	for _, w := range jsonWords {
		if len(r.data)-r.at < len(w.text) || string(r.data[r.at:r.at+len(w.text)]) != w.text {
			continue
		}
		if k := t.kind(); k != Any && k != w.kind && !(w.kind == Nil && t.Nullable) {
			return &TypeError{Want: t.String(), Got: describeAt([]byte{w.encoded}, 0)}
		}
		r.at += len(w.text)
		r.out = append(r.out, w.encoded)
		return nil
	}
	if r.at == len(r.data) {
		return r.fail("the JSON text ends too early")
	}
	return r.fail("expected a JSON value")
}

var jsonWords = []struct {
	text    string
	encoded byte
	kind    Kind
}{{"null", byteNil, Nil}, {"true", byteTrue, Bool}, {"false", byteFalse, Bool}}

func (r *jsonReader) space() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (r *jsonReader) peek() byte {
	if r.at < len(r.data) {
		return r.data[r.at]
	}
	return 0
}

func (r *jsonReader) fail(reason string) error {
	return &DecodeError{Offset: r.at, Reason: reason}
}
