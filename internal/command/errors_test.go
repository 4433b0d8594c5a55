package command_test

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestExplain(t *testing.T) {
	for _, tc := range []struct {
		err  error
		code string
		exit int
	}{
		{wire.Failf(wire.CodeUnknown, wire.Maybe, "?"), "unknown", 1},
		{wire.Failf(wire.CodeNoService, wire.No, "?"), "no_service", 3},
		{wire.Failf(wire.CodeNoMethod, wire.No, "?"), "no_method", 3},
		{wire.Failf(wire.CodeApplication, wire.Yes, "?"), "application", 4},
		{wire.Failf(wire.CodeAborted, wire.Yes, "?"), "aborted", 4},
		{wire.Failf(wire.CodeEncodeValue, wire.Yes, "?"), "encode", 4},
		{wire.Failf(wire.CodeDecodeValue, wire.Yes, "?"), "decode", 4},
		{wire.Failf(wire.CodeTimeout, wire.Maybe, "?"), "timeout", 5},
		{wire.Failf(wire.CodeUnreachable, wire.Maybe, "?"), "unreachable", 6},
		{wire.Failf(wire.CodeLost, wire.Maybe, "?"), "lost", 6},
		{wire.Failf(wire.CodeDenied, wire.No, "?"), "denied", 7},
		{wire.Failf(wire.CodeBadParams, wire.No, "?"), "bad_params", 8},
		{wire.Failf(wire.CodeTooLarge, wire.No, "?"), "too_large", 8},
		{wire.Failf(wire.CodeEncodeArgs, wire.No, "?"), "encode", 8},
		{wire.Failf(wire.CodeDecodeArgs, wire.No, "?"), "decode", 8},
		{wire.Failf(wire.CodeBusy, wire.No, "?"), "busy", 10},
		{wire.Failf(wire.CodeDraining, wire.No, "?"), "draining", 10},
		{wire.Failf(wire.CodeCanceled, wire.Maybe, "?"), "canceled", 130},
		{fmt.Errorf("while calling: %w", wire.Failf(wire.CodeLost, wire.Maybe, "?")), "lost", 6},
		{wire.Failf(99, wire.Maybe, "?"), "unknown", 1},
		{&value.TypeError{Want: "int", Got: "text"}, "bad_params", 8},
		{&value.ArityError{Want: 2, Got: 3}, "bad_params", 8},
		{&value.ArgumentError{Name: "x", Reason: "missing"}, "bad_params", 8},
		{&value.UsageError{Reason: "no file"}, "usage", 2},
		{&value.EncodeError{Reason: "a channel"}, "encode", 8},
		{&value.DecodeError{Reason: "short"}, "decode", 4},
		{&wire.VersionError{Peer: 9}, "unreachable", 6},
		{wire.ErrNotNetsvc, "unreachable", 6},
		{context.DeadlineExceeded, "timeout", 5},
		{context.Canceled, "canceled", 130},
		{&command.Interrupted{Signal: syscall.SIGTERM}, "canceled", 143},
		{errors.New("disk full"), "internal", 1},
		{command.Usage("", "wrong"), "usage", 2},
	} {
		t.Run(tc.err.Error()+" "+tc.code, func(t *testing.T) {
			e := command.Explain(context.Background(), tc.err)
			if e.Code != tc.code || e.Exit != tc.exit {
				t.Errorf("code %s, exit %d; want %s, %d", e.Code, e.Exit, tc.code, tc.exit)
			}
		})
	}
}

func TestExplainOfNothing(t *testing.T) {
	if e := command.Explain(context.Background(), nil); e != nil {
		t.Errorf("Explain(nil) = %v", e)
	}
}

func TestExplainTellsTheSignal(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		want int
	}{
		{"a call given up", wire.Failf(wire.CodeCanceled, wire.Maybe, "?"), 143},
		{"connecting given up", wire.Failf(wire.CodeUnreachable, wire.No, "?"), 143},
		{"a failure that came first", wire.Failf(wire.CodeApplication, wire.Yes, "?"), 4},
		{"an exchange lost in the call", wire.Failf(wire.CodeUnreachable, wire.Maybe, "?"), 6},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, end := context.WithCancelCause(context.Background())
			end(&command.Interrupted{Signal: syscall.SIGTERM})
			if e := command.Explain(ctx, tc.err); e.Exit != tc.want {
				t.Errorf("exit = %d, want %d", e.Exit, tc.want)
			}
		})
	}
}

func TestErrorLines(t *testing.T) {
	instance := wire.Address{Origin: 1, Name: "math", Number: 3}
	for _, tc := range []struct {
		name, line, json string
		err              *command.Error
	}{
		{"a misspelt method",
			"netsvc: math.multipy: no such method (did you mean multiply?)",
			`{"error":{"code":"no_method","number":55,"exit":3,"message":"no such method","service":"math","method":"multipy","instance":null,"delivered":"no","origin":"netsvc","details":"","hint":"multiply","retryable":true}}`,
			&command.Error{Code: "no_method", Exit: 3, Message: "no such method", Service: "math", Method: "multipy", Hint: "multiply", Meant: true,
				Failure: wire.Failf(wire.CodeNoMethod, wire.No, "no such method")}},
		{"a failure with numbers of its own",
			"netsvc: math.divide: <no> zero",
			`{"error":{"code":"application","number":7,"exit":4,"message":"<no> zero","service":"math","method":"divide","instance":"math@3","delivered":"yes","origin":"math","details":"a\nb","hint":"","retryable":false}}`,
			&command.Error{Code: "application", Exit: 4, Message: "<no> zero", Service: "math", Method: "divide", Detailed: "a\nb",
				Failure: &wire.Failure{Code: wire.CodeApplication, Number: 7, Origin: "math", Delivered: wire.Yes, Instance: instance}}},
		{"a call that may have run",
			"netsvc: math.slow: lost it (the method may have run)",
			`{"error":{"code":"lost","number":60,"exit":6,"message":"lost it","service":"math","method":"slow","instance":null,"delivered":"maybe","origin":"netsvc","details":"","hint":"","retryable":false}}`,
			&command.Error{Code: "lost", Exit: 6, Message: "lost it", Service: "math", Method: "slow", Failure: wire.Failf(wire.CodeLost, wire.Maybe, "lost it")}},
		{"a wrong command line",
			`netsvc: unknown flag --x (netsvc --help lists the flags)`,
			`{"error":{"code":"usage","number":null,"exit":2,"message":"unknown flag --x","service":null,"method":null,"instance":null,"delivered":"no","origin":"netsvc","details":"","hint":"netsvc --help lists the flags","retryable":false}}`,
			&command.Error{Code: "usage", Exit: 2, Message: "unknown flag --x", Hint: "netsvc --help lists the flags"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.err.Line(render.Look{}); got != tc.line {
				t.Errorf("line = %s\nwant   %s", got, tc.line)
			}
			if got := string(tc.err.JSON()); got != tc.json {
				t.Errorf("json = %s\nwant   %s", got, tc.json)
			}
		})
	}
}

func TestErrorLineIsOneLineAndSafe(t *testing.T) {
	e := &command.Error{Message: "a\nb\x1b[2J\u202e"}
	if got, want := e.Line(render.Look{Terminal: true}), `netsvc: a\nb\x1b[2J\u202e`; got != want {
		t.Errorf("on a terminal %q, want %q", got, want)
	}
	if got, want := e.Line(render.Look{}), "netsvc: a\\nb\x1b[2J\u202e"; got != want {
		t.Errorf("in a pipe %q, want %q", got, want)
	}
}
