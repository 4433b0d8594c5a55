package value

import (
	"fmt"
	"reflect"
	"strconv"
)

func (b *compiler) listOrBytes(c *codec, t reflect.Type) {
	switch {
	case t.Elem().Kind() == reflect.Uint8 && t.Kind() == reflect.Slice:
		bytesCodec(c)
	case t.Elem().Kind() == reflect.Uint8:
		byteArrayCodec(c, t)
	default:
		b.listCodec(c, t)
	}
}

func bytesCodec(c *codec) {
	c.typ, c.scalar = &Type{Kind: Bytes}, true
	c.encode = func(_ *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		return appendBytes(dst, v.Bytes()), nil
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		h, _ := readHead(data, at)
		if h.major != majorBytes {
			return 0, misfit("bytes", data, at)
		}
		content, end := readChunks(data, h)
		v.SetBytes(content)
		return end, nil
	}
}

func byteArrayCodec(c *codec, t reflect.Type) {
	c.typ, c.scalar = &Type{Kind: Bytes}, true
	want := strconv.Itoa(t.Len()) + " bytes"
	c.encode = func(_ *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		dst = appendHead(dst, majorBytes, uint64(v.Len()))
		for i := range v.Len() {
			dst = append(dst, byte(v.Index(i).Uint()))
		}
		return dst, nil
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		h, _ := readHead(data, at)
		if h.major != majorBytes {
			return 0, misfit("bytes", data, at)
		}
		content, end := borrowChunks(data, h)
		if len(content) != v.Len() {
			return 0, &TypeError{Want: want, Got: strconv.Itoa(len(content)) + " bytes"}
		}
		reflect.Copy(v, reflect.ValueOf(content))
		return end, nil
	}
}

func (b *compiler) listCodec(c *codec, t reflect.Type) {
	elem := b.codec(t.Elem())
	c.typ = &Type{Kind: List, Elem: elem.typ}
	c.holds(elem)
	c.encode = func(e *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		n := v.Len()
		if err := e.open(n); err != nil {
			return nil, err
		}
		dst = appendHead(dst, majorList, uint64(n))
		for i := range n {
			var err error
			if dst, err = elem.encode(e, dst, v.Index(i)); err != nil {
				return nil, under(indexStep(i), err)
			}
		}
		e.close()
		return dst, nil
	}
	want := c.typ.String()
	if t.Kind() == reflect.Array {
		c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
			return decodeArray(elem, want, data, at, v)
		}
		return
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		return decodeSlice(elem, want, data, at, v)
	}
}

func decodeSlice(elem *codec, want string, data []byte, at int, v reflect.Value) (int, error) {
	h, _ := readHead(data, at)
	if h.major != majorList {
		return 0, misfit(want, data, at)
	}
	makeSlice(v, room(h))
	at = h.next
	n := 0
	for ; more(data, h, at, uint64(n)); n++ {
		if n == v.Len() {
			v.Grow(1)
			v.SetLen(v.Cap())
		}
		end, err := elem.decode(data, at, v.Index(n))
		if err != nil {
			return 0, under(indexStep(n), err)
		}
		at = end
	}
	v.SetLen(n)
	return after(h, at), nil
}

// makeSlice sets v to a fresh slice of n elements, which is not nil.
func makeSlice(v reflect.Value, n int) {
	if n == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		return
	}
	v.SetZero()
	v.Grow(n) // unlike MakeSlice it takes no memory for a header
	v.SetLen(n)
}

func decodeArray(elem *codec, want string, data []byte, at int, v reflect.Value) (int, error) {
	h, _ := readHead(data, at)
	if h.major != majorList {
		return 0, misfit(want, data, at)
	}
	at = h.next
	n := 0
	for ; more(data, h, at, uint64(n)) && n < v.Len(); n++ {
		end, err := elem.decode(data, at, v.Index(n))
		if err != nil {
			return 0, under(indexStep(n), err)
		}
		at = end
	}
	if n < v.Len() || more(data, h, at, uint64(n)) {
		return 0, &TypeError{Want: fmt.Sprintf("%s of %d", want, v.Len()), Got: "another length"}
	}
	return after(h, at), nil
}
