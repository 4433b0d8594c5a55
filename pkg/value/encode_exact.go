package value

import (
	"math/big"
	"time"
)

// appendBig writes an integer in the shortest way: as an ordinary one up to 64 bits, then tagged.
func appendBig(dst []byte, b *big.Int) ([]byte, error) {
	if b == nil {
		return append(dst, byteNil), nil
	}
	major, magnitude := byte(majorUint), b
	if b.Sign() < 0 {
		major, magnitude = majorNeg, new(big.Int).Not(b)
	}
	if magnitude.IsUint64() {
		return appendHead(dst, major, magnitude.Uint64()), nil
	}
	if magnitude.BitLen() > 8*MaxBigBytes {
		return dst, &EncodeError{Reason: "integer of more than 4096 bytes"}
	}
	tag := uint64(TagPositive)
	if major == majorNeg {
		tag = TagNegative
	}
	return appendBytes(appendHead(dst, majorTag, tag), magnitude.Bytes()), nil
}

func appendDecimal(dst []byte, d Decimal) ([]byte, error) {
	mantissa := d.Mantissa
	if mantissa == nil {
		mantissa = new(big.Int)
	}
	dst = appendHead(appendHead(dst, majorTag, TagDecimal), majorList, 2)
	return appendBig(appendInt(dst, int64(d.Exponent)), mantissa)
}

// appendTime writes RFC 3339 in t's own zone, with as much fraction as there is.
func appendTime(dst []byte, t time.Time) ([]byte, error) {
	local, z := zonedOf(t)
	if !local.Date.Valid() || z > maxZone || z < -maxZone {
		return dst, &EncodeError{Reason: "date-time outside of the years 0 to 9999, or its zone more than a day off"}
	}
	return appendDateTime(dst, local, z), nil
}

func appendLocalTime(dst []byte, t LocalTime) ([]byte, error) {
	if !t.Valid() {
		return dst, &EncodeError{Reason: "no such date and time"}
	}
	return appendDateTime(dst, t, floating), nil
}

func appendDateTime(dst []byte, t LocalTime, z zone) []byte {
	var room [40]byte
	text := z.append(t.append(room[:0]))
	dst = appendHead(appendHead(dst, majorTag, TagDateTime), majorText, uint64(len(text)))
	return append(dst, text...)
}

// appendMoment writes the text of a time.Time or a LocalTime.
func appendMoment(dst []byte, v any) []byte {
	if t, ok := v.(time.Time); ok {
		local, z := zonedOf(t)
		return z.append(local.append(dst))
	}
	return v.(LocalTime).append(dst)
}

func appendDate(dst []byte, d Date) ([]byte, error) {
	if !d.Valid() {
		return dst, &EncodeError{Reason: "no such date"}
	}
	var room [16]byte
	text := d.append(room[:0])
	dst = appendHead(appendHead(dst, majorTag, TagDate), majorText, uint64(len(text)))
	return append(dst, text...), nil
}

func appendTimeOfDay(dst []byte, t TimeOfDay) ([]byte, error) {
	if !t.Valid() {
		return dst, &EncodeError{Reason: "time of day is not within a day"}
	}
	return appendInt(appendHead(dst, majorTag, TagTimeOfDay), int64(t)), nil
}

// appendOpaque writes the content back as it came. It is checked, since it may have been made here.
func appendOpaque(dst []byte, o Opaque) ([]byte, error) {
	if isKnownTag(o.Tag) {
		return dst, &EncodeError{Reason: "opaque value with a tag that has a meaning"}
	}
	tagged := append(appendHead(dst, majorTag, o.Tag), o.Data...)
	if err := Check(tagged[len(dst):]); err != nil {
		return dst, &EncodeError{Reason: "opaque content: " + err.Error()}
	}
	return tagged, nil
}
