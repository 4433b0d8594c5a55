package value

import "encoding/binary"

// Major types of CBOR (RFC 8949, section 3.1).
const (
	majorUint  = 0
	majorNeg   = 1
	majorBytes = 2
	majorText  = 3
	majorList  = 4
	majorMap   = 5
	majorTag   = 6
	majorOther = 7 // simple values and floats
)

// First bytes that stand for themselves.
const (
	byteFalse     = 0xf4
	byteTrue      = 0xf5
	byteNil       = 0xf6
	byteUndefined = 0xf7
	byteFloat16   = 0xf9
	byteFloat32   = 0xfa
	byteFloat64   = 0xfb
	byteBreak     = 0xff
)

// indefinite is the additional information of a string, list or map that a break ends.
const indefinite = 31

// head is the first byte of a data item with the number that belongs to it.
type head struct {
	arg   uint64
	next  int // where the content begins, or the next item
	major byte
	info  byte
}

// open reports whether the item goes on until a break.
func (h head) open() bool { return h.info == indefinite }

// readHead reads the head at data[at:]. It reports false when bytes are missing or the additional
// information is one that RFC 8949 does not define.
func readHead(data []byte, at int) (head, bool) {
	if at >= len(data) {
		return head{}, false
	}
	first := data[at]
	h := head{major: first >> 5, info: first & 31, next: at + 1}
	if h.info < 24 {
		h.arg = uint64(h.info)
		return h, true
	}
	return longHead(h, data)
}

func longHead(h head, data []byte) (head, bool) {
	rest := data[h.next:]
	switch {
	case h.info == 24 && len(rest) >= 1:
		h.arg = uint64(rest[0])
		h.next++
	case h.info == 25 && len(rest) >= 2:
		h.arg = uint64(binary.BigEndian.Uint16(rest))
		h.next += 2
	case h.info == 26 && len(rest) >= 4:
		h.arg = uint64(binary.BigEndian.Uint32(rest))
		h.next += 4
	case h.info == 27 && len(rest) >= 8:
		h.arg = binary.BigEndian.Uint64(rest)
		h.next += 8
	case h.info == indefinite && h.major >= majorBytes && h.major != majorTag:
	default:
		return head{}, false
	}
	return h, true
}

// appendHead writes the shortest head.
func appendHead(dst []byte, major byte, arg uint64) []byte {
	first := major << 5
	switch {
	case arg < 24:
		return append(dst, first|byte(arg))
	case arg < 1<<8:
		return append(dst, first|24, byte(arg))
	case arg < 1<<16:
		return append(dst, first|25, byte(arg>>8), byte(arg))
	case arg < 1<<32:
		return binary.BigEndian.AppendUint32(append(dst, first|26), uint32(arg))
	}
	return binary.BigEndian.AppendUint64(append(dst, first|27), arg)
}

func appendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return appendHead(dst, majorNeg, uint64(^v))
	}
	return appendHead(dst, majorUint, uint64(v))
}
