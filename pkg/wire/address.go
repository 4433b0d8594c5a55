package wire

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Address identifies one instance, or a session's own hidden one, for as long as the
// exchange that gave it lives. Numbers count up from 1 and are never reused by one
// exchange; Origin tells exchanges apart, also one from its successor on the same port.
type Address struct {
	Origin uint64 // the exchange's random number from its Welcome
	Name   string // the service's name; empty for a session's own instance
	Number uint32 // zero only in the zero Address
}

// IsZero reports whether a is no address at all.
func (a Address) IsZero() bool { return a.Number == 0 }

// String is the form a person types: "math@3", or "@7" for a session. It is "" for the
// zero Address. The origin is not shown.
func (a Address) String() string {
	if a.IsZero() {
		return ""
	}
	return a.Name + "@" + strconv.FormatUint(uint64(a.Number), 10)
}

// MaxName is the length in bytes of the longest name of a service.
const MaxName = 128

// ParseTarget splits "math", "math@3" or "@7". It reports false when the text behind an
// "@" is no number from 1 up without leading zeros, and when the name is over MaxName or
// no UTF-8, for such a text cannot travel. number is zero for a plain name.
func ParseTarget(s string) (name string, number uint32, ok bool) {
	name, digits, has := strings.Cut(s, "@")
	if len(name) > MaxName || !utf8.ValidString(name) {
		return "", 0, false
	}
	if !has {
		return name, 0, name != ""
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || digits[0] == '0' {
		return "", 0, false
	}
	return name, uint32(n), true
}
