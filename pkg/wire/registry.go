package wire

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Scope says which part of the registry a watch follows.
type Scope uint8

// The scopes of a watch.
const (
	ScopeAll     Scope = 0
	ScopeGlob    Scope = 1 // names that match a pattern
	ScopeGroup   Scope = 2 // members of a group
	ScopeAddress Scope = 3 // one instance, also a hidden one
	// ScopeSubscribers follows who is subscribed to the reports of the instance with that
	// address. It is for a Watch only.
	ScopeSubscribers Scope = 4
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
	Fallback    bool              `cbor:"13,keyasint,omitempty"` // answers methods of any other name, too
	Subjects    []string          `cbor:"14,keyasint,omitempty"` // declared ones, sorted
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

	Subscribed   EventKind = 8 // Info is the subscriber's own instance
	Unsubscribed EventKind = 9
)

var eventNames = [...]string{"", "available", "changed", "joined", "left", "withdrawn", "synced", "reset", "subscribed", "unsubscribed"}

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

	// Of Subscribed and Unsubscribed: the subscriber's number for it, and the patterns, none for all.
	Subscription uint32   `cbor:"7,keyasint,omitempty"`
	Patterns     []string `cbor:"8,keyasint,omitempty"`
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

// EncodeEvent encodes an event once, for all the watchers that will get it.
func EncodeEvent(e *Event) []byte { return mustEncode(e) }

// DecodeEvent reads one event of an Events message.
func DecodeEvent(b []byte) (Event, error) {
	var e Event
	if err := decodeMap(b, &e); err != nil {
		return Event{}, fmt.Errorf("%w: event: %w", ErrBadMessage, err)
	}
	return e, nil
}

func (*Watch) kind() Kind     { return KindWatch }
func (*Unwatch) kind() Kind   { return KindUnwatch }
func (*Events) kind() Kind    { return KindEvents }
func (*Describe) kind() Kind  { return KindDescribe }
func (*Described) kind() Kind { return KindDescribed }
