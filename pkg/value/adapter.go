package value

import (
	"context"
	"math"
)

// adapter calls a func of one common shape without reflection. args[at:] are as many encoded
// arguments as the func has, not yet checked. It reports called=false, and has done nothing, when
// they are not what it can read: the call then goes by reflection, which reads everything and
// finds the words for what is wrong.
type adapter func(ctx context.Context, args []byte, at int, dst []byte) (longer []byte, called bool, err error)

// adapt returns the adapter for fn, or nil when its shape has none. Shapes have up to two
// parameters of one type and a result of that type or none, with or without context and error.
func adapt(fn any) adapter {
	for _, try := range adapters {
		if a := try(fn); a != nil {
			return a
		}
	}
	return nil
}

var adapters = []func(fn any) adapter{
	pairOf(int64s), pairOf(ints), pairOf(floats), pairOf(texts),
	oneOf(int64s), oneOf(ints), oneOf(floats), oneOf(texts), oneOf(bools), oneOf(blobs), oneOf(anys), oneOf(members),
	noneOf(int64s), noneOf(ints), noneOf(floats), noneOf(texts), noneOf(bools), noneOf(blobs), noneOf(anys), noneOf(members),
	action,
}

// form is how values of one Go type are read and written. read trusts nothing and reports false
// for what is malformed or another type.
type form[T any] struct {
	read  func(data []byte, at int) (v T, end int, ok bool)
	write func(dst []byte, v T) ([]byte, error)
}

var (
	int64s  = form[int64]{readInt, func(dst []byte, v int64) ([]byte, error) { return appendInt(dst, v), nil }}
	ints    = form[int]{readGoInt, func(dst []byte, v int) ([]byte, error) { return appendInt(dst, int64(v)), nil }}
	floats  = form[float64]{readGoFloat, func(dst []byte, v float64) ([]byte, error) { return appendFloat(dst, v), nil }}
	texts   = form[string]{readText, appendText}
	bools   = form[bool]{readBool, func(dst []byte, v bool) ([]byte, error) { return appendBool(dst, v), nil }}
	blobs   = form[[]byte]{readBlob, func(dst []byte, v []byte) ([]byte, error) { return appendBytes(dst, v), nil }}
	anys    = form[any]{readUnchecked, Append}
	members = form[map[string]any]{readMembers, func(dst []byte, v map[string]any) ([]byte, error) { return Append(dst, v) }}
)

func readGoInt(data []byte, at int) (int, int, bool) {
	n, end, ok := readInt(data, at)
	return int(n), end, ok && n >= math.MinInt && n <= math.MaxInt
}

// readGoFloat reads the two sorts of numbers that travel most.
func readGoFloat(data []byte, at int) (float64, int, bool) {
	if at < len(data)-8 && data[at] == byteFloat64 {
		return readFloat64(data, at), at + 9, true
	}
	n, end, ok := readInt(data, at)
	return float64(n), end, ok
}

func readBool(data []byte, at int) (v bool, end int, ok bool) {
	if at >= len(data) || data[at] != byteTrue && data[at] != byteFalse {
		return false, 0, false
	}
	return data[at] == byteTrue, at + 1, true
}

func readBlob(data []byte, at int) ([]byte, int, bool) {
	content, end, ok := readString(data, at, majorBytes)
	if !ok {
		return nil, 0, false
	}
	return append(make([]byte, 0, len(content)), content...), end, true
}

func readUnchecked(data []byte, at int) (any, int, bool) {
	if v, end := readSmall(data, at); end > 0 {
		return v, end, true
	}
	if _, err := checkItem(data, at, MaxDepth); err != nil {
		return nil, 0, false
	}
	v, end := readAny(data, at)
	return v, end, true
}

func readMembers(data []byte, at int) (map[string]any, int, bool) {
	if at >= len(data) || data[at]>>5 != majorMap {
		return nil, 0, false
	}
	v, end, ok := readUnchecked(data, at)
	m, isMap := v.(map[string]any)
	return m, end, ok && isMap
}

// done encodes what a func returned.
func done[T any](f form[T], dst []byte, v T, err error) ([]byte, bool, error) {
	if err != nil {
		return nil, true, &HandlerError{err}
	}
	longer, err := f.write(dst, v)
	if err != nil {
		return nil, true, &ResultError{err}
	}
	return longer, true, nil
}

// doneNil is done for a func without a result.
func doneNil(dst []byte, err error) ([]byte, bool, error) {
	if err != nil {
		return nil, true, &HandlerError{err}
	}
	return append(dst, byteNil), true, nil
}
