package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// The exit codes of netsvc. They are a contract: scripts go by them.
const (
	ExitOK          = 0
	ExitInternal    = 1   // something of ours or of the system failed; a port is in use
	ExitUsage       = 2   // the command line was wrong, or asks for what is not safe
	ExitNotFound    = 3   // no such service, method or context
	ExitFailed      = 4   // the method ran and failed
	ExitTimeout     = 5   // the deadline passed
	ExitUnreachable = 6   // no exchange, or the instance was lost
	ExitDenied      = 7   // not authorized
	ExitArguments   = 8   // the arguments of the method do not fit
	ExitPartial     = 9   // at least one of many calls failed, even all
	ExitBusy        = 10  // busy or draining
	exitSignal      = 128 // and the signal's number
)

// The codes that only the command line has. They have no number.
const (
	codeUsage    = "usage"
	codeInternal = "internal"
	codePartial  = "partial"

	codeNoContext = "no_context"
)

// exits maps the codes of failures to exit codes.
var exits = map[wire.Code]int{
	wire.CodeUnknown:     ExitInternal,
	wire.CodeNoService:   ExitNotFound,
	wire.CodeNoMethod:    ExitNotFound,
	wire.CodeApplication: ExitFailed,
	wire.CodeAborted:     ExitFailed,
	wire.CodeEncodeValue: ExitFailed,
	wire.CodeDecodeValue: ExitFailed,
	wire.CodeTimeout:     ExitTimeout,
	wire.CodeUnreachable: ExitUnreachable,
	wire.CodeLost:        ExitUnreachable,
	wire.CodeDenied:      ExitDenied,
	wire.CodeBadParams:   ExitArguments,
	wire.CodeTooLarge:    ExitArguments,
	wire.CodeEncodeArgs:  ExitArguments,
	wire.CodeDecodeArgs:  ExitArguments,
	wire.CodeBusy:        ExitBusy,
	wire.CodeDraining:    ExitBusy,
	wire.CodeCanceled:    exitSignal + int(syscall.SIGINT),
}

// Error is why a command failed: its exit code, and all that its error line says.
type Error struct {
	Code     string // a failure's word, or usage, internal, partial
	Exit     int
	Message  string // one line for a person
	Service  string // as called; empty when it is about no service, or about several
	Method   string
	Hint     string         // what was probably meant, or what to do; may be empty
	Meant    bool           // Hint is a name that was probably meant
	Failure  *wire.Failure  // nil for the codes that only the command line has
	Ran      wire.Delivered // whether the method may have run, where Failure does not tell
	Detailed string         // more lines, or nothing
	Unasked  bool           // it is about the way to the exchange, whatever was to be called
	Item     int            // the item of call --each that it is about, from 1; 0 when it is about none
	File     string         // the script in which it happened; empty for none
	FileLine int            // the line of it, from 1
	Told     bool           // the results say it already: there is only the exit code left, and no line

	cause error
}

// Error is the message behind what it is about.
func (e *Error) Error() string {
	if e.Item > 0 {
		return fmt.Sprintf("item %d: %s", e.Item, e.subject())
	}
	return e.subject()
}

func (e *Error) subject() string {
	switch {
	case e.Unasked:
		return e.Message
	case e.Service == "" && e.Method != "":
		return e.Method + ": " + e.Message
	case e.Method != "":
		return e.Service + "." + e.Method + ": " + e.Message
	case e.Service != "":
		return e.Service + ": " + e.Message
	}
	return e.Message
}

// Unwrap returns what the error was made of.
func (e *Error) Unwrap() error { return e.cause }

// told is the error when the results say it already.
func (e *Error) told() *Error {
	told := *e
	told.Told = true
	return &told
}

// delivered tells whether the method may have run.
func (e *Error) delivered() wire.Delivered {
	if e.Failure != nil {
		return e.Failure.Delivered
	}
	return e.Ran
}

// meant sets the hint to a name.
func (e *Error) meant(name string) { e.Hint, e.Meant = name, true }

// meantOneOf sets the hint to the name that is nearest to the typed one, if it is another.
func (e *Error) meantOneOf(names []string, typed string) {
	if near := value.Nearest(typed, names); near != "" && near != typed {
		e.meant(near)
	}
}

// unmade reports whether the call certainly never came to a handler, so that what was typed is
// what is wrong. Else the failure is of what the handler did, and says so in its own words.
func (e *Error) unmade() bool { return e.Failure != nil && e.Failure.Delivered == wire.No }

// Interrupted is the cause of a context that a signal has ended.
type Interrupted struct{ Signal syscall.Signal }

func (e *Interrupted) Error() string {
	switch e.Signal {
	case syscall.SIGTERM:
		return "terminated"
	case syscall.SIGHUP:
		return "the terminal was closed"
	}
	return "interrupted"
}

// ExitCode is that of a process which the signal ended.
func (e *Interrupted) ExitCode() int { return exitSignal + int(e.Signal) }

// Explain makes an Error of what a command returned; nil stays nil. ctx is that of the command:
// when a signal has ended it, the exit code tells which.
func Explain(ctx context.Context, err error) *Error {
	if err == nil {
		return nil
	}
	known := explain(err)
	var signal *Interrupted
	if known.endedEarly() && errors.As(context.Cause(ctx), &signal) {
		known.giveUp(signal)
	}
	return known
}

// giveUp turns the error into that of a command which the signal ended. What stood in its way
// until then is no news, and no hint about it belongs to an interrupt.
func (e *Error) giveUp(signal *Interrupted) {
	given := *ofFailure(wire.Failf(wire.CodeCanceled, e.Failure.Delivered, "%v", signal))
	given.Failure.Instance = e.Failure.Instance
	given.Exit, given.cause = signal.ExitCode(), e.cause
	given.Service, given.Method, given.Unasked, given.Item = e.Service, e.Method, e.Unasked, e.Item
	given.File, given.FileLine, given.Told = e.File, e.FileLine, e.Told
	*e = given
}

// endedEarly reports whether the end of a context may be the reason of the error: of a call, or
// of an attempt to connect.
func (e *Error) endedEarly() bool {
	return e.Failure != nil && (errors.Is(e, context.Canceled) || e.Exit == ExitUnreachable && e.Failure.Delivered == wire.No)
}

// explain goes by the type of an error. One that is explained already is taken as it is.
func explain(err error) *Error {
	var known *Error
	var failure *wire.Failure
	var unsettled *config.Error
	var unreadable *value.UsageError
	var version *wire.VersionError
	var undecoded *value.DecodeError
	var unencoded *value.EncodeError
	var signal *Interrupted
	if errors.As(err, &known) {
		return known
	}
	if e := ofXMLRPC(err); e != nil {
		return e
	}
	switch {
	case errors.As(err, &failure):
		return ofFailure(failure)
	case errors.As(err, &unsettled):
		return ofFile(unsettled)
	case errors.As(err, &unreadable):
		return &Error{Code: codeUsage, Exit: ExitUsage, Message: unreadable.Error(), cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return ofFailure(wire.Failf(wire.CodeTimeout, wire.No, "the deadline passed"))
	case errors.Is(err, context.Canceled):
		return ofFailure(wire.Failf(wire.CodeCanceled, wire.No, "interrupted"))
	case errors.As(err, &version), errors.Is(err, wire.ErrNotNetsvc):
		return ofFailure(wire.Failf(wire.CodeUnreachable, wire.No, "%v", err))
	case errors.As(err, &signal):
		e := ofFailure(wire.Failf(wire.CodeCanceled, wire.No, "%v", signal))
		e.Exit = signal.ExitCode()
		return e
	case errors.As(err, &undecoded):
		return ofFailure(wire.Failf(wire.CodeDecodeValue, wire.Yes, "result: %v", err))
	case errors.As(err, &unencoded):
		return ofFailure(wire.Failf(wire.CodeEncodeArgs, wire.No, "%v", err))
	case argumentsDoNotFit(err):
		return ofFailure(wire.Failf(wire.CodeBadParams, wire.No, "%v", err))
	}
	return &Error{Code: codeInternal, Exit: ExitInternal, Message: err.Error(), cause: err}
}

// argumentsDoNotFit reports whether err is one of those that reading arguments by a signature
// ends with.
func argumentsDoNotFit(err error) bool {
	var typ *value.TypeError
	var arity *value.ArityError
	var argument *value.ArgumentError
	return errors.As(err, &typ) || errors.As(err, &arity) || errors.As(err, &argument)
}

// ofFile makes the error of a file of settings that cannot be used.
func ofFile(fault *config.Error) *Error {
	e := &Error{Code: codeUsage, Exit: ExitUsage, Message: fault.Error(), cause: fault}
	if fault.Near != "" {
		e.meant(fault.Near)
	}
	return e
}

func ofFailure(f *wire.Failure) *Error {
	e := &Error{Code: f.Code.String(), Exit: ExitInternal, Message: f.Description, Failure: f, Detailed: f.Details, cause: f}
	if exit, ok := exits[f.Code]; ok {
		e.Exit = exit
	}
	if e.Message == "" {
		e.Message = strings.ReplaceAll(e.Code, "_", " ")
	}
	return e
}

// about says which method the error is about, unless that is known.
func (e *Error) about(service, method string) *Error {
	if e.Service == "" && e.Failure != nil {
		e.Service, e.Method = service, method
	}
	return e
}
