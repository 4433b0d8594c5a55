package wire

// Kind says what a frame carries. Numbers are never reused. Kinds from OptionalKind up
// may be skipped by those who do not know them; any other unknown kind ends the session.
type Kind uint8

// The protocol in one table; PROTOCOL.md repeats it word for word. "Process" is whatever
// is connected to an exchange.
const ( //               sent by   │ body, in order                                   │ answered by
	KindHello       Kind = 1  // process  │ Hello                                            │ Welcome or Bye
	KindWelcome     Kind = 2  // exchange │ Welcome                                          │
	KindBye         Kind = 3  // either   │ Bye; the sender then closes                      │
	KindBeat        Kind = 4  // either   │ nothing                                          │
	KindAnnounce    Kind = 5  // process  │ Announce                                         │ Announced or Refused
	KindAnnounced   Kind = 6  // exchange │ Announced                                        │
	KindUpdate      Kind = 7  // process  │ Update                                           │ Done or Refused
	KindWithdraw    Kind = 8  // process  │ Withdraw                                         │ Done or Refused
	KindBind        Kind = 9  // process  │ Bind                                             │
	KindUnbind      Kind = 10 // process  │ Unbind                                           │
	KindWatch       Kind = 11 // process  │ Watch                                            │ Events, or Refused
	KindUnwatch     Kind = 12 // process  │ Unwatch                                          │ Done
	KindEvents      Kind = 13 // exchange │ Events; target is the watch                      │
	KindDescribe    Kind = 14 // process  │ Describe                                         │ Described or Refused
	KindDescribed   Kind = 15 // exchange │ Described                                        │
	KindRequest     Kind = 16 // process  │ method, headers, arguments                       │ Response or Failure
	KindResponse    Kind = 17 // either   │ value                                            │
	KindFailure     Kind = 18 // either   │ code, detail                                     │
	KindCancel      Kind = 19 // either   │ nothing                                          │ Response or Failure of the call
	KindDeliver     Kind = 20 // exchange │ instance, method, headers, arguments             │ Response or Failure
	KindResult      Kind = 21 // either   │ value; one of a stream, not the last             │
	KindCredit      Kind = 22 // either   │ bytes u32                                        │
	KindForward     Kind = 23 // process  │ handle u32, then as KindRequest                  │
	KindSubscribe   Kind = 24 // process  │ Subscribe                                        │ Done, then Reports, or Refused
	KindUnsubscribe Kind = 25 // process │ Unsubscribe                                     │ Done
	KindPublish     Kind = 26 // process  │ lifetime i32, age u32, to u32, subject, value    │ Done or Refused when id is not 0
	KindReport      Kind = 27 // exchange │ time i64, name, subject, value; target the publisher │
	KindGap         Kind = 28 // exchange │ count u64, or nothing when unknown               │
	KindExpire      Kind = 29 // process  │ Expire                                           │ Done or Refused
	KindNotice      Kind = 30 // exchange │ Notice                                           │
	KindDone        Kind = 31 // exchange │ nothing; the control request of this id is done  │
	KindRefused     Kind = 32 // exchange │ as KindFailure; the control request of this id   │
	KindDrain       Kind = 33 // exchange │ nothing; ttl is the grace left                   │

	// OptionalKind is the first of the kinds a receiver may skip and count.
	OptionalKind Kind = 128
)

// Flags of a frame. A bit means something only for the kinds named with it; all others
// are sent as zero and ignored.
const (
	// FlagDeliveredMask holds a Delivered: KindFailure, KindRefused.
	FlagDeliveredMask uint8 = 0x03
	// FlagOneWay asks for no answer from the callee: KindRequest, KindDeliver.
	FlagOneWay uint8 = 0x04
	// FlagExpired tells that the deadline passed, not that the caller gave up: KindCancel.
	FlagExpired uint8 = 0x08
	// FlagRetained marks a value kept from before the subscription: KindReport; and one that
	// was published before and comes again after a reconnection: KindPublish.
	FlagRetained uint8 = 0x10
	// FlagStream marks the end of a stream, whose value is in its results: KindResponse.
	FlagStream uint8 = 0x20
	// FlagAnswer marks the answer to a Beat whose id is not 0, with the same id: KindBeat.
	FlagAnswer uint8 = 0x40
	// FlagExtended announces 16 bytes behind the header: the origin exchange and the
	// caller's identity there. Reserved for exchanges joined to each other; refused by
	// this version.
	FlagExtended uint8 = 0x80
)

var kindNames = map[Kind]string{
	KindHello: "Hello", KindWelcome: "Welcome", KindBye: "Bye", KindBeat: "Beat",
	KindAnnounce: "Announce", KindAnnounced: "Announced", KindUpdate: "Update",
	KindWithdraw: "Withdraw", KindBind: "Bind", KindUnbind: "Unbind", KindWatch: "Watch",
	KindUnwatch: "Unwatch", KindEvents: "Events", KindDescribe: "Describe",
	KindDescribed: "Described", KindRequest: "Request", KindResponse: "Response",
	KindFailure: "Failure", KindCancel: "Cancel", KindDeliver: "Deliver",
	KindResult: "Result", KindCredit: "Credit", KindForward: "Forward",
	KindSubscribe: "Subscribe", KindUnsubscribe: "Unsubscribe", KindPublish: "Publish",
	KindReport: "Report", KindGap: "Gap", KindExpire: "Expire", KindNotice: "Notice",
	KindDone: "Done", KindRefused: "Refused", KindDrain: "Drain",
}

// String is the kind's name in this package without its prefix.
func (k Kind) String() string {
	if s, ok := kindNames[k]; ok {
		return s
	}
	return "Kind(" + itoa(uint64(k)) + ")"
}

// Known reports whether this version of the protocol has the kind.
func (k Kind) Known() bool {
	_, ok := kindNames[k]
	return ok
}
