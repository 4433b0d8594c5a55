package wire_test

import (
	"errors"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

const goodPreface = "\x89NSV\r\n\x1a\x01"

func TestPreface(t *testing.T) {
	if got := string(wire.AppendPreface([]byte("x"))); got != "x"+goodPreface {
		t.Errorf("AppendPreface = %q, want %q", got, "x"+goodPreface)
	}
	const none = -1
	tests := []struct {
		name, preface string
		starts        bool
		stranger      bool
		version       int // of a VersionError, none for no such error
	}{
		{"whole", goodPreface, true, false, none},
		{"with a frame behind", goodPreface + "\x14\x00", true, false, none},
		{"nothing", "", true, true, none},
		{"one byte", "\x89", true, true, none},
		{"without the version", goodPreface[:7], true, true, none},
		{"another version", "\x89NSV\r\n\x1a\x02", true, false, 2},
		{"version zero", "\x89NSV\r\n\x1a\x00\x00", true, false, 0},
		{"line ends translated", "\x89NSV\n\x1a\x01\x00", false, true, none},
		{"high bit stripped", "\x09NSV\r\n\x1a\x01", false, true, none},
		{"wrong at the last byte of the magic", "\x89NSV\r\n\x1b", false, true, none},
	}
	for _, tt := range tests {
		if got := wire.PrefaceStarts([]byte(tt.preface)); got != tt.starts {
			t.Errorf("%s: PrefaceStarts = %v, want %v", tt.name, got, tt.starts)
		}
		err := wire.CheckPreface([]byte(tt.preface))
		if got := errors.Is(err, wire.ErrNotNetsvc); got != tt.stranger {
			t.Errorf("%s: CheckPreface = %v, want a stranger: %v", tt.name, err, tt.stranger)
		}
		peer := none
		if v := (*wire.VersionError)(nil); errors.As(err, &v) {
			peer = int(v.Peer)
		}
		if peer != tt.version {
			t.Errorf("%s: CheckPreface = %v, want version %d", tt.name, err, tt.version)
		}
	}
}

func TestVersionErrorSaysBothVersions(t *testing.T) {
	const want = "wire: the peer speaks protocol version 2, this program version 1"
	if got := (&wire.VersionError{Peer: 2}).Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGuessProtocol(t *testing.T) {
	tests := []struct{ opening, want string }{
		{"\x16\x03\x01\x02\x00\x01", "TLS"},
		{"GET / HTTP/1.1\r\n", "HTTP"},
		{"POST /xmlrpc HTTP/1.0\r\n", "HTTP"},
		{"CONNECT example.org:443 HTTP/1.1\r\n", "HTTP"},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2"},
		{"SSH-2.0-OpenSSH_9.6\r\n", "SSH"},
		{"*1\r\n$4\r\nPING\r\n", "Redis"},
		{"PING\r\n", "Redis"},
		{"CONNECT {\"verbose\":false}\r\n", "NATS"},
		{"\x10\x10\x00\x04MQTT", "MQTT"},
		{"\x00\x00\x00\x08", "binary"},
		{"G", "unknown"},
		{"", "unknown"},
		{"\x89NSV", "unknown"},
	}
	for _, tt := range tests {
		if got := wire.GuessProtocol([]byte(tt.opening)); got != tt.want {
			t.Errorf("GuessProtocol(%q) = %q, want %q", tt.opening, got, tt.want)
		}
	}
}
