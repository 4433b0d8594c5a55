package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// The exit codes of netsvc. They are a contract: scripts go by them.
const (
	ExitOK          = 0
	ExitInternal    = 1   // something of ours or of the system failed; a port is in use
	ExitUsage       = 2   // the command line was wrong, or asks for what is not safe
	ExitNotFound    = 3   // no such service or method
	ExitFailed      = 4   // the method ran and failed
	ExitTimeout     = 5   // the deadline passed
	ExitUnreachable = 6   // no exchange, or the instance was lost
	ExitDenied      = 7   // not authorized
	ExitArguments   = 8   // the arguments of the method do not fit
	ExitBusy        = 10  // busy or draining
	exitSignal      = 128 // and the signal's number
)

// The codes that only the command line has. They have no number.
const (
	codeUsage    = "usage"
	codeInternal = "internal"
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
	Code     string // a failure's word, or usage, internal
	Exit     int
	Message  string // one line for a person
	Service  string // as called; empty when it is about no service
	Method   string
	Hint     string        // what was probably meant, or what to do; may be empty
	Meant    bool          // Hint is a name that was probably meant
	Failure  *wire.Failure // nil for the codes that only the command line has
	Detailed string        // more lines, or nothing

	cause error
}

// Error is the message behind what it is about.
func (e *Error) Error() string {
	switch {
	case e.Method != "":
		return e.Service + "." + e.Method + ": " + e.Message
	case e.Service != "":
		return e.Service + ": " + e.Message
	}
	return e.Message
}

// Unwrap returns what the error was made of.
func (e *Error) Unwrap() error { return e.cause }

// meant sets the hint to a name.
func (e *Error) meant(name string) { e.Hint, e.Meant = name, true }

// Interrupted is the cause of a context that a signal has ended.
type Interrupted struct{ Signal syscall.Signal }

func (e *Interrupted) Error() string {
	if e.Signal == syscall.SIGTERM {
		return "terminated"
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
	var known *Error
	if !errors.As(err, &known) {
		known = explain(err)
	}
	var signal *Interrupted
	if known.endedEarly() && errors.As(context.Cause(ctx), &signal) {
		known.Code, known.Exit, known.Message = wire.CodeCanceled.String(), signal.ExitCode(), signal.Error()
	}
	return known
}

// endedEarly reports whether the end of a context may be the reason of the error: of a call, or
// of an attempt to connect.
func (e *Error) endedEarly() bool {
	return errors.Is(e, context.Canceled) || e.Exit == ExitUnreachable && e.Failure.Delivered == wire.No
}

// explain goes by the type of an error.
func explain(err error) *Error {
	var failure *wire.Failure
	var unreadable *value.UsageError
	var version *wire.VersionError
	var undecoded *value.DecodeError
	var unencoded *value.EncodeError
	var signal *Interrupted
	switch {
	case errors.As(err, &failure):
		return ofFailure(failure)
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

// Line is the error as one line for people, without the line's end.
func (e *Error) Line(l render.Look) string {
	line := "netsvc: " + e.Error()
	switch {
	case e.Meant:
		line += " (did you mean " + e.Hint + "?)"
	case e.Hint != "":
		line += " (" + e.Hint + ")"
	case e.Failure != nil && e.Failure.Delivered == wire.Maybe:
		line += " (the method may have run)"
	}
	return render.OneLine(l.Text(line))
}

// Details are the further lines of the error as the output may have them, or "".
func (e *Error) Details(l render.Look) string {
	if l.Terminal {
		return render.CleanLines(e.Detailed)
	}
	return e.Detailed
}

// errorBody is the error in JSON.
type errorBody struct {
	Code      string  `json:"code"`
	Number    *int64  `json:"number"`
	Exit      int     `json:"exit"`
	Message   string  `json:"message"`
	Service   *string `json:"service"`
	Method    *string `json:"method"`
	Instance  *string `json:"instance"`
	Delivered string  `json:"delivered"`
	Origin    string  `json:"origin"`
	Details   string  `json:"details"`
	Hint      string  `json:"hint"`
	Retryable bool    `json:"retryable"`
}

// JSON is the error as one compact JSON line, without the line's end.
func (e *Error) JSON() []byte {
	body := errorBody{
		Code: e.Code, Exit: e.Exit, Message: e.Message, Service: orNull(e.Service), Method: orNull(e.Method),
		Delivered: wire.No.String(), Origin: wire.OriginNetsvc, Details: e.Detailed, Hint: e.Hint,
	}
	if f := e.Failure; f != nil {
		number := f.FaultNumber()
		body.Number, body.Instance = &number, orNull(f.Instance.String())
		body.Delivered, body.Origin = f.Delivered.String(), f.OriginName()
		body.Retryable = f.Delivered == wire.No
	}
	line, err := encodeShape(map[string]errorBody{"error": body})
	if err != nil { // texts and numbers only: it cannot fail
		panic(fmt.Sprintf("command: %v", err))
	}
	return line
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// encodeShape encodes one of the shapes of the contract, compact and without escapes for HTML.
func encodeShape(shape any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(shape); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
