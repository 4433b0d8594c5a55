package xmlrpc

import (
	"context"
	"errors"
	"strconv"

	"github.com/netsvc/netsvc/pkg/wire"
)

// faultCodes are the fault codes of failures that netsvc itself numbers.
var faultCodes = map[wire.Code]int{
	wire.CodeUnknown:     CodeInternal,
	wire.CodeEncodeArgs:  CodeBadParams,
	wire.CodeDecodeArgs:  CodeBadParams,
	wire.CodeBadParams:   CodeBadParams,
	wire.CodeDecodeValue: CodeApplication,
	wire.CodeEncodeValue: CodeApplication,
	wire.CodeApplication: CodeApplication,
	wire.CodeAborted:     CodeApplication,
	wire.CodeNoService:   CodeNoMethod,
	wire.CodeNoMethod:    CodeNoMethod,
	wire.CodeTimeout:     CodeTimeout,
	wire.CodeCanceled:    CodeTimeout,
	wire.CodeLost:        CodeGone,
	wire.CodeDraining:    CodeGone,
	wire.CodeUnreachable: CodeTransport,
	wire.CodeBusy:        CodeBusy,
	wire.CodeDenied:      CodeDenied,
	wire.CodeTooLarge:    CodeInvalidRequest,
}

// faultOf returns the fault that tells of a failure. All its texts survive:
// ORIGIN -- DESCRIPTION, an empty line, the details. With ose the code is the
// failure's number, else the service's own number when it gave one, else one of
// the interoperability list.
func faultOf(f *wire.Failure, ose bool) *Fault {
	text := f.OriginName() + " -- " + f.Description
	if f.Details != "" {
		text += "\n\n" + f.Details
	}
	code, number := interopCode(f), f.FaultNumber()
	if (ose || ownNumber(f)) && number == int64(int32(number)) {
		code = int(number)
	} else if ownNumber(f) {
		text += "\n\nnumber " + strconv.FormatInt(number, 10)
	}
	return &Fault{Code: code, String: text}
}

// The codes that the interoperability list keeps for itself.
const (
	leastReserved    = -32768
	greatestReserved = -32000
)

// ownNumber reports whether the service gave a number that is its own to give:
// outside of what the interoperability list reserves.
func ownNumber(f *wire.Failure) bool {
	given := f.OwnOrigin() || (f.Code == wire.CodeApplication && f.Number != 0)
	return given && (f.Number < leastReserved || f.Number > greatestReserved)
}

func interopCode(f *wire.Failure) int {
	if f.Code == wire.CodeTooLarge && f.Delivered == wire.Yes {
		return CodeApplication // it is the answer that is too large
	}
	if code, ok := faultCodes[f.Code]; ok {
		return code
	}
	return CodeInternal
}

// failureOf returns the failure in err. It reports false when there is none, so
// that err is nobody's business but the log's.
func failureOf(err error) (*wire.Failure, bool) {
	var known *wire.Failure
	var unsendable *EncodeError
	switch {
	case errors.As(err, &known):
		return known, true
	case errors.As(err, &unsendable):
		return wire.Failf(wire.CodeEncodeValue, wire.Yes, "%s", unsendable), true
	case errors.Is(err, context.DeadlineExceeded):
		return wire.Failf(wire.CodeTimeout, wire.Maybe, "the deadline passed"), true
	case errors.Is(err, context.Canceled):
		return wire.Failf(wire.CodeCanceled, wire.Maybe, "the caller gave up"), true
	}
	return nil, false
}

// isAway reports whether err says that the exchange was not there before the
// call went out, or that it, and not one instance, is shutting down.
func isAway(err error) bool {
	f, ok := failureOf(err)
	if !ok || f.Delivered != wire.No {
		return false
	}
	return f.Code == wire.CodeUnreachable || f.Code == wire.CodeDraining && f.Instance.IsZero()
}

// errAway reports that the exchange is not there.
func errAway() *wire.Failure {
	return wire.Failf(wire.CodeUnreachable, wire.No, "the exchange cannot be reached")
}
