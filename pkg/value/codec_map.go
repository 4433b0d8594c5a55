package value

import (
	"reflect"
	"slices"
	"strings"
)

func (b *compiler) mapCodec(c *codec, t reflect.Type) {
	c.typ = &Type{Kind: Map}
	if t.Key().Kind() != reflect.String {
		unsupported(c, t)
		return
	}
	elem := b.codec(t.Elem())
	if elem.typ.kind() != Any {
		c.typ = &Type{Kind: Map, Elem: elem.typ}
	}
	c.holds(elem)
	c.encode = func(e *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		return encodeMap(e, elem, dst, v)
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		return decodeMap(elem, data, at, v)
	}
}

func encodeMap(e *encoder, elem *codec, dst []byte, v reflect.Value) ([]byte, error) {
	if err := e.open(v.Len()); err != nil {
		return nil, err
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	dst = appendHead(dst, majorMap, uint64(len(keys)))
	for _, key := range keys {
		var err error
		if dst, err = appendText(dst, key.String()); err != nil {
			return nil, under(keyStep(key.String()), err)
		}
		if dst, err = elem.encode(e, dst, v.MapIndex(key)); err != nil {
			return nil, under(keyStep(key.String()), err)
		}
	}
	e.close()
	return dst, nil
}

func decodeMap(elem *codec, data []byte, at int, v reflect.Value) (int, error) {
	h, _ := readHead(data, at)
	if h.major != majorMap {
		return 0, misfit("map", data, at)
	}
	t := v.Type()
	v.Set(reflect.MakeMapWithSize(t, room(h)))
	at = h.next
	for n := uint64(0); more(data, h, at, n); n++ {
		head, _ := readHead(data, at)
		at = head.next + int(head.arg)
		key := string(data[head.next:at])
		member := reflect.New(t.Elem()).Elem()
		end, err := elem.decode(data, at, member)
		if err != nil {
			return 0, under(keyStep(key), err)
		}
		v.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), member)
		at = end
	}
	return after(h, at), nil
}

func (b *compiler) pointerCodec(c *codec, t reflect.Type) {
	elem := b.codec(t.Elem())
	if elem.typ != nil {
		nullable := *elem.typ
		nullable.Nullable = nullable.Kind != Any
		c.typ = &nullable
	}
	c.holds(elem)
	c.scalar = elem.scalar
	c.encode = func(e *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		return encodePointer(e, elem, dst, v)
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		if data[at] == byteNil || data[at] == byteUndefined {
			v.SetZero()
			return at + 1, nil
		}
		fresh := reflect.New(t.Elem())
		end, err := elem.decode(data, at, fresh.Elem())
		v.Set(fresh)
		return end, err
	}
}

func encodePointer(e *encoder, elem *codec, dst []byte, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return append(dst, byteNil), nil
	}
	if elem.scalar {
		return elem.encode(nil, dst, v.Elem())
	}
	if err := e.follow(); err != nil {
		return nil, err
	}
	dst, err := elem.encode(e, dst, v.Elem())
	e.pointers--
	return dst, err
}
