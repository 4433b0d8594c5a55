package wire

import (
	"encoding/binary"
	"errors"
)

// Limits of a request's parts, in bytes.
const (
	MaxMethod  = 255     // its length is one byte
	MaxHeaders = 8 << 10 // a CBOR map; zero bytes stand for an empty one
)

// ErrBadRequest reports the body of a request that does not hold what it must. The link
// that brought it is not to be trusted further.
var ErrBadRequest = errors.New("wire: malformed request")

// Request is the body of KindRequest, and behind the instance that of KindDeliver. Its
// slices point into the frame it was read from.
type Request struct {
	Method  []byte // never empty
	Headers []byte // a CBOR map with text keys, or empty
	Args    []byte // a CBOR array; not looked at
}

// ParseRequest splits the body of a KindRequest. It checks lengths, not contents.
func ParseRequest(body []byte) (Request, error) {
	if len(body) < 1 {
		return Request{}, ErrBadRequest
	}
	n := int(body[0])
	if n == 0 || len(body) < 1+n+2 {
		return Request{}, ErrBadRequest
	}
	method, rest := body[1:1+n:1+n], body[1+n:]
	h := int(binary.LittleEndian.Uint16(rest))
	if h > MaxHeaders || len(rest) < 2+h {
		return Request{}, ErrBadRequest
	}
	return Request{Method: method, Headers: rest[2 : 2+h : 2+h], Args: rest[2+h:]}, nil
}

// AppendRequest appends the body of a KindRequest up to its arguments, which the caller
// appends behind it. It returns false, and dst as it was, when the method or the headers
// are over their limits or the method is empty.
func AppendRequest(dst []byte, method string, headers []byte) ([]byte, bool) {
	if method == "" || len(method) > MaxMethod || len(headers) > MaxHeaders {
		return dst, false
	}
	dst = append(dst, byte(len(method)))
	dst = append(dst, method...)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(headers)))
	return append(dst, headers...), true
}

// OwnInstance stands for the session's own hidden instance where a Deliver names the
// number that the process gave an instance when it announced it.
const OwnInstance uint32 = 1<<32 - 1

// deliverPrefix is the instance number in front of a delivered request.
const deliverPrefix = 4

// DeliverHeaderSize is the size of what stands in front of a delivered request.
const DeliverHeaderSize = HeaderSize + deliverPrefix

// AppendDeliver appends a whole KindDeliver frame: the request as it came, still encoded,
// behind the number by which the receiving process announced the instance.
func AppendDeliver(dst []byte, h *Header, instance uint32, request []byte) []byte {
	return append(AppendDeliverHeader(dst, h, instance, len(request)), request...)
}

// AppendDeliverHeader appends a KindDeliver frame up to its request, which has size bytes
// and is for the caller to append.
func AppendDeliverHeader(dst []byte, h *Header, instance uint32, size int) []byte {
	dst = AppendHeader(dst, h, deliverPrefix+size)
	return binary.LittleEndian.AppendUint32(dst, instance)
}

// DeliverSize is the size of the frame AppendDeliver makes of a request body.
func DeliverSize(request []byte) int { return DeliverHeaderSize + len(request) }

// ParseDeliver splits the body of a KindDeliver.
func ParseDeliver(body []byte) (instance uint32, request Request, err error) {
	if len(body) < deliverPrefix {
		return 0, Request{}, ErrBadRequest
	}
	request, err = ParseRequest(body[deliverPrefix:])
	return binary.LittleEndian.Uint32(body), request, err
}
