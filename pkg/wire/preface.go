package wire

import (
	"bytes"
	"errors"
	"fmt"
)

// Version is the protocol version this package speaks. A peer of another version is
// refused by name, and the refusal is not retried.
const Version = 1

// PrefaceSize is the number of bytes both ends send before their first frame.
const PrefaceSize = 8

// magic begins the preface. Its first byte is no ASCII and no TLS record type, and the
// line ends inside show a connection that translates text.
var magic = [7]byte{0x89, 'N', 'S', 'V', '\r', '\n', 0x1a}

// ErrNotNetsvc reports that the other end speaks another protocol altogether.
var ErrNotNetsvc = errors.New("wire: the peer does not speak netsvc")

// VersionError reports a peer of a protocol version this program does not speak.
type VersionError struct {
	Peer uint8 // what the other end speaks
}

// Error names both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("wire: the peer speaks protocol version %d, this program version %d", e.Peer, Version)
}

// AppendPreface appends the eight bytes that open a connection.
func AppendPreface(dst []byte) []byte {
	return append(append(dst, magic[:]...), Version)
}

// CheckPreface reads a whole preface. It returns nil, a *VersionError, or an error that
// is ErrNotNetsvc.
func CheckPreface(p []byte) error {
	if len(p) < PrefaceSize || !bytes.Equal(p[:len(magic)], magic[:]) {
		return ErrNotNetsvc
	}
	if v := p[len(magic)]; v != Version {
		return &VersionError{Peer: v}
	}
	return nil
}

// PrefaceStarts reports whether p, of any length, may still become a preface, so that a
// stranger is told off at its first byte.
func PrefaceStarts(p []byte) bool {
	n := min(len(p), len(magic))
	return bytes.Equal(p[:n], magic[:n])
}

// GuessProtocol names the protocol that opens with p, for the one log line a stranger
// leaves behind. It returns "unknown" when nothing fits.
func GuessProtocol(p []byte) string {
	for _, g := range guesses {
		if bytes.HasPrefix(p, []byte(g.start)) {
			return g.name
		}
	}
	return "unknown"
}

var guesses = []struct{ start, name string }{
	{"\x16\x03", "TLS"},
	{"CONNECT {", "NATS"}, // ahead of HTTP's CONNECT
	{"GET ", "HTTP"}, {"POST ", "HTTP"}, {"HEAD ", "HTTP"}, {"PUT ", "HTTP"},
	{"OPTIONS ", "HTTP"}, {"DELETE ", "HTTP"}, {"CONNECT ", "HTTP"}, {"PATCH ", "HTTP"},
	{"PRI * HTTP/2", "HTTP/2"},
	{"SSH-", "SSH"},
	{"*", "Redis"}, {"PING\r\n", "Redis"},
	{"\x10", "MQTT"},
	{"\x00", "binary"},
}
