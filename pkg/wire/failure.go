package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

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
	Attempts    int       // how often a caller that retries made the call; zero for others. It does not travel
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
	f := &Failure{Code: code, Delivered: deliveredOf(flags)}
	if len(body) == 2 {
		return f, nil
	}
	var d failureDetail
	if err := decodeMap(body[2:], &d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadFailure, err)
	}
	f.Number, f.Description, f.Origin, f.Details = d.Number, d.Description, d.Origin, d.Details
	return f, nil
}

var _ error = (*Failure)(nil)
