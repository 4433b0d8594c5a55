package xmlrpc

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// maxEncodeDepth bounds how deep lists and maps that are written may nest. It is
// the default of Limits.Depth, so that what is sent can be read, and it stops at
// a list that contains itself.
const maxEncodeDepth = 64

// encoder appends values to a document.
type encoder struct {
	dst     []byte
	dialect Dialect
	depth   int // lists and maps open now
}

func newEncoder(dst []byte, dialect *Dialect) encoder {
	e := encoder{dst: dst}
	if dialect != nil {
		e.dialect = *dialect
	}
	return e
}

func (e *encoder) write(texts ...string) {
	for _, text := range texts {
		e.dst = append(e.dst, text...)
	}
}

func refuse(format string, args ...any) error {
	return &EncodeError{Reason: fmt.Sprintf(format, args...)}
}

// value writes a whole <value> element.
func (e *encoder) value(v any) error {
	e.write("<value>")
	if err := e.typed(v); err != nil {
		return err
	}
	e.write("</value>")
	return nil
}

// typed writes the type element of v.
func (e *encoder) typed(v any) error {
	switch v := v.(type) {
	case nil:
		return e.null()
	case bool:
		e.boolean(v)
	case int64:
		return e.integer(v)
	case float64:
		return e.double(v)
	case string:
		return e.text(v)
	case []byte:
		e.write("<base64>")
		e.dst = base64.StdEncoding.AppendEncode(e.dst, v)
		e.write("</base64>")
	case time.Time:
		return e.instant(v)
	case value.LocalTime:
		return e.floating(v)
	case []any:
		return e.list(v)
	case map[string]any:
		return e.members(v)
	default:
		return e.rare(v)
	}
	return nil
}

// rare writes what has no type in XML-RPC as text, and other Go values in the
// form package value gives them.
func (e *encoder) rare(v any) error {
	switch v := v.(type) {
	case *big.Int:
		return e.bigInteger(v)
	case value.Decimal, value.Date, value.TimeOfDay, time.Duration:
		return e.text(fmt.Sprint(v))
	case value.Opaque:
		return e.opaque(v)
	}
	encoded, err := value.Marshal(v)
	if err != nil {
		return foreign(err)
	}
	plain, err := value.Decode(encoded)
	if err != nil {
		return foreign(err)
	}
	return e.typed(plain)
}

// bigInteger writes an integer that int64 cannot hold as text.
func (e *encoder) bigInteger(n *big.Int) error {
	switch {
	case n == nil:
		return e.null()
	case n.IsInt64():
		return e.integer(n.Int64())
	}
	return e.text(n.String())
}

// foreign turns an error of package value into one of ours with the same path.
func foreign(err error) error {
	if known := (*value.EncodeError)(nil); errors.As(err, &known) {
		return &EncodeError{Path: known.Path, Reason: known.Reason}
	}
	return refuse("%v", err)
}

// opaque writes the JSON form of a value nobody here knows the meaning of.
func (e *encoder) opaque(v value.Opaque) error {
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return foreign(err)
	}
	return e.text(string(text))
}

func (e *encoder) null() error {
	switch {
	case e.dialect.NilAsEmpty:
		e.write("<string></string>")
	case e.dialect.Strict:
		return refuse("nil is not representable; use --dialect i8")
	default:
		e.write("<nil/>")
	}
	return nil
}

func (e *encoder) boolean(v bool) {
	digit := "0"
	if v {
		digit = "1"
	}
	e.write("<boolean>", digit, "</boolean>")
}

func (e *encoder) integer(n int64) error {
	name := "int"
	if n != int64(int32(n)) {
		if e.dialect.Strict {
			return refuse("%d does not fit <int>; use --dialect i8", n)
		}
		name = "i8"
	}
	e.write("<", name, ">")
	e.dst = strconv.AppendInt(e.dst, n, 10)
	e.write("</", name, ">")
	return nil
}

// double writes digits with a point, as the specification wants, where that is
// of a sane length.
func (e *encoder) double(f float64) error {
	size := math.Abs(f)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return refuse("%v is not representable", f)
	}
	e.write("<double>")
	if size != 0 && (size < 1e-6 || size >= 1e21) {
		e.dst = strconv.AppendFloat(e.dst, f, 'e', -1, 64)
	} else {
		e.dst = strconv.AppendFloat(e.dst, f, 'f', -1, 64)
		if f == math.Trunc(f) {
			e.write(".0")
		}
	}
	e.write("</double>")
	return nil
}

func (e *encoder) text(s string) error {
	e.write("<string>")
	if err := e.characters(s); err != nil {
		return err
	}
	e.write("</string>")
	return nil
}

// characters writes a text between tags.
func (e *encoder) characters(s string) error {
	var bad string
	e.dst, bad = appendText(e.dst, s, e.dialect.ReplaceBadChars)
	if bad != "" {
		return refuse("%s is not representable in XML", bad)
	}
	return nil
}

// deeper counts one more open list or map.
func (e *encoder) deeper() error {
	if e.depth == maxEncodeDepth {
		return refuse("lists and maps are nested too deep: the limit is %d", maxEncodeDepth)
	}
	e.depth++
	return nil
}

func (e *encoder) list(list []any) error {
	if err := e.deeper(); err != nil {
		return err
	}
	e.write("<array><data>")
	for i, v := range list {
		if err := e.value(v); err != nil {
			return inside(err, "["+strconv.Itoa(i)+"]")
		}
	}
	e.write("</data></array>")
	e.depth--
	return nil
}

// members writes a struct, its members in the order of their names.
func (e *encoder) members(members map[string]any) error {
	if err := e.deeper(); err != nil {
		return err
	}
	e.write("<struct>")
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := e.member(name, members[name]); err != nil {
			return inside(err, memberSegment(name))
		}
	}
	e.write("</struct>")
	e.depth--
	return nil
}

func (e *encoder) member(name string, v any) error {
	e.write("<member><name>")
	if err := e.characters(name); err != nil {
		return err
	}
	e.write("</name>")
	if err := e.value(v); err != nil {
		return err
	}
	e.write("</member>")
	return nil
}
