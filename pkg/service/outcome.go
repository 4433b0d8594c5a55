package service

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// failure turns what Func.Call returned into the outcome of a request. ctx is what the func
// was called with.
func (r *request) failure(ctx context.Context, err error) *wire.Failure {
	var own *value.HandlerError
	if errors.As(err, &own) {
		return r.handlerFailure(ctx, own.Err)
	}
	var unreadable *value.DecodeError
	var result *value.ResultError
	var stopped *wire.Failure
	switch {
	case errors.As(err, &stopped): // a stream that cannot go on
		return stopped
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ended(err, wire.Yes)
	case errors.As(err, &result):
		return wire.Failf(wire.CodeEncodeValue, wire.Yes, "%v", err)
	case errors.As(err, &unreadable):
		return wire.Failf(wire.CodeDecodeArgs, wire.No, "arguments: %v", err)
	default: // an ArityError or a TypeError
		return wire.Failf(wire.CodeBadParams, wire.No, "%v", err)
	}
}

// handlerFailure turns the error of a handler into its outcome. The end of the handler's
// own context is passed on as what it is; anything else is the application's.
func (r *request) handlerFailure(ctx context.Context, err error) *wire.Failure {
	if ctx.Err() != nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		return ended(ctx.Err(), wire.Yes)
	}
	if f := r.noSuchMethod(err); f != nil {
		return f
	}
	f := wire.Failf(wire.CodeApplication, wire.Yes, "%s", err.Error())
	var inner *wire.Failure
	if !errors.As(err, &inner) {
		return f
	}
	if inner.Code != wire.CodeApplication && inner.Code != 0 { // zero: made by hand, without a code
		f.Details = nestedDetails(inner)
		return f
	}
	f.Description = ownWords(err, inner)
	f.Number, f.Origin, f.Details = inner.Number, inner.Origin, inner.Details
	if f.Number != 0 && f.Origin == "" {
		f.Origin = r.place.service.name
	}
	return f
}

// ownWords is the description of a failure, or the text of an error around it, in which the
// word of the failure's code is left out: it travels beside the text.
func ownWords(err error, f *wire.Failure) string {
	switch {
	case err == error(f):
		return f.Description
	case f.Description == "":
		return err.Error()
	}
	return strings.Replace(err.Error(), f.Error(), f.Description, 1)
}

// nestedDetails says what a call made by the handler ended with, for which its caller is
// not to take it as his own call's outcome: a retry may not be safe.
func nestedDetails(inner *wire.Failure) string {
	whom := "a call made by the handler"
	if !inner.Instance.IsZero() {
		whom += " to " + inner.Instance.String()
	}
	text := fmt.Sprintf("%s ended with %s (%d), delivered %s", whom, inner.Code, inner.Code, inner.Delivered)
	if inner.Details != "" {
		text += "\n" + inner.Details
	}
	return text
}
