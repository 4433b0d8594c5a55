package wire

import (
	"unicode/utf8"

	"github.com/netsvc/netsvc/pkg/value"
)

// HashSize is the size of the hash that names a list of signatures.
const HashSize = 16

// MaxMetadata bounds the version, description and labels of an instance together, in bytes,
// so that an event of it fits a control frame.
const MaxMetadata = 12 << 10

// CheckMetadata says what is wrong with the version, description and labels of an instance:
// they are over MaxMetadata or no UTF-8. Nil means nothing.
func CheckMetadata(version, description string, labels map[string]string) *Failure {
	size := len(version) + len(description)
	valid := utf8.ValidString(version) && utf8.ValidString(description)
	for k, v := range labels {
		size += len(k) + len(v)
		valid = valid && utf8.ValidString(k) && utf8.ValidString(v)
	}
	switch {
	case size > MaxMetadata:
		return Failf(CodeBadParams, No, "version, description and labels have %d bytes, over the limit of %d", size, MaxMetadata)
	case !valid:
		return Failf(CodeBadParams, No, "version, description and labels must be UTF-8")
	}
	return nil
}

// The bounds of the subjects that an instance declares, for the same reason.
const (
	MaxSubjects     = 64
	MaxSubjectBytes = 2 << 10 // of all of them together
)

// CheckSubjects says what is wrong with declared subjects: there are too many, or one is not a
// pattern. Nil means nothing.
func CheckSubjects(subjects []string) *Failure {
	size := 0
	for _, s := range subjects {
		if err := value.CheckPattern(s); err != nil {
			return Failf(CodeBadParams, No, "declared subjects: %v", err)
		}
		size += len(s)
	}
	if len(subjects) > MaxSubjects || size > MaxSubjectBytes {
		return Failf(CodeBadParams, No, "%d declared subjects with %d bytes are over the limit of %d with %d",
			len(subjects), size, MaxSubjects, MaxSubjectBytes)
	}
	return nil
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
	Fallback    bool              `cbor:"12,keyasint,omitempty"` // answers methods of any other name, too
	Subjects    []string          `cbor:"13,keyasint,omitempty"` // patterns of those it publishes on, as it says itself
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
	Fallback    *bool              `cbor:"9,keyasint,omitempty"`
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

func (*Announce) kind() Kind  { return KindAnnounce }
func (*Announced) kind() Kind { return KindAnnounced }
func (*Update) kind() Kind    { return KindUpdate }
func (*Withdraw) kind() Kind  { return KindWithdraw }
func (*Bind) kind() Kind      { return KindBind }
func (*Unbind) kind() Kind    { return KindUnbind }
