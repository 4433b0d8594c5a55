package value

import "slices"

// Check reports whether v, anything that [Append] takes, fits the type: a [TypeError] when not, an
// [EncodeError] when it cannot be sent at all.
func (t *Type) Check(v any) error {
	encoded, err := Append(nil, v)
	if err != nil {
		return err
	}
	_, err = t.fits(encoded, 0)
	return err
}

// fits looks at the checked item at data[at:] and returns where it ends.
func (t *Type) fits(data []byte, at int) (int, error) {
	h, _ := readHead(data, at)
	isNil := data[at] == byteNil || data[at] == byteUndefined
	switch kind := t.kind(); {
	case kind == Any, isNil && (kind == Nil || t.Nullable):
		return skip(data, at), nil
	case !kind.fits(data, at, h):
		return 0, misfit(t.String(), data, at)
	case kind == Text && t.Enum != nil:
		return t.fitsEnum(data, at, h)
	case kind == List || kind == Stream:
		return t.fitsList(data, h)
	case kind == Map:
		return t.fitsMap(data, h)
	}
	return skip(data, at), nil
}

// fits looks at one item without what is inside of it.
func (k Kind) fits(data []byte, at int, h head) bool {
	switch k {
	case Bool:
		return data[at] == byteTrue || data[at] == byteFalse
	case Int:
		return isInteger(data, at)
	case Number:
		_, isFloat := readFloat(data, at)
		return isFloat || isInteger(data, at) || isTagged(h, TagDecimal)
	case Text:
		return h.major == majorText
	case Bytes:
		return h.major == majorBytes
	case DateTime:
		return isTagged(h, TagDateTime)
	case Day:
		return isTagged(h, TagDate)
	case Clock:
		return isTagged(h, TagTimeOfDay)
	case Duration:
		return isTagged(h, TagDuration)
	case List, Stream:
		return h.major == majorList
	case Map:
		return h.major == majorMap
	case Any:
		return true
	case Nil:
	}
	return false
}

func isTagged(h head, tag uint64) bool { return h.major == majorTag && h.arg == tag }

func (t *Type) fitsEnum(data []byte, at int, h head) (int, error) {
	text, end := borrowChunks(data, h)
	if !slices.Contains(t.Enum, string(text)) {
		return 0, misfit(t.want(), data, at)
	}
	return end, nil
}

func (t *Type) fitsList(data []byte, h head) (int, error) {
	at := h.next
	for n := uint64(0); more(data, h, at, n); n++ {
		end, err := t.Elem.fits(data, at)
		if err != nil {
			return 0, under(indexStep(int(n)), err)
		}
		at = end
	}
	return after(h, at), nil
}

func (t *Type) fitsMap(data []byte, h head) (int, error) {
	at := h.next
	for n := uint64(0); more(data, h, at, n); n++ {
		key := string(keyAt(data, at))
		end, err := t.member(key).fits(data, skip(data, at))
		if err != nil {
			return 0, under(keyStep(key), err)
		}
		at = end
	}
	return after(h, at), nil
}
