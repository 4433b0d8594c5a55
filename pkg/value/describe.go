package value

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// describeAt says what the checked item at data[at:] is, for messages: the name of its type, and
// the value itself when it is short.
func describeAt(data []byte, at int) string {
	h, _ := readHead(data, at)
	switch h.major {
	case majorBytes:
		return "bytes"
	case majorList:
		return "list"
	case majorMap:
		return "map"
	case majorTag:
		if !isKnownTag(h.arg) {
			return "opaque tag " + strconv.FormatUint(h.arg, 10)
		}
	}
	v, _ := readAny(data, at)
	return describeScalar(v)
}

func describeScalar(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case bool:
		return "bool " + strconv.FormatBool(v)
	case int64:
		return "int " + strconv.FormatInt(v, 10)
	case *big.Int:
		return "int " + shorten(v.String())
	case float64:
		return "number " + strconv.FormatFloat(v, 'g', -1, 64)
	case Decimal:
		return "number " + shorten(v.String())
	case string:
		return describeText(v)
	case time.Time, LocalTime:
		return "datetime " + string(appendMoment(nil, v))
	case Date:
		return "date " + v.String()
	case TimeOfDay:
		return "time " + v.String()
	case time.Duration:
		return "duration " + v.String()
	}
	return fmt.Sprintf("Go type %T", v)
}

func describeText(text string) string { return "text " + quoteShort(text) }

func shorten(digits string) string {
	if len(digits) <= 40 {
		return digits
	}
	return digits[:40] + "..."
}

// withoutValue cuts a description to the type, for values that are secret.
func withoutValue(description string) string {
	kind, _, _ := strings.Cut(description, " ")
	return kind
}

// misfit reports that the checked item at data[at:] is not what was wanted.
func misfit(want string, data []byte, at int) error {
	return &TypeError{Want: want, Got: describeAt(data, at)}
}
