package value

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// Decode returns the Go form of exactly one encoded value: nil, bool, int64, *big.Int (only beyond
// 64 bits), float64, [Decimal], string, []byte, time.Time, [LocalTime], [Date], [TimeOfDay],
// time.Duration, []any, map[string]any or [Opaque]. Nothing in it shares memory with data. What
// [Check] refuses is a [DecodeError], found before any memory is taken.
func Decode(data []byte) (any, error) {
	if v, end := readSmall(data, 0); end == len(data) && end > 0 {
		return v, nil
	}
	if err := Check(data); err != nil {
		return nil, err
	}
	v, _ := readAny(data, 0)
	return v, nil
}

// readSmall reads the commonest scalars without a check of the whole. Its end is 0 when the item is
// of another kind, or cut short.
func readSmall(data []byte, at int) (v any, end int) {
	if at >= len(data) {
		return nil, 0
	}
	switch c := data[at]; {
	case c < majorBytes<<5:
		n, end, ok := readInt(data, at)
		if !ok {
			return nil, 0
		}
		return n, end
	case c == byteFloat64 && len(data)-at > 8:
		return readFloat64(data, at), at + 9
	case c >= majorText<<5 && c < majorText<<5|24:
		s, end, ok := readText(data, at)
		if !ok {
			return nil, 0
		}
		return s, end
	case c == byteTrue || c == byteFalse:
		return c == byteTrue, at + 1
	case c == byteNil:
		return nil, at + 1
	}
	return nil, 0
}

// readInt reads an integer of up to 64 bits. It trusts nothing.
func readInt(data []byte, at int) (n int64, end int, ok bool) {
	h, ok := readHead(data, at)
	if !ok {
		return 0, 0, false
	}
	n, ok = smallInt(h)
	return n, h.next, ok
}

// readText reads a text in one piece, valid UTF-8. It trusts nothing.
func readText(data []byte, at int) (s string, end int, ok bool) {
	content, end, ok := readString(data, at, majorText)
	if !ok || !utf8.Valid(content) {
		return "", 0, false
	}
	return string(content), end, true
}

// readString finds the content of a string in one piece. It trusts nothing.
func readString(data []byte, at int, major byte) (content []byte, end int, ok bool) {
	h, ok := readHead(data, at)
	if !ok || h.major != major || h.open() || h.arg > uint64(len(data)-h.next) {
		return nil, 0, false
	}
	end = h.next + int(h.arg)
	return data[h.next:end], end, true
}

func readFloat64(data []byte, at int) float64 {
	return math.Float64frombits(binary.BigEndian.Uint64(data[at+1:]))
}

// readAny reads the item at data[at:], which has been checked, and returns where it ends.
func readAny(data []byte, at int) (any, int) {
	h, _ := readHead(data, at)
	switch h.major {
	case majorUint, majorNeg:
		return readInteger(data, at)
	case majorBytes:
		return readChunks(data, h)
	case majorText:
		content, end := borrowChunks(data, h)
		return string(content), end
	case majorList:
		return readList(data, h)
	case majorMap:
		return readMap(data, h)
	case majorTag:
		return readTagged(data, at, h)
	}
	return readSimple(data, at, h)
}

func readSimple(data []byte, at int, h head) (any, int) {
	if f, ok := readFloat(data, at); ok {
		return f, h.next
	}
	switch data[at] {
	case byteTrue:
		return true, h.next
	case byteFalse:
		return false, h.next
	}
	return nil, h.next
}

// readFloat reads a float of any width.
func readFloat(data []byte, at int) (float64, bool) {
	switch data[at] {
	case byteFloat64:
		return readFloat64(data, at), true
	case byteFloat32:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(data[at+1:]))), true
	case byteFloat16:
		return float64(float16(binary.BigEndian.Uint16(data[at+1:]))), true
	}
	return 0, false
}

// float16 widens IEEE 754 binary16.
func float16(bits uint16) float32 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 31:
		f = math.Inf(1)
		if fraction != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(fraction+1024, exponent-25)
	}
	if bits>>15 != 0 {
		f = math.Copysign(f, -1)
	}
	return float32(f)
}

// borrowChunks returns the content of a string, in data itself when it is in one piece.
func borrowChunks(data []byte, h head) ([]byte, int) {
	if !h.open() {
		end := h.next + int(h.arg)
		return data[h.next:end], end
	}
	var whole []byte
	at := h.next
	for data[at] != byteBreak {
		chunk, _ := readHead(data, at)
		at = chunk.next + int(chunk.arg)
		whole = append(whole, data[chunk.next:at]...)
	}
	return whole, at + 1
}

// readChunks returns a copy of the content of a string; it is never nil.
func readChunks(data []byte, h head) ([]byte, int) {
	content, end := borrowChunks(data, h)
	return append(make([]byte, 0, len(content)), content...), end
}

func readList(data []byte, h head) ([]any, int) {
	list := make([]any, 0, room(h))
	at := h.next
	for n := uint64(0); more(data, h, at, n); n++ {
		var v any
		v, at = readAny(data, at)
		list = append(list, v)
	}
	return list, after(h, at)
}

func readMap(data []byte, h head) (map[string]any, int) {
	members := make(map[string]any, room(h))
	at := h.next
	for n := uint64(0); more(data, h, at, n); n++ {
		key, _ := readHead(data, at)
		at = key.next + int(key.arg)
		members[string(data[key.next:at])], at = readAny(data, at)
	}
	return members, after(h, at)
}

func readTagged(data []byte, at int, h head) (any, int) {
	switch h.arg {
	case TagDateTime:
		return readMoment(data, h.next)
	case TagDate:
		return readDay(data, h.next)
	case TagPositive, TagNegative:
		return readInteger(data, at)
	case TagDecimal:
		return readDecimal(data, h.next)
	case TagDuration:
		return readNanoseconds(data, h.next)
	case TagTimeOfDay:
		n, end := readNanoseconds(data, h.next)
		return TimeOfDay(n), end
	}
	return readOpaque(data, h)
}

func readOpaque(data []byte, h head) (Opaque, int) {
	end := skip(data, h.next)
	return Opaque{h.arg, append([]byte(nil), data[h.next:end]...)}, end
}
