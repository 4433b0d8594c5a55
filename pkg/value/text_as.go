package value

import (
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"time"
)

// appendTextAs encodes a text as t wants it: as the value it is the text of. Text that t does not
// want, or cannot read, is a TypeError.
func appendTextAs(dst []byte, text string, t *Type) ([]byte, error) {
	var v any
	var ok bool
	switch t.kind() {
	case Any, Text:
		v, ok = text, t.allows(text)
	case Bytes:
		v, ok = fromBase64(text)
	case Number:
		v, ok = namedFloat(text)
	case DateTime:
		v, ok = orNot(ParseDateTime(text))
	case Day:
		v, ok = orNot(ParseDate(text))
	case Clock:
		v, ok = orNot(ParseTimeOfDay(text))
	case Duration:
		v, ok = orNot(time.ParseDuration(text))
	case Nil, Bool, Int, List, Map, Stream:
	}
	if !ok {
		return dst, &TypeError{Want: t.want(), Got: describeText(text)}
	}
	return Append(dst, v)
}

func orNot[T any](v T, err error) (T, bool) { return v, err == nil }

func fromBase64(text string) ([]byte, bool) {
	return orNot(base64.StdEncoding.Strict().DecodeString(text))
}

// namedFloat reads the floats that JSON has no numbers for.
func namedFloat(text string) (float64, bool) {
	switch text {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	return 0, false
}

// allows reports whether an enum, if t has one, has text.
func (t *Type) allows(text string) bool {
	return t == nil || len(t.Enum) == 0 || slices.Contains(t.Enum, text)
}

// want names the type for a message about a text, with the form that a text would need.
func (t *Type) want() string {
	switch t.kind() {
	case Text:
		if t.Enum != nil {
			return "one of " + strings.Join(t.Enum, ", ")
		}
	case Bytes:
		return "bytes (base64)"
	case DateTime:
		return "datetime (2006-01-02T15:04:05Z)"
	case Day:
		return "date (2006-01-02)"
	case Clock:
		return "time (15:04:05)"
	case Duration:
		return "duration (1h30m)"
	default:
	}
	return t.String()
}
