package value

import (
	"encoding"
	"math/big"
	"reflect"
	"strconv"
	"time"
)

// exact fills in the codec of a Go type that stands for one sort of value. read reports false for
// any other sort.
func exact[T any](c *codec, kind Kind, write func([]byte, T) ([]byte, error), read func([]byte, int) (T, int, bool)) {
	c.typ, c.scalar = &Type{Kind: kind}, true
	want := wanted[T](kind)
	c.encode = func(_ *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		if v.CanAddr() {
			return write(dst, *v.Addr().Interface().(*T))
		}
		return write(dst, v.Interface().(T))
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		x, end, ok := read(data, at)
		if !ok {
			return 0, misfit(want, data, at)
		}
		*v.Addr().Interface().(*T) = x
		return end, nil
	}
}

// wanted names a kind, more exactly where two Go types share it.
func wanted[T any](kind Kind) string {
	switch any((*T)(nil)).(type) {
	case *time.Time:
		return "datetime with a zone"
	case *LocalTime:
		return "datetime without a zone"
	case *Opaque:
		return "opaque tag"
	}
	return kind.String()
}

// tagged returns the head of the content when the checked item at data[at:] has that tag.
func tagged(data []byte, at int, tag uint64) (content int, ok bool) {
	h, _ := readHead(data, at)
	return h.next, h.major == majorTag && h.arg == tag
}

func readTime(data []byte, at int) (time.Time, int, bool) {
	content, ok := tagged(data, at, TagDateTime)
	if !ok {
		return time.Time{}, 0, false
	}
	local, z, end := readDateTimeAt(data, content)
	if z == floating {
		return time.Time{}, 0, false
	}
	return local.in(z.location()), end, true
}

func readLocalTime(data []byte, at int) (LocalTime, int, bool) {
	content, ok := tagged(data, at, TagDateTime)
	if !ok {
		return LocalTime{}, 0, false
	}
	local, z, end := readDateTimeAt(data, content)
	return local, end, z == floating
}

func readDate1004(data []byte, at int) (d Date, end int, ok bool) {
	content, ok := tagged(data, at, TagDate)
	if ok {
		d, end = readDay(data, content)
	}
	return d, end, ok
}

func readTimeOfDay(data []byte, at int) (TimeOfDay, int, bool) {
	content, ok := tagged(data, at, TagTimeOfDay)
	if !ok {
		return 0, 0, false
	}
	n, end := readNanoseconds(data, content)
	return TimeOfDay(n), end, true
}

func appendDuration(dst []byte, d time.Duration) ([]byte, error) {
	return appendInt(appendHead(dst, majorTag, TagDuration), int64(d)), nil
}

func readDuration(data []byte, at int) (d time.Duration, end int, ok bool) {
	content, ok := tagged(data, at, TagDuration)
	if ok {
		d, end = readNanoseconds(data, content)
	}
	return d, end, ok
}

func appendBigValue(dst []byte, b big.Int) ([]byte, error) { return appendBig(dst, &b) }

func readBigValue(data []byte, at int) (b big.Int, end int, ok bool) {
	if p, end, ok := readBigPointer(data, at); ok {
		return *p, end, true
	}
	return b, 0, false
}

func readBigPointer(data []byte, at int) (*big.Int, int, bool) {
	if !isInteger(data, at) {
		return nil, 0, false
	}
	b, end := readBig(data, at)
	return b, end, true
}

// readNumber reads a decimal, an integer, or a finite float by its shortest digits.
func readNumber(data []byte, at int) (Decimal, int, bool) {
	if content, ok := tagged(data, at, TagDecimal); ok {
		d, end := readDecimal(data, content)
		return d, end, true
	}
	if b, end, ok := readBigPointer(data, at); ok {
		return Decimal{Mantissa: b}, end, true
	}
	f, end, ok := readAsFloat(data, at)
	if !ok {
		return Decimal{}, 0, false
	}
	d, err := ParseDecimal(strconv.FormatFloat(f, 'g', -1, 64))
	return d, end, err == nil
}

func readOpaqueOnly(data []byte, at int) (Opaque, int, bool) {
	h, _ := readHead(data, at)
	if h.major != majorTag || isKnownTag(h.arg) {
		return Opaque{}, 0, false
	}
	o, end := readOpaque(data, h)
	return o, end, true
}

// readRaw copies, so that the value outlives the buffer it came in.
func readRaw(data []byte, at int) (Raw, int, bool) {
	end := skip(data, at)
	return append(Raw(nil), data[at:end]...), end, true
}

// textual fills in the codec of a type that knows its own text form both ways.
func textual(c *codec, t reflect.Type) bool {
	if !t.Implements(marshalerType) || !reflect.PointerTo(t).Implements(unmarshalerType) {
		return false
	}
	c.typ, c.scalar = &Type{Kind: Text}, true
	c.encode = func(_ *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return nil, &EncodeError{Reason: err.Error()}
		}
		return appendText(dst, string(text))
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		h, _ := readHead(data, at)
		if h.major != majorText {
			return 0, misfit("text", data, at)
		}
		content, end := borrowChunks(data, h)
		if v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(content) != nil {
			return 0, misfit("text that reads as "+t.String(), data, at)
		}
		return end, nil
	}
	return true
}
