package xmlrpc

import (
	"fmt"
	"strings"

	"github.com/netsvc/netsvc/pkg/wire"
)

// Fault is the failure answer of XML-RPC. It is an error, so a caller that gets one from
// [DecodeResponse] or [Client.Call] can look at it with errors.As.
type Fault struct {
	// Code is the faultCode: the service's own number, or one of the Code constants.
	Code int
	// String is the faultString. Characters that XML cannot carry are replaced by U+FFFD when it
	// is sent.
	String string

	told *wire.Failure // what the header of its answer tells; nil when it tells nothing
}

// Error returns the code and the text.
func (f *Fault) Error() string {
	return fmt.Sprintf("xmlrpc fault %d: %s", f.Code, f.String)
}

// Is reports whether target is a Fault with the same code and text, or with the same code and
// no text.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code && (t.String == "" || t.String == f.String)
}

// Unwrap returns [Fault.Failure], so that errors.Is finds the same failures behind a gateway as
// behind a connection: errors.Is(err, service.ErrLost).
func (f *Fault) Unwrap() error { return f.Failure() }

// Failure is the fault in the words of netsvc. A gateway of netsvc tells them in fields of the
// header, and in members of a fault inside of system.multicall: the code, whether the method may
// have run, and which instance was chosen. The texts are then those of the service.
//
// Of other servers only the fault code is known: the list of 2001-05-16 says what its numbers
// mean, any other number is the method's own, which then has run. The origin of these is
// "xmlrpc".
func (f *Fault) Failure() *wire.Failure {
	if f.told != nil {
		return f.told
	}
	code, delivered := interopMeaning(f.Code)
	return &wire.Failure{Code: code, Number: int64(f.Code), Description: f.String, Origin: originForeign, Delivered: delivered}
}

// originForeign is who numbers a fault of a server that does not say.
const originForeign = "xmlrpc"

// interopMeaning says what a fault code means by itself.
func interopMeaning(code int) (wire.Code, wire.Delivered) {
	switch code {
	case CodeNoMethod:
		return wire.CodeNoMethod, wire.No
	case CodeNotWellFormed, CodeUnknownCharset, CodeBadCharacter, CodeInvalidRequest:
		return wire.CodeDecodeArgs, wire.No
	case CodeBadParams:
		return wire.CodeBadParams, wire.Maybe // some methods check by themselves
	case CodeTransport:
		return wire.CodeLost, wire.Maybe
	case CodeApplication:
		return wire.CodeApplication, wire.Yes
	}
	if code >= leastReserved && code <= greatestReserved {
		return wire.CodeUnknown, wire.Maybe
	}
	return wire.CodeApplication, wire.Yes
}

// tellOf completes f with the words of a gateway, which lookup finds by the names of its header
// fields. Without them, or with words that this version does not have, f stays as it is.
func (f *Fault) tellOf(lookup func(name string) string) {
	delivered, ok := deliveredNamed(lookup(headerDelivered))
	code, known := codeNamed(lookup(headerCode), delivered)
	if !ok || !known {
		return
	}
	told := &wire.Failure{Code: code, Delivered: delivered}
	if name, number, ok := wire.ParseTarget(lookup(headerInstance)); ok && number != 0 {
		told.Instance = wire.Address{Name: name, Number: number}
	}
	text, details, _ := strings.Cut(f.String, "\n\n")
	told.Description, told.Details = text, details
	if origin, description, ok := strings.Cut(text, " -- "); ok {
		told.Origin, told.Description = origin, description
	}
	if n, ok := parseInt([]byte(lookup(headerNumber))); ok {
		told.Number = n
	} else if told.OwnOrigin() || code == wire.CodeApplication {
		told.Number = int64(f.Code)
	}
	f.told = told
}

// codeNamed is the code of a word. Two pairs of codes share theirs: of each one is about the
// request, which was then not delivered.
func codeNamed(word string, delivered wire.Delivered) (wire.Code, bool) {
	for c := wire.CodeUnknown; c <= wire.CodeDraining; c++ {
		ofArgs := c == wire.CodeEncodeArgs || c == wire.CodeDecodeArgs
		ofValue := c == wire.CodeEncodeValue || c == wire.CodeDecodeValue
		another := ofArgs && delivered != wire.No || ofValue && delivered == wire.No
		if c.String() == word && !another {
			return c, true
		}
	}
	return 0, false
}

func deliveredNamed(word string) (wire.Delivered, bool) {
	for d := wire.No; d <= wire.Yes; d++ {
		if d.String() == word {
			return d, true
		}
	}
	return wire.Maybe, false
}
