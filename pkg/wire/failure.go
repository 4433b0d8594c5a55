package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

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

// OriginNetsvc is the origin of failures that netsvc itself numbers.
const OriginNetsvc = "netsvc"

// Failure is the bad outcome of a call, the same wherever it is met: in a process, on the
// wire, in a command's error line. It is an error; errors.Is compares codes, so that a
// sentinel matches an answer from far away.
type Failure struct {
	Code        Code
	Number      int64     // the service's own number, or zero for the code's
	Description string    // one line for a person
	Origin      string    // who numbered it; empty means OriginNetsvc
	Details     string    // more lines, or nothing
	Delivered   Delivered // whether the method may have run
	Instance    Address   // who was chosen to answer; zero when nobody was
}

// Failf makes a failure of netsvc's own with a formatted description.
func Failf(code Code, d Delivered, format string, args ...any) *Failure {
	return &Failure{Code: code, Delivered: d, Description: fmt.Sprintf(format, args...)}
}

// Error is the description behind the code's word.
func (f *Failure) Error() string {
	s := f.Code.String()
	if f.Description != "" {
		s += ": " + f.Description
	}
	return s
}

// FaultNumber is the failure's own number, or else its code's.
func (f *Failure) FaultNumber() int64 {
	if f.Number != 0 || f.OwnOrigin() {
		return f.Number
	}
	return int64(f.Code)
}

// OwnOrigin reports whether the service numbered the failure itself.
func (f *Failure) OwnOrigin() bool { return f.Origin != "" && f.Origin != OriginNetsvc }

// OriginName is who numbered the failure, never empty.
func (f *Failure) OriginName() string {
	if f.Origin == "" {
		return OriginNetsvc
	}
	return f.Origin
}

// Is reports whether target is a failure of the same code word, or the context error that
// says the same: timeout is context.DeadlineExceeded, canceled is context.Canceled.
func (f *Failure) Is(target error) bool {
	switch target {
	case context.DeadlineExceeded:
		return f.Code == CodeTimeout
	case context.Canceled:
		return f.Code == CodeCanceled
	}
	t, ok := target.(*Failure)
	return ok && t.Code.String() == f.Code.String()
}

// failureDetail is what stands behind the code in a KindFailure, a CBOR map. It is left
// out whole when it is zero.
type failureDetail struct {
	Number      int64  `cbor:"1,keyasint,omitempty"`
	Description string `cbor:"2,keyasint,omitempty"`
	Origin      string `cbor:"3,keyasint,omitempty"`
	Details     string `cbor:"4,keyasint,omitempty"`
}

// Limits of a failure's texts on the wire; what is longer is cut at a rune.
const (
	maxDescription = 4 << 10
	maxOrigin      = 128
	maxDetails     = 32 << 10
)

// ErrBadFailure reports the body of a failure that does not hold what it must.
var ErrBadFailure = errors.New("wire: malformed failure")

// AppendFailure appends a whole frame of kind KindFailure or KindRefused for the call or
// control request id. Texts over the limits are cut. h carries Kind, ID and Target; the
// flags are set from the failure.
func AppendFailure(dst []byte, h Header, f *Failure) []byte {
	h.Flags = h.Flags&^FlagDeliveredMask | uint8(f.Delivered)&FlagDeliveredMask
	at := len(dst)
	dst = BeginFrame(dst, &h)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(f.Code))
	d := failureDetail{
		Number:      f.Number,
		Description: cut(f.Description, maxDescription),
		Origin:      cut(f.Origin, maxOrigin),
		Details:     cut(f.Details, maxDetails),
	}
	if d != (failureDetail{}) {
		dst = append(dst, mustEncode(&d)...)
	}
	EndFrame(dst, at)
	return dst
}

// FailureCode reads the code of a failure's body without reading the rest.
func FailureCode(body []byte) (Code, error) {
	if len(body) < 2 {
		return 0, ErrBadFailure
	}
	return Code(binary.LittleEndian.Uint16(body)), nil
}

// ParseFailure reads the body of a KindFailure or KindRefused whose header carried flags.
// The instance is for the caller to fill in from the header.
func ParseFailure(flags uint8, body []byte) (*Failure, error) {
	code, err := FailureCode(body)
	if err != nil {
		return nil, err
	}
	f := &Failure{Code: code, Delivered: Delivered(flags & FlagDeliveredMask)}
	if len(body) == 2 {
		return f, nil
	}
	var d failureDetail
	if err := decMode.Unmarshal(body[2:], &d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadFailure, err)
	}
	f.Number, f.Description, f.Origin, f.Details = d.Number, d.Description, d.Origin, d.Details
	return f, nil
}

var _ error = (*Failure)(nil)

// decMode reads control messages: small, shallow, no tags, no duplicate keys.
var decMode = mustDecMode(cbor.DecOptions{
	DupMapKey:        cbor.DupMapKeyEnforcedAPF,
	MaxNestedLevels:  8,
	MaxArrayElements: 16384,
	MaxMapPairs:      1024,
	IndefLength:      cbor.IndefLengthForbidden,
	TagsMd:           cbor.TagsForbidden,
	UTF8:             cbor.UTF8RejectInvalid,
})

func mustDecMode(o cbor.DecOptions) cbor.DecMode {
	m, err := o.DecMode()
	if err != nil {
		panic(err) // the options above are constants
	}
	return m
}

// mustEncode encodes one of this package's own structs, all of whose fields the codec
// takes.
func mustEncode(v any) []byte {
	b, err := cbor.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
