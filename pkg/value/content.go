package value

import (
	"math"
	"math/big"
	"time"
)

// badContent says what is wrong with the content of a known tag, which is well-formed. It takes no
// memory, and what it lets pass the functions below can read.
func badContent(content []byte, tag uint64) string {
	h, _ := readHead(content, 0)
	switch tag {
	case TagDateTime, TagDate:
		return badDateText(content, h, tag)
	case TagPositive, TagNegative:
		return badBig(content, h)
	case TagDecimal:
		return badDecimal(content, h)
	}
	n, ok := smallInt(h)
	switch {
	case !ok:
		return "duration or time of day is not an int64 of nanoseconds"
	case tag == TagTimeOfDay && !TimeOfDay(n).Valid():
		return "time of day is not within a day"
	}
	return ""
}

func badDateText(content []byte, h head, tag uint64) string {
	if h.major != majorText || h.open() || h.arg > 64 {
		return "date tag on something else than a short text"
	}
	text := content[h.next:]
	if tag == TagDate {
		if _, ok := readDate(text); !ok {
			return "not a date of the form YYYY-MM-DD"
		}
		return ""
	}
	if _, _, ok := readDateTime(text); !ok {
		return "not a date-time of RFC 3339"
	}
	return ""
}

func badBig(content []byte, h head) string {
	switch {
	case h.major != majorBytes || h.open():
		return "big integer tag on something else than bytes in one piece"
	case h.arg > MaxBigBytes:
		return "integer of more than 4096 bytes"
	}
	return ""
}

func badDecimal(content []byte, h head) string {
	const reason = "decimal is not a pair of an int32 exponent and an integer"
	if h.major != majorList || h.open() || h.arg != 2 {
		return reason
	}
	exponent, ok := readHead(content, h.next)
	if !ok {
		return reason
	}
	if n, ok := smallInt(exponent); !ok || n != int64(int32(n)) {
		return reason
	}
	mantissa, ok := readHead(content, exponent.next)
	if ok && mantissa.major <= majorNeg {
		return ""
	}
	if !ok || mantissa.major != majorTag || mantissa.arg != TagPositive && mantissa.arg != TagNegative {
		return reason
	}
	return "" // the content of the inner tag has been checked when it was scanned
}

// smallInt returns the integer of a head when it fits 64 bits.
func smallInt(h head) (int64, bool) {
	if h.arg > math.MaxInt64 {
		return 0, false
	}
	switch h.major {
	case majorUint:
		return int64(h.arg), true
	case majorNeg:
		return ^int64(h.arg), true
	}
	return 0, false
}

// readInteger reads an integer of any size, tagged or not, that has been checked. It returns an
// int64 or a *big.Int.
func readInteger(data []byte, at int) (any, int) {
	h, _ := readHead(data, at)
	if n, ok := smallInt(h); ok {
		return n, h.next
	}
	b, end := readBig(data, at)
	return normalInt(b), end
}

func readBig(data []byte, at int) (*big.Int, int) {
	h, _ := readHead(data, at)
	negative := h.major == majorNeg || h.major == majorTag && h.arg == TagNegative
	b, end := new(big.Int).SetUint64(h.arg), h.next
	if h.major == majorTag {
		content, _ := readHead(data, h.next)
		end = content.next + int(content.arg)
		b.SetBytes(data[content.next:end])
	}
	if negative {
		b.Not(b)
	}
	return b, end
}

// normalInt returns the one Go form an integer has: an int64 when it fits.
func normalInt(b *big.Int) any {
	if b.IsInt64() {
		return b.Int64()
	}
	return b
}

// readDecimal reads the content of a checked decimal tag.
func readDecimal(data []byte, at int) (Decimal, int) {
	pair, _ := readHead(data, at)
	exponent, _ := readHead(data, pair.next)
	e, _ := smallInt(exponent)
	mantissa, end := readBig(data, exponent.next)
	return Decimal{mantissa, int32(e)}, end
}

// readMoment reads the content of a checked date-time tag: a time.Time or a LocalTime.
func readMoment(data []byte, at int) (any, int) {
	local, z, end := readDateTimeAt(data, at)
	if z == floating {
		return local, end
	}
	return local.in(z.location()), end
}

func readDateTimeAt(data []byte, at int) (LocalTime, zone, int) {
	h, _ := readHead(data, at)
	end := h.next + int(h.arg)
	local, z, _ := readDateTime(data[h.next:end])
	return local, z, end
}

func readDay(data []byte, at int) (Date, int) {
	h, _ := readHead(data, at)
	end := h.next + int(h.arg)
	date, _ := readDate(data[h.next:end])
	return date, end
}

func readNanoseconds(data []byte, at int) (time.Duration, int) {
	h, _ := readHead(data, at)
	n, _ := smallInt(h)
	return time.Duration(n), h.next
}
