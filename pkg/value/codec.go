package value

import (
	"encoding"
	"fmt"
	"math/big"
	"reflect"
	"sync"
	"time"
)

// codec is how one Go type is written, read and named. It is compiled once and then shared.
type codec struct {
	// encode writes v behind dst. e may be nil when scalar is set.
	encode func(e *encoder, dst []byte, v reflect.Value) ([]byte, error)
	// decode reads the checked item at data[at:] into v, which can be set, and returns where it
	// ends. Its error is a TypeError.
	decode func(data []byte, at int, v reflect.Value) (int, error)
	typ    *Type
	scalar bool
	err    error // why values of this type cannot travel; nil when they can
}

// codecs holds a *codec for each reflect.Type that has been asked for.
var codecs sync.Map

func codecOf(t reflect.Type) *codec {
	if c, ok := codecs.Load(t); ok {
		return c.(*codec)
	}
	b := compiler{made: map[reflect.Type]*codec{}}
	c := b.codec(t)
	for t, made := range b.made {
		codecs.LoadOrStore(t, made)
	}
	return c
}

// TypeOf returns the type that values of the Go type t have in a message. A recursive struct is a
// map without known members where it meets itself again.
func TypeOf(t reflect.Type) (*Type, error) {
	c := codecOf(t)
	return c.typ, c.err
}

// compiler makes the codecs of a type and of all types in it. Those that are only begun are in
// made as well, which is what ends recursion.
type compiler struct {
	made map[reflect.Type]*codec
}

func (b *compiler) codec(t reflect.Type) *codec {
	if c, ok := b.made[t]; ok {
		return c
	}
	c := &codec{}
	b.made[t] = c
	if !special(c, t) && !b.plain(c, t) {
		unsupported(c, t)
	}
	return c
}

var (
	timeType       = reflect.TypeFor[time.Time]()
	durationType   = reflect.TypeFor[time.Duration]()
	bigType        = reflect.TypeFor[big.Int]()
	bigPointerType = reflect.TypeFor[*big.Int]()
	decimalType    = reflect.TypeFor[Decimal]()
	dateType       = reflect.TypeFor[Date]()
	timeOfDayType  = reflect.TypeFor[TimeOfDay]()
	localTimeType  = reflect.TypeFor[LocalTime]()
	opaqueType     = reflect.TypeFor[Opaque]()
	rawType        = reflect.TypeFor[Raw]()

	marshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// special fills in the codec of a type that is more than its Go kind.
func special(c *codec, t reflect.Type) bool {
	switch t {
	case timeType:
		exact(c, DateTime, appendTime, readTime)
	case durationType:
		exact(c, Duration, appendDuration, readDuration)
	case bigType:
		exact(c, Int, appendBigValue, readBigValue)
	case bigPointerType:
		exact(c, Int, appendBig, readBigPointer)
	case decimalType:
		exact(c, Number, appendDecimal, readNumber)
	case dateType:
		exact(c, Day, appendDate, readDate1004)
	case timeOfDayType:
		exact(c, Clock, appendTimeOfDay, readTimeOfDay)
	case localTimeType:
		exact(c, DateTime, appendLocalTime, readLocalTime)
	case opaqueType:
		exact(c, Any, appendOpaque, readOpaqueOnly)
	case rawType:
		exact(c, Any, func(dst []byte, v Raw) ([]byte, error) { return appendRaw(dst, v), nil }, readRaw)
	default:
		return textual(c, t)
	}
	return true
}

// plain fills in the codec of a type by its Go kind.
func (b *compiler) plain(c *codec, t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool:
		boolCodec(c)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		intCodec(c, t)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		uintCodec(c, t)
	case reflect.Float32, reflect.Float64:
		floatCodec(c, t)
	case reflect.String:
		textCodec(c)
	case reflect.Slice, reflect.Array:
		b.listOrBytes(c, t)
	case reflect.Map:
		b.mapCodec(c, t)
	case reflect.Struct:
		b.structCodec(c, t)
	case reflect.Pointer:
		b.pointerCodec(c, t)
	case reflect.Interface:
		return anyCodec(c, t)
	default:
		return false
	}
	return true
}

func unsupported(c *codec, t reflect.Type) {
	c.err = fmt.Errorf("value: Go type %v has no encoded form", t)
	c.encode = func(_ *encoder, dst []byte, _ reflect.Value) ([]byte, error) {
		return nil, &EncodeError{Reason: fmt.Sprintf("Go type %v has no encoded form", t)}
	}
	c.decode = func(data []byte, at int, _ reflect.Value) (int, error) {
		return 0, misfit(fmt.Sprintf("Go type %v, which nothing fits", t), data, at)
	}
}

// holds passes on why an inner type cannot travel.
func (c *codec) holds(inner *codec) {
	if c.err == nil {
		c.err = inner.err
	}
}
