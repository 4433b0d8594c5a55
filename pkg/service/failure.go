package service

import (
	"github.com/netsvc/netsvc/pkg/wire"
)

// Failure is the bad outcome of a call: a code of a closed set, the words for a person,
// whether the method may have run, and which instance was chosen. It is an error, the same
// wherever it is met, and errors.Is compares its code with the Err... values below. A
// timeout matches context.DeadlineExceeded, too, and a canceled context.Canceled.
type Failure = wire.Failure

// Code classes a Failure; its String is the word of the contract, such as "no_service".
type Code = wire.Code

// Delivered says of a Failure whether the method may have run.
type Delivered = wire.Delivered

// What Delivered may be: a retry is safe after No.
const (
	No    = wire.No
	Maybe = wire.Maybe
	Yes   = wire.Yes
)

// What errors.Is finds in the failure of a call, wherever it arose.
var (
	// ErrUnknown reports that nothing better is known.
	ErrUnknown error = &Failure{Code: wire.CodeUnknown, Delivered: Maybe, Description: "unknown failure"}
	// ErrNoService reports that nobody of that name or address is announced.
	ErrNoService error = &Failure{Code: wire.CodeNoService, Description: "no such service"}
	// ErrTimeout reports that the deadline passed.
	ErrTimeout error = &Failure{Code: wire.CodeTimeout, Delivered: Maybe, Description: "the deadline passed"}
	// ErrCanceled reports that the caller gave up.
	ErrCanceled error = &Failure{Code: wire.CodeCanceled, Delivered: Maybe, Description: "the caller gave up"}
	// ErrEncode reports an argument or a result that cannot be encoded.
	ErrEncode error = &Failure{Code: wire.CodeEncodeArgs, Description: "a value cannot be encoded"}
	// ErrDecode reports arguments or a result that cannot be decoded.
	ErrDecode error = &Failure{Code: wire.CodeDecodeArgs, Description: "a value cannot be decoded"}
	// ErrNoMethod reports that the service does not export the method.
	ErrNoMethod error = &Failure{Code: wire.CodeNoMethod, Description: "no such method"}
	// ErrBadParams reports arguments of the wrong number or type.
	ErrBadParams error = &Failure{Code: wire.CodeBadParams, Description: "the arguments do not fit"}
	// ErrApplication reports that the method ran and failed.
	ErrApplication error = &Failure{Code: wire.CodeApplication, Delivered: Yes, Description: "the method failed"}
	// ErrAborted reports a request abandoned by its handler, or a refused call loop.
	ErrAborted error = &Failure{Code: wire.CodeAborted, Delivered: Yes, Description: "the request was abandoned"}
	// ErrLost reports that the instance's process or link died with the call in flight.
	ErrLost error = &Failure{Code: wire.CodeLost, Delivered: Maybe, Description: "the instance was lost"}
	// ErrUnreachable reports that the caller's own link to the exchange is down.
	ErrUnreachable error = &Failure{Code: wire.CodeUnreachable, Delivered: Maybe, Description: "the exchange is unreachable"}
	// ErrBusy reports that a limit is reached: of all instances, or of the caller itself.
	ErrBusy error = &Failure{Code: wire.CodeBusy, Description: "busy"}
	// ErrDenied reports that the caller is not authorized.
	ErrDenied error = &Failure{Code: wire.CodeDenied, Description: "denied"}
	// ErrTooLarge reports a request or a result over the frame limit.
	ErrTooLarge error = &Failure{Code: wire.CodeTooLarge, Description: "too large"}
	// ErrDraining reports an instance or an exchange that is shutting down.
	ErrDraining error = &Failure{Code: wire.CodeDraining, Description: "shutting down"}
)

// Fail makes the failure of a handler that has numbers of its own. The caller gets code
// application with this number and description; the origin is the service's name unless
// the handler sets Origin. Details may be set, too.
func Fail(number int64, description string) *Failure {
	return &Failure{Code: wire.CodeApplication, Number: number, Description: description, Delivered: Yes}
}
