package wire

import (
	"encoding/binary"
	"errors"
)

// FirstCredit is how many bytes of results a callee may send of a stream before the caller
// grants more, each result as ResultCost counts it.
const FirstCredit = 256 << 10

// ResultCost is what a result of a stream takes of its credit: its whole frame, so that
// results without a value are bounded, too.
func ResultCost(body []byte) int { return HeaderSize + len(body) }

// ErrBadCredit reports the body of a KindCredit that is not a number.
var ErrBadCredit = errors.New("wire: malformed credit")

// AppendCredit appends the whole frame that grants bytes more to the call of that id.
func AppendCredit(dst []byte, id uint64, bytes uint32) []byte {
	dst = AppendHeader(dst, &Header{Kind: KindCredit, ID: id}, 4)
	return binary.LittleEndian.AppendUint32(dst, bytes)
}

// ParseCredit reads the body of a KindCredit.
func ParseCredit(body []byte) (bytes uint32, err error) {
	if len(body) != 4 {
		return 0, ErrBadCredit
	}
	return binary.LittleEndian.Uint32(body), nil
}
