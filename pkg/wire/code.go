package wire

// Code classes a failure. The set is closed; numbers are never reused. 40 to 58 are those
// of OSE, netsvc's predecessor.
type Code uint16

// The codes a call may fail with. "No", "maybe", "yes" is what Delivered says with them.
const (
	CodeUnknown     Code = 40 // maybe: nothing better is known
	CodeEncodeArgs  Code = 42 // no: an argument cannot be encoded
	CodeDecodeValue Code = 44 // yes: the result cannot be decoded
	CodeNoService   Code = 46 // no: nobody of that name or address is announced
	CodeTimeout     Code = 47 // the deadline passed
	CodeCanceled    Code = 48 // the caller gave up
	CodeEncodeValue Code = 52 // yes: the result cannot be encoded
	CodeDecodeArgs  Code = 54 // no: the arguments cannot be decoded
	CodeNoMethod    Code = 55 // no: the service does not export it
	CodeBadParams   Code = 56 // no: number or type of the arguments
	CodeApplication Code = 57 // yes: the handler failed or panicked
	CodeAborted     Code = 58 // yes: abandoned by the handler; no: a refused call loop
	CodeLost        Code = 60 // the instance's session ended with the call in flight
	CodeUnreachable Code = 61 // the caller's own link to the exchange is down
	CodeBusy        Code = 62 // no: all instances are at their limit
	CodeDenied      Code = 63 // no: not authorized
	CodeTooLarge    Code = 64 // no, yes for a result: over the frame limit
	CodeDraining    Code = 65 // no: the instance or the exchange is shutting down
)

// codeNames are the words of the contract. Two numbers share "encode" and "decode":
// which side failed is in the number and in Delivered.
var codeNames = map[Code]string{
	CodeUnknown: "unknown", CodeEncodeArgs: "encode", CodeDecodeValue: "decode",
	CodeNoService: "no_service", CodeTimeout: "timeout", CodeCanceled: "canceled",
	CodeEncodeValue: "encode", CodeDecodeArgs: "decode", CodeNoMethod: "no_method",
	CodeBadParams: "bad_params", CodeApplication: "application", CodeAborted: "aborted",
	CodeLost: "lost", CodeUnreachable: "unreachable", CodeBusy: "busy",
	CodeDenied: "denied", CodeTooLarge: "too_large", CodeDraining: "draining",
}

// String is the code's word, for example "no_service"; "unknown" for a number that this
// version does not have.
func (c Code) String() string {
	if s, ok := codeNames[c]; ok {
		return s
	}
	return codeNames[CodeUnknown]
}

// Delivered says whether the method may have run, and so whether a retry is safe.
type Delivered uint8

const (
	No    Delivered = 0 // the handler certainly did not start: a retry is safe
	Maybe Delivered = 1 // it may have run
	Yes   Delivered = 2 // it ran
)

// String is "no", "maybe" or "yes".
func (d Delivered) String() string {
	switch d {
	case No:
		return "no"
	case Yes:
		return "yes"
	default:
		return "maybe"
	}
}

// deliveredOf reads the flags of a failure. A value that this version does not have says
// nothing, so it is Maybe.
func deliveredOf(flags uint8) Delivered {
	if d := Delivered(flags & FlagDeliveredMask); d <= Yes {
		return d
	}
	return Maybe
}
