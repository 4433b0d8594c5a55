package command

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// formless finds the first value in v that XML-RPC has no type for, or only one that loses a part
// of it: it would arrive as something else, mostly as a text. what says what it is, and is empty
// when there is none.
func formless(v any, path string) (at, what string) {
	switch v := v.(type) {
	case []any:
		for i, element := range v {
			if at, what := formless(element, fmt.Sprintf("%s[%d]", path, i)); what != "" {
				return at, what
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if at, what := formless(v[key], path+"."+key); what != "" {
				return at, what
			}
		}
	default:
		return path, formlessScalar(v)
	}
	return "", ""
}

func formlessScalar(v any) string {
	switch v := v.(type) {
	case *big.Int:
		return "an integer beyond 64 bits"
	case value.Decimal:
		return "a decimal that is no float64"
	case value.Date:
		return "a date without a time"
	case value.TimeOfDay:
		return "a time of day"
	case time.Duration:
		return "a duration"
	case value.Opaque:
		return "a value of an unknown tag"
	case time.Time:
		return fraction(v.Nanosecond())
	case value.LocalTime:
		return fraction(int(v.Time % value.TimeOfDay(time.Second)))
	}
	return ""
}

func fraction(nanoseconds int) string {
	if nanoseconds == 0 {
		return ""
	}
	return "a part of a second"
}
