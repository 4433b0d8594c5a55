package command

import (
	"errors"
	"fmt"

	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// ofXMLRPC makes the error of what only XML-RPC knows: a fault, a document that is refused, a call
// that it has no form for. It is nil for any other.
func ofXMLRPC(err error) *Error {
	var fault *xmlrpc.Fault
	var unread *xmlrpc.DecodeError
	var unwritten *xmlrpc.EncodeError
	switch {
	case errors.As(err, &fault):
		return ofFault(fault)
	case errors.As(err, &unread):
		return ofFailure(wire.Failf(wire.CodeDecodeValue, wire.Yes, "%v", unread))
	case errors.As(err, &unwritten):
		return ofFailure(wire.Failf(wire.CodeEncodeArgs, wire.No, "no XML-RPC form: %v", unwritten))
	}
	return nil
}

// ofFault makes the error of a fault. Whatever it means, the number is the fault's own.
func ofFault(fault *xmlrpc.Fault) *Error {
	told := *fault.Failure()
	told.Code, told.Number = wire.CodeApplication, int64(fault.Code)
	e := ofFailure(&told)
	e.Hint, e.cause = fmt.Sprintf("fault %d", fault.Code), fault
	return e
}
