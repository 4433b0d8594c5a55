package wire

// Policy says which reports are lost when more wait for a subscriber than may.
type Policy uint8

// The policies of a subscription.
const (
	PolicyDropOldest Policy = 0 // the oldest go, one by one
	PolicyLatest     Policy = 1 // a newer report takes the place of an older one of its publisher and subject; then the oldest go
	PolicyDisconnect Policy = 2 // none: the subscription ends
)

var policyNames = [...]string{"drop-oldest", "latest", "disconnect"}

// String is the policy's word, "unknown" for one of a later version.
func (p Policy) String() string {
	if int(p) < len(policyNames) {
		return policyNames[p]
	}
	return "unknown"
}

// ParsePolicy finds a policy by its word.
func ParsePolicy(word string) (Policy, bool) {
	for i, name := range policyNames {
		if name == word {
			return Policy(i), true
		}
	}
	return 0, false
}

// Known reports whether p is a policy of this version.
func (p Policy) Known() bool { return int(p) < len(policyNames) }

// Subscribe begins a standing interest in the reports of all services that a scope covers, now and
// later. ID is the process's own number for it, and the id of its Report, Gap and Notice frames.
type Subscribe struct {
	ID       uint32   `cbor:"1,keyasint"`
	Scope    Scope    `cbor:"2,keyasint,omitempty"`
	Target   string   `cbor:"3,keyasint,omitempty"` // as the pattern of a Watch of that scope
	Origin   uint64   `cbor:"4,keyasint,omitempty"` // of an address
	Patterns []string `cbor:"5,keyasint,omitempty"` // of subjects; none for all subjects
	Policy   Policy   `cbor:"6,keyasint,omitempty"`
	Queue    uint32   `cbor:"7,keyasint,omitempty"` // reports that may wait in the exchange; 0 for its default
}

// Unsubscribe takes patterns from a subscription, or with none, or with its last one, ends it.
// Nothing of an ended subscription follows the Done.
type Unsubscribe struct {
	ID       uint32   `cbor:"1,keyasint"`
	Patterns []string `cbor:"2,keyasint,omitempty"`
}

// Expire forgets retained values of an announced instance. Subscribers are told nothing.
type Expire struct {
	Handle  uint32 `cbor:"1,keyasint"`
	Pattern string `cbor:"2,keyasint"`           // of subjects
	AgeMS   uint32 `cbor:"3,keyasint,omitempty"` // only values at least so old; 0 for all
}

// NoticeKind is what an exchange tells of a subscription beside its reports.
type NoticeKind uint8

// The kinds of notices.
const (
	NoticeSynced NoticeKind = 1 // the values retained when it began have been sent
	NoticeEnded  NoticeKind = 2 // it has ended: its queue was full, and its policy lets none be lost
)

// Notice tells of a subscription, whose number is the frame's id.
type Notice struct {
	Kind NoticeKind `cbor:"1,keyasint"`
}

func (*Subscribe) kind() Kind   { return KindSubscribe }
func (*Unsubscribe) kind() Kind { return KindUnsubscribe }
func (*Expire) kind() Kind      { return KindExpire }
func (*Notice) kind() Kind      { return KindNotice }
