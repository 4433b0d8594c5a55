package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// HeaderSize is the size of a frame's header, its length field included.
const HeaderSize = 24

// lengthField is the part of the header that its own length does not count.
const lengthField = 4

// MaxDepth bounds how deep calls may nest: a handler that calls, whose handler calls ...
const MaxDepth = 32

// Header is the fixed part of a frame. Its wire form is in the package comment.
type Header struct {
	Length uint32 // bytes behind the length field; set by EndFrame
	Kind   Kind
	Flags  uint8
	Depth  uint8
	Hops   uint8
	ID     uint64
	Target uint32
	TTL    uint32 // milliseconds
}

// ErrShortLength reports a frame whose length does not even cover its header.
var ErrShortLength = errors.New("wire: frame length is shorter than a header")

// FrameLimitError reports a frame over the receiver's limit. Both are sizes of whole
// frames in bytes.
type FrameLimitError struct {
	Size  uint64
	Limit int
}

// Error says both numbers.
func (e *FrameLimitError) Error() string {
	return fmt.Sprintf("wire: frame of %d bytes is over the limit of %d", e.Size, e.Limit)
}

// ParseHeader reads the header at the start of p, which must hold HeaderSize bytes or more.
func ParseHeader(p []byte) Header {
	_ = p[HeaderSize-1]
	return Header{
		Length: binary.LittleEndian.Uint32(p),
		Kind:   Kind(p[4]),
		Flags:  p[5],
		Depth:  p[6],
		Hops:   p[7],
		ID:     binary.LittleEndian.Uint64(p[8:]),
		Target: binary.LittleEndian.Uint32(p[16:]),
		TTL:    binary.LittleEndian.Uint32(p[20:]),
	}
}

// FrameSize returns the size of the whole frame whose first four bytes begin p, checked
// against limit. Nothing is to be allocated before it has agreed.
func FrameSize(p []byte, limit int) (int, error) {
	n := uint64(binary.LittleEndian.Uint32(p)) + lengthField
	if n < HeaderSize {
		return 0, ErrShortLength
	}
	if n > uint64(limit) {
		return 0, &FrameLimitError{Size: n, Limit: limit}
	}
	return int(n), nil
}

// AppendHeader appends h with the length of a body of bodySize bytes.
func AppendHeader(dst []byte, h *Header, bodySize int) []byte {
	var b [HeaderSize]byte
	binary.LittleEndian.PutUint32(b[0:], uint32(HeaderSize-lengthField+bodySize))
	b[4], b[5], b[6], b[7] = byte(h.Kind), h.Flags, h.Depth, h.Hops
	binary.LittleEndian.PutUint64(b[8:], h.ID)
	binary.LittleEndian.PutUint32(b[16:], h.Target)
	binary.LittleEndian.PutUint32(b[20:], h.TTL)
	return append(dst, b[:]...)
}

// BeginFrame appends h with no body yet. The caller appends the body and then hands the
// offset where the frame began to EndFrame.
func BeginFrame(dst []byte, h *Header) []byte { return AppendHeader(dst, h, 0) }

// EndFrame sets the length of the frame that began at offset at and ends where buf ends.
func EndFrame(buf []byte, at int) {
	binary.LittleEndian.PutUint32(buf[at:], uint32(len(buf)-at-lengthField))
}

// AppendFrame appends a whole frame.
func AppendFrame(dst []byte, h *Header, body []byte) []byte {
	return append(AppendHeader(dst, h, len(body)), body...)
}

// CallID joins a slot number and its generation to the id of a call.
func CallID(slot, generation uint32) uint64 { return uint64(generation)<<32 | uint64(slot) }

// SplitCallID is the reverse of CallID.
func SplitCallID(id uint64) (slot, generation uint32) { return uint32(id), uint32(id >> 32) }

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }
