package value

import (
	"encoding/binary"
	"math"
	"math/big"
	"reflect"
	"slices"
	"sync"
	"time"
	"unicode/utf8"
)

// Append encodes v behind dst and returns the longer slice. v may be any Go form that [Decode]
// returns, and any bool, integer, float, string, slice, array, map with string keys, struct,
// pointer to one of these, or type with MarshalText and UnmarshalText. Nil pointers are nil; nil
// slices and maps are empty. Maps go out sorted by key, structs in field order.
//
// The error is an [EncodeError]; dst then comes back as it was.
func Append(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, byteNil), nil
	case bool:
		return appendBool(dst, v), nil
	case int64:
		return appendInt(dst, v), nil
	case int:
		return appendInt(dst, int64(v)), nil
	case float64:
		return appendFloat(dst, v), nil
	case string:
		return appendText(dst, v)
	case []byte:
		return appendBytes(dst, v), nil
	}
	return appendDeep(dst, v)
}

// Marshal is [Append] behind nothing.
func Marshal(v any) ([]byte, error) { return Append(nil, v) }

// encoder counts what limits bound. Scalars are encoded without one.
type encoder struct {
	depth    int
	elements int
	pointers int
}

// maxPointers ends a chain of pointers that leads back to itself without a list or map on the way.
const maxPointers = 1000

var encoders = sync.Pool{New: func() any { return new(encoder) }}

func appendDeep(dst []byte, v any) ([]byte, error) {
	e := encoders.Get().(*encoder)
	*e = encoder{}
	longer, err := e.appendAny(dst, v)
	encoders.Put(e)
	if err != nil {
		return dst, err
	}
	return longer, nil
}

// appendAny encodes the Go forms without reflection and hands all else to the codec of its type.
func (e *encoder) appendAny(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil, bool, int64, int, float64, string, []byte:
		return Append(dst, v)
	case []any:
		return e.appendList(dst, v)
	case map[string]any:
		return e.appendMap(dst, v)
	case *big.Int:
		return appendBig(dst, v)
	case time.Duration:
		return appendInt(appendHead(dst, majorTag, TagDuration), int64(v)), nil
	case time.Time:
		return appendTime(dst, v)
	case Raw:
		return appendRaw(dst, v), nil
	}
	value := reflect.ValueOf(v)
	c := codecOf(value.Type())
	return c.encode(e, dst, value)
}

// open enters a list or map of n elements, or a tag (n is 0). Leave with close.
func (e *encoder) open(n int) error {
	e.elements += n
	if e.elements > MaxElements {
		return &EncodeError{Reason: "more than 1000000 elements"}
	}
	if e.depth == MaxDepth {
		return &EncodeError{Reason: "nested deeper than 64"}
	}
	e.depth++
	return nil
}

func (e *encoder) close() { e.depth-- }

// follow enters what a pointer points to.
func (e *encoder) follow() error {
	if e.pointers++; e.pointers > maxPointers {
		return &EncodeError{Reason: "more than 1000 pointers inside each other"}
	}
	return nil
}

func (e *encoder) appendList(dst []byte, list []any) ([]byte, error) {
	if err := e.open(len(list)); err != nil {
		return nil, err
	}
	dst = appendHead(dst, majorList, uint64(len(list)))
	for i, v := range list {
		var err error
		if dst, err = e.appendAny(dst, v); err != nil {
			return nil, under(indexStep(i), err)
		}
	}
	e.close()
	return dst, nil
}

func (e *encoder) appendMap(dst []byte, members map[string]any) ([]byte, error) {
	if err := e.open(len(members)); err != nil {
		return nil, err
	}
	var few [16]string
	keys := few[:0]
	for key := range members {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	dst = appendHead(dst, majorMap, uint64(len(keys)))
	for _, key := range keys {
		var err error
		if dst, err = appendText(dst, key); err != nil {
			return nil, under(keyStep(key), err)
		}
		if dst, err = e.appendAny(dst, members[key]); err != nil {
			return nil, under(keyStep(key), err)
		}
	}
	e.close()
	return dst, nil
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, byteTrue)
	}
	return append(dst, byteFalse)
}

// appendFloat always takes nine bytes, so that floats stay floats and are read without a choice.
func appendFloat(dst []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, byteFloat64), math.Float64bits(v))
}

func appendText(dst []byte, v string) ([]byte, error) {
	if !utf8.ValidString(v) {
		return dst, &EncodeError{Reason: "text is not valid UTF-8; send bytes"}
	}
	return append(appendHead(dst, majorText, uint64(len(v))), v...), nil
}

func appendBytes(dst, v []byte) []byte {
	return append(appendHead(dst, majorBytes, uint64(len(v))), v...)
}

func appendRaw(dst []byte, v Raw) []byte {
	if len(v) == 0 {
		return append(dst, byteNil)
	}
	return append(dst, v...)
}
