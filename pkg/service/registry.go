package service

import (
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Address identifies one instance, or a connection's own hidden one. Its String is what a
// person types, "math@3" or "@7".
type Address = wire.Address

// State is how an instance is doing; its String is "ready", "suspect" or "draining".
type State = wire.State

// The states of an instance.
const (
	Ready    = wire.StateReady    // takes calls
	Suspect  = wire.StateSuspect  // silent for too long: no new calls
	Draining = wire.StateDraining // finishing what it has
)

// Reason says why an instance left or went; its String is the word of the contract.
type Reason = wire.Reason

// The reasons of registry events.
const (
	ReasonNone         = wire.ReasonNone
	ReasonClosed       = wire.ReasonClosed       // withdrawn or closed in good order
	ReasonDrained      = wire.ReasonDrained      // withdrawn to shut down
	ReasonLost         = wire.ReasonLost         // the connection broke
	ReasonExchangeLost = wire.ReasonExchangeLost // the watcher's own link is down
	ReasonFrozen       = wire.ReasonFrozen       // no beat for too long
	ReasonSlow         = wire.ReasonSlow         // it did not read what was sent
	ReasonReplaced     = wire.ReasonReplaced     // the same process connected anew
)

// EventKind is what happened in the registry; its String is the word of the contract.
type EventKind = wire.EventKind

// The kinds of registry events.
const (
	Available = wire.Available
	Changed   = wire.Changed // state, metadata or methods
	Joined    = wire.Joined  // a group
	Left      = wire.Left    // a group
	Withdrawn = wire.Withdrawn
	Synced    = wire.Synced // the present state has been told
	Reset     = wire.Reset  // forget what was told: the present state comes again
)

// Event is one change of the registry.
type Event struct {
	Rev    uint64 // grows; zero when the event was made by the library, as at a link's loss
	Kind   EventKind
	Info   Info      // the instance as it is now; zero for Synced and Reset
	Group  string    // of Joined and Left
	Reason Reason    // of Left and Withdrawn
	Time   time.Time // by the exchange's clock, or by ours when Rev is zero
}

// Info is what the registry says of one instance. Its slices and maps are shared and must
// not be changed.
type Info struct {
	Address     Address
	Name        string // empty for a connection's own instance
	State       State
	Groups      []string // sorted
	Hidden      bool
	Fallback    bool // it answers methods of any name, see Service.ExportFallback
	Version     string
	Description string
	Labels      map[string]string
	Subjects    []string            // on which it says it publishes, or patterns of them; sorted
	Hash        [wire.HashSize]byte // of the signatures: equal hashes, equal methods
	Since       time.Time           // when it was announced
	Session     uint32              // whose it is; "@" and this number is its address
	Process     Process
}

// Process describes the process behind an instance, as it says itself.
type Process struct {
	PID     int
	Host    string
	User    string
	Program string
	Started time.Time
}

// Description is what there is to know about a service before it is called.
type Description struct {
	Infos   []Info              // the instances, oldest first; 128 at most
	Total   int                 // instances there are
	Methods []value.Signature   // of the newest, sorted by name
	Hash    [wire.HashSize]byte // of Methods
}
