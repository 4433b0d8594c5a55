package wire

import "fmt"

// KeySize is the size of a connection's random key.
const KeySize = 16

// Key is a connection's random key. On the wire it is a byte string of exactly KeySize
// bytes: one that was cut or filled up could be another process's.
type Key [KeySize]byte

// UnmarshalCBOR takes a byte string of the right length and nothing else.
func (k *Key) UnmarshalCBOR(data []byte) error {
	const head = 0x40 | KeySize // RFC 8949 section 3: major type 2 and the length
	if len(data) != 1+KeySize || data[0] != head {
		return fmt.Errorf("a key is a byte string of %d bytes", KeySize)
	}
	copy(k[:], data[1:])
	return nil
}

// Process describes a connected process to those who look at the registry.
type Process struct {
	PID     int    `cbor:"1,keyasint,omitempty"`
	Host    string `cbor:"2,keyasint,omitempty"`
	User    string `cbor:"3,keyasint,omitempty"`
	Program string `cbor:"4,keyasint,omitempty"`
	Started int64  `cbor:"5,keyasint,omitempty"` // Unix milliseconds
}

// Hello is a process's first frame.
type Hello struct {
	Key     Key     `cbor:"1,keyasint"` // random, kept over reconnects, never shown
	Process Process `cbor:"2,keyasint"`
	Library string  `cbor:"3,keyasint,omitempty"` // "netsvc-go 0.1.0"
	BeatMS  uint32  `cbor:"4,keyasint,omitempty"` // how often it beats at least; 0 for the default
}

// Limits are what an exchange allows one session. All but the sizes are counts.
type Limits struct {
	MaxFrame      uint32 `cbor:"1,keyasint"` // bytes of a whole frame
	Outbox        uint32 `cbor:"2,keyasint"` // bytes waiting for a slow reader
	Pending       uint32 `cbor:"3,keyasint"` // calls a session may have open; its slots are below it
	Instances     uint32 `cbor:"4,keyasint"`
	Handles       uint32 `cbor:"5,keyasint"`
	Watches       uint32 `cbor:"6,keyasint"`
	Subscriptions uint32 `cbor:"7,keyasint"`
	Groups        uint32 `cbor:"8,keyasint"`  // of one instance
	Methods       uint32 `cbor:"9,keyasint"`  // of one instance
	DeadlineMS    uint32 `cbor:"10,keyasint"` // longest ttl; longer ones are cut to it
}

// Welcome answers Hello and opens the session.
type Welcome struct {
	Session   uint32 `cbor:"1,keyasint"` // the number of the session's own hidden instance
	Origin    uint64 `cbor:"2,keyasint"`
	Limits    Limits `cbor:"3,keyasint"`
	BeatMS    uint32 `cbor:"4,keyasint"`
	SuspectMS uint32 `cbor:"5,keyasint"`
	DeadMS    uint32 `cbor:"6,keyasint"`
	Software  string `cbor:"7,keyasint,omitempty"`
}

// Reason says why an instance or a session went away.
type Reason uint8

// The reasons of registry events.
const (
	ReasonNone         Reason = 0
	ReasonClosed       Reason = 1 // withdrawn or closed in good order
	ReasonDrained      Reason = 2 // withdrawn to shut down
	ReasonLost         Reason = 3 // the connection broke
	ReasonExchangeLost Reason = 4 // the exchange itself went away; only a process's library says it
	ReasonFrozen       Reason = 5 // no beat for too long
	ReasonSlow         Reason = 6 // it did not read what was sent
	ReasonReplaced     Reason = 7 // the same connection key came again
)

var reasonNames = [...]string{"", "closed", "drained", "lost", "exchange-lost", "frozen", "slow", "replaced"}

// String is the reason's word, "" for none.
func (r Reason) String() string {
	if int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return "lost"
}

// Bye is the last frame of a session. From a process it means that it closes in good
// order; from an exchange, why it ends the session.
type Bye struct {
	Code   Code   `cbor:"1,keyasint,omitempty"` // CodeDenied and the like; zero for none
	Reason Reason `cbor:"2,keyasint,omitempty"`
	Text   string `cbor:"3,keyasint,omitempty"`
	Final  bool   `cbor:"4,keyasint,omitempty"` // connecting again will meet the same answer
}

func (*Hello) kind() Kind   { return KindHello }
func (*Welcome) kind() Kind { return KindWelcome }
func (*Bye) kind() Kind     { return KindBye }

// maxProcessText bounds each text of a Hello, so that it fits MaxHello.
const maxProcessText = 512

// trimmed is m with texts that its receiver takes.
func (m *Hello) trimmed() *Hello {
	t := *m
	for _, s := range []*string{&t.Process.Host, &t.Process.User, &t.Process.Program, &t.Library} {
		*s = cut(*s, maxProcessText)
	}
	return &t
}

// trimmed is m with a text that its receiver takes.
func (m *Bye) trimmed() *Bye {
	t := *m
	t.Text = cut(t.Text, maxDescription)
	return &t
}
