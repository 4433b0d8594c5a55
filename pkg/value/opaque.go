package value

// Opaque is a CBOR tag that this package gives no meaning to. Data is the encoded content; it
// travels byte for byte, so a program that does not know the tag can still pass the value on.
type Opaque struct {
	Tag  uint64
	Data []byte
}

// Raw is one value that is encoded already. [Append] splices it in as it is, without a look
// inside: it must have passed [Check]. An empty Raw stands for nil.
type Raw []byte

// CBOR tags (RFC 8949, section 3.4) with a meaning here. All others are [Opaque].
const (
	TagDateTime = 0    // text, RFC 3339; without a zone it is a LocalTime
	TagPositive = 2    // bytes, big-endian: an integer from 2^64 up
	TagNegative = 3    // bytes, big-endian n: the integer -1-n
	TagDecimal  = 4    // [exponent, mantissa], RFC 8949 section 3.4.4
	TagDate     = 1004 // text, YYYY-MM-DD, RFC 8943

	// TagDuration marks an int64 of nanoseconds as a time.Duration. Ours, from the range that is
	// registered first come, first served: the letters NSV and a 1.
	TagDuration = 0x4E535601 // 1314084353
	// TagTimeOfDay marks an int64 of nanoseconds since midnight as a TimeOfDay.
	TagTimeOfDay = 0x4E535602 // 1314084354
)

func isKnownTag(tag uint64) bool {
	switch tag {
	case TagDateTime, TagPositive, TagNegative, TagDecimal, TagDate, TagDuration, TagTimeOfDay:
		return true
	}
	return false
}
