package value

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
)

func boolCodec(c *codec) {
	c.typ, c.scalar = &Type{Kind: Bool}, true
	c.encode = func(_ *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		return appendBool(dst, v.Bool()), nil
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		if data[at] != byteTrue && data[at] != byteFalse {
			return 0, misfit("bool", data, at)
		}
		v.SetBool(data[at] == byteTrue)
		return at + 1, nil
	}
}

func intCodec(c *codec, t reflect.Type) {
	c.typ, c.scalar = &Type{Kind: Int}, true
	most := int64(1)<<(t.Bits()-1) - 1
	want := rangeOf(-most-1, uint64(most))
	c.encode = func(_ *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		return appendInt(dst, v.Int()), nil
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		n, end, ok := readInt(data, at)
		if !ok {
			return 0, intMisfit(want, data, at)
		}
		if n > most || n < -most-1 {
			return 0, misfit(want, data, at)
		}
		v.SetInt(n)
		return end, nil
	}
}

func uintCodec(c *codec, t reflect.Type) {
	c.typ, c.scalar = &Type{Kind: Int}, true
	most := uint64(math.MaxUint64) >> (64 - t.Bits())
	want := rangeOf(0, most)
	c.encode = func(_ *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		return appendHead(dst, majorUint, v.Uint()), nil
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		h, _ := readHead(data, at)
		if h.major != majorUint || h.arg > most {
			return 0, intMisfit(want, data, at)
		}
		v.SetUint(h.arg)
		return h.next, nil
	}
}

func rangeOf(least int64, most uint64) string {
	return fmt.Sprintf("int from %d to %d", least, most)
}

// intMisfit says "int" to what is no integer, and the range to what is outside of it.
func intMisfit(want string, data []byte, at int) error {
	if isInteger(data, at) {
		return misfit(want, data, at)
	}
	return misfit("int", data, at)
}

func isInteger(data []byte, at int) bool {
	h, _ := readHead(data, at)
	return h.major <= majorNeg || h.major == majorTag && (h.arg == TagPositive || h.arg == TagNegative)
}

func floatCodec(c *codec, t reflect.Type) {
	c.typ, c.scalar = &Type{Kind: Number}, true
	narrow := t.Bits() == 32
	c.encode = func(_ *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		return appendFloat(dst, v.Float()), nil
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		f, end, ok := readAsFloat(data, at)
		if !ok {
			return 0, misfit("number", data, at)
		}
		if narrow && v.OverflowFloat(f) {
			return 0, misfit("number of 32 bits", data, at)
		}
		v.SetFloat(f)
		return end, nil
	}
}

// readAsFloat reads a checked float, integer or decimal as the nearest float64. It reports false
// for anything else, and for a number that is out of range.
func readAsFloat(data []byte, at int) (float64, int, bool) {
	h, _ := readHead(data, at)
	if h.major == majorOther {
		f, ok := readFloat(data, at)
		return f, h.next, ok
	}
	if n, ok := smallInt(h); ok {
		return float64(n), h.next, true
	}
	if h.major == majorTag && h.arg == TagDecimal {
		d, end := readDecimal(data, h.next)
		f := d.Float64()
		return f, end, !math.IsInf(f, 0)
	}
	if !isInteger(data, at) {
		return 0, 0, false
	}
	b, end := readBig(data, at)
	f, _ := new(big.Float).SetInt(b).Float64()
	return f, end, !math.IsInf(f, 0)
}

func textCodec(c *codec) {
	c.typ, c.scalar = &Type{Kind: Text}, true
	c.encode = func(_ *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		return appendText(dst, v.String())
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		h, _ := readHead(data, at)
		if h.major != majorText {
			return 0, misfit("text", data, at)
		}
		content, end := borrowChunks(data, h)
		v.SetString(string(content))
		return end, nil
	}
}

// anyCodec is that of any. Interfaces with methods can be written, but not read.
func anyCodec(c *codec, t reflect.Type) bool {
	if t.NumMethod() > 0 {
		unsupported(c, t)
	}
	c.typ = &Type{Kind: Any}
	c.encode = func(e *encoder, dst []byte, v reflect.Value) ([]byte, error) {
		return e.appendAny(dst, v.Interface())
	}
	if t.NumMethod() > 0 {
		return true
	}
	c.decode = func(data []byte, at int, v reflect.Value) (int, error) {
		x, end := readAny(data, at)
		if x == nil {
			v.SetZero()
		} else {
			v.Set(reflect.ValueOf(x))
		}
		return end, nil
	}
	return true
}
