package wire

import (
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Size limits of control frames, whole. Announce, Update and Described carry signatures.
const (
	MaxControl    = 64 << 10
	MaxSignatures = 256 << 10
	MaxAnnounce   = MaxSignatures + MaxControl
	MaxHello      = 4 << 10 // everything before Welcome
)

// KeySize is the size of a connection's random key.
const KeySize = 16

// HashSize is the size of the hash that names a list of signatures.
const HashSize = 16

// Message is one decoded control frame. Only types in this file implement it.
//
//sumtype:decl
type Message interface{ kind() Kind }

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
	Key     [KeySize]byte `cbor:"1,keyasint"` // random, kept over reconnects, never shown
	Process Process       `cbor:"2,keyasint"`
	Library string        `cbor:"3,keyasint,omitempty"` // "netsvc-go 0.1.0"
	BeatMS  uint32        `cbor:"4,keyasint,omitempty"` // how often it beats at least; 0 for the default
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

// Announce makes an instance known. Handle is the process's own number for it.
type Announce struct {
	Handle      uint32            `cbor:"1,keyasint"`
	Name        string            `cbor:"2,keyasint"`
	Groups      []string          `cbor:"3,keyasint,omitempty"`
	Hidden      bool              `cbor:"4,keyasint,omitempty"`
	Version     string            `cbor:"5,keyasint,omitempty"`
	Description string            `cbor:"6,keyasint,omitempty"`
	Labels      map[string]string `cbor:"7,keyasint,omitempty"`
	Limit       uint32            `cbor:"8,keyasint,omitempty"`  // running handlers; 0 for 256
	Queue       uint32            `cbor:"9,keyasint,omitempty"`  // waiting calls; 0 for 1,024
	QueueBytes  uint32            `cbor:"10,keyasint,omitempty"` // of waiting calls; 0 for 8 MiB
	Methods     []byte            `cbor:"11,keyasint,omitempty"` // encoded signatures
}

// Announced answers Announce.
type Announced struct {
	Number uint32         `cbor:"1,keyasint"`
	Hash   [HashSize]byte `cbor:"2,keyasint"` // of the methods
	Rev    uint64         `cbor:"3,keyasint"`
}

// Update changes an announced instance. Fields left out change nothing.
type Update struct {
	Handle      uint32             `cbor:"1,keyasint"`
	Join        []string           `cbor:"2,keyasint,omitempty"`
	Leave       []string           `cbor:"3,keyasint,omitempty"`
	Hidden      *bool              `cbor:"4,keyasint,omitempty"`
	Version     *string            `cbor:"5,keyasint,omitempty"`
	Description *string            `cbor:"6,keyasint,omitempty"`
	Labels      *map[string]string `cbor:"7,keyasint,omitempty"`
	Methods     *[]byte            `cbor:"8,keyasint,omitempty"`
}

// Withdraw ends an announcement. No request follows the Done that answers it; calls
// already delivered are still to be answered.
type Withdraw struct {
	Handle uint32 `cbor:"1,keyasint"`
	Reason Reason `cbor:"2,keyasint,omitempty"` // ReasonClosed or ReasonDrained
}

// Bind gives a handle to a name ("math") or an address ("math@3", "@7"), whether or not
// anybody has it. Origin is that of the exchange an address was learnt from; zero means
// this one.
type Bind struct {
	Handle uint32 `cbor:"1,keyasint"`
	Target string `cbor:"2,keyasint"`
	Origin uint64 `cbor:"3,keyasint,omitempty"`
}

// Unbind frees a handle. Requests already sent on it are not touched.
type Unbind struct {
	Handle uint32 `cbor:"1,keyasint"`
}

// Scope says which part of the registry a watch follows.
type Scope uint8

// The scopes of a watch.
const (
	ScopeAll     Scope = 0
	ScopeGlob    Scope = 1 // names that match a pattern
	ScopeGroup   Scope = 2 // members of a group
	ScopeAddress Scope = 3 // one instance, also a hidden one
)

// Watch follows part of the registry. ID is the process's own number for it.
type Watch struct {
	ID      uint32 `cbor:"1,keyasint"`
	Scope   Scope  `cbor:"2,keyasint,omitempty"`
	Pattern string `cbor:"3,keyasint,omitempty"`
	Origin  uint64 `cbor:"4,keyasint,omitempty"` // of an address
}

// Unwatch ends a watch.
type Unwatch struct {
	ID uint32 `cbor:"1,keyasint"`
}

// State is how an instance is doing.
type State uint8

// The states of an instance.
const (
	StateReady    State = 0
	StateSuspect  State = 1 // silent for too long: no new calls
	StateDraining State = 2 // finishing what it has
)

// String is the state's word.
func (s State) String() string {
	switch s {
	case StateSuspect:
		return "suspect"
	case StateDraining:
		return "draining"
	default:
		return "ready"
	}
}

// Info is what the registry says of one instance.
type Info struct {
	Number      uint32            `cbor:"1,keyasint"`
	Name        string            `cbor:"2,keyasint,omitempty"`
	State       State             `cbor:"3,keyasint,omitempty"`
	Groups      []string          `cbor:"4,keyasint,omitempty"` // sorted
	Hidden      bool              `cbor:"5,keyasint,omitempty"`
	Version     string            `cbor:"6,keyasint,omitempty"`
	Description string            `cbor:"7,keyasint,omitempty"`
	Labels      map[string]string `cbor:"8,keyasint,omitempty"`
	Hash        [HashSize]byte    `cbor:"9,keyasint"`
	Since       int64             `cbor:"10,keyasint,omitempty"` // Unix milliseconds
	Session     uint32            `cbor:"11,keyasint"`
	Process     Process           `cbor:"12,keyasint"`
}

// EventKind is what happened in the registry.
type EventKind uint8

// The kinds of registry events.
const (
	Available EventKind = 1
	Changed   EventKind = 2 // state, metadata or methods
	Joined    EventKind = 3
	Left      EventKind = 4
	Withdrawn EventKind = 5
	Synced    EventKind = 6 // the present state has been told
	Reset     EventKind = 7 // forget what was told: the present state comes again
)

var eventNames = [...]string{"", "available", "changed", "joined", "left", "withdrawn", "synced", "reset"}

// String is the event's word.
func (k EventKind) String() string {
	if int(k) < len(eventNames) {
		return eventNames[k]
	}
	return ""
}

// Event is one change of the registry. Group is set for Joined and Left.
type Event struct {
	Rev    uint64    `cbor:"1,keyasint"`
	Kind   EventKind `cbor:"2,keyasint"`
	Info   *Info     `cbor:"3,keyasint,omitempty"`
	Group  string    `cbor:"4,keyasint,omitempty"`
	Reason Reason    `cbor:"5,keyasint,omitempty"`
	Time   int64     `cbor:"6,keyasint,omitempty"` // Unix milliseconds
}

// Events is a run of events of one watch, whose number is the frame's target.
type Events struct {
	Events []cbor.RawMessage `cbor:"1,keyasint"` // each an Event, encoded once for all watchers
}

// Describe asks for the instances and signatures of a target, or for the signatures of
// a hash when Target is empty.
type Describe struct {
	Target string         `cbor:"1,keyasint,omitempty"`
	Origin uint64         `cbor:"2,keyasint,omitempty"`
	Hash   [HashSize]byte `cbor:"3,keyasint"`
}

// Described answers Describe. Infos holds at most 128 of the instances, oldest first; the
// methods are those of the newest, which has the hash.
type Described struct {
	Infos   []Info         `cbor:"1,keyasint,omitempty"`
	Total   uint32         `cbor:"2,keyasint,omitempty"` // instances there are
	Hash    [HashSize]byte `cbor:"3,keyasint"`
	Methods []byte         `cbor:"4,keyasint,omitempty"`
}

func (*Hello) kind() Kind     { return KindHello }
func (*Welcome) kind() Kind   { return KindWelcome }
func (*Bye) kind() Kind       { return KindBye }
func (*Announce) kind() Kind  { return KindAnnounce }
func (*Announced) kind() Kind { return KindAnnounced }
func (*Update) kind() Kind    { return KindUpdate }
func (*Withdraw) kind() Kind  { return KindWithdraw }
func (*Bind) kind() Kind      { return KindBind }
func (*Unbind) kind() Kind    { return KindUnbind }
func (*Watch) kind() Kind     { return KindWatch }
func (*Unwatch) kind() Kind   { return KindUnwatch }
func (*Events) kind() Kind    { return KindEvents }
func (*Describe) kind() Kind  { return KindDescribe }
func (*Described) kind() Kind { return KindDescribed }

// ErrBadMessage reports a control frame that does not hold what its kind says.
var ErrBadMessage = errors.New("wire: malformed control frame")

// AppendMessage appends m as a whole frame. id tells which control request an answer
// belongs to; target is the watch of Events and zero elsewhere.
func AppendMessage(dst []byte, id uint64, target uint32, m Message) []byte {
	h := Header{Kind: m.kind(), ID: id, Target: target}
	return AppendFrame(dst, &h, mustEncode(m))
}

// ParseMessage reads the body of a control frame. The error is ErrBadMessage with its
// cause; kinds that carry no message are a bad message, too. The message keeps no part of body.
func ParseMessage(k Kind, body []byte) (Message, error) {
	limit := MaxControl
	if k == KindAnnounce || k == KindUpdate || k == KindDescribed {
		limit = MaxAnnounce
	}
	if len(body)+HeaderSize > limit {
		return nil, fmt.Errorf("%w: %s of %d bytes is over the limit of %d", ErrBadMessage, k, len(body)+HeaderSize, limit)
	}
	m := newMessage(k)
	if m == nil {
		return nil, fmt.Errorf("%w: %s carries none", ErrBadMessage, k)
	}
	if err := decMode.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBadMessage, k, err)
	}
	return m, nil
}

// newMessage returns an empty message of the kind, nil when the kind carries none.
func newMessage(k Kind) Message {
	switch k {
	case KindHello:
		return new(Hello)
	case KindWelcome:
		return new(Welcome)
	case KindBye:
		return new(Bye)
	case KindAnnounce:
		return new(Announce)
	case KindAnnounced:
		return new(Announced)
	case KindUpdate:
		return new(Update)
	case KindWithdraw:
		return new(Withdraw)
	case KindBind:
		return new(Bind)
	case KindUnbind:
		return new(Unbind)
	default:
		return newRegistryMessage(k)
	}
}

// newRegistryMessage is the part of newMessage that is about looking at the registry.
func newRegistryMessage(k Kind) Message {
	switch k {
	case KindWatch:
		return new(Watch)
	case KindUnwatch:
		return new(Unwatch)
	case KindEvents:
		return new(Events)
	case KindDescribe:
		return new(Describe)
	case KindDescribed:
		return new(Described)
	default:
		return nil
	}
}

// EncodeEvent encodes an event once, for all the watchers that will get it.
func EncodeEvent(e *Event) []byte { return mustEncode(e) }

// DecodeEvent reads one event of an Events message.
func DecodeEvent(b []byte) (Event, error) {
	var e Event
	if err := decMode.Unmarshal(b, &e); err != nil {
		return Event{}, fmt.Errorf("%w: event: %w", ErrBadMessage, err)
	}
	return e, nil
}

// Millis turns a duration into the whole milliseconds of a ttl, rounded up, so that a
// deadline never comes early by rounding. Zero or less is 0; what does not fit is the most.
func Millis(d time.Duration) uint32 {
	if d <= 0 {
		return 0
	}
	ms := (d + time.Millisecond - 1) / time.Millisecond
	if ms > 1<<32-1 {
		return 1<<32 - 1
	}
	return uint32(ms)
}
