package wire_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/pkg/wire"
)

// codes is every code with its word and the number of the contract.
var codes = []struct {
	code   wire.Code
	number int
	word   string
}{
	{wire.CodeUnknown, 40, "unknown"},
	{wire.CodeEncodeArgs, 42, "encode"},
	{wire.CodeDecodeValue, 44, "decode"},
	{wire.CodeNoService, 46, "no_service"},
	{wire.CodeTimeout, 47, "timeout"},
	{wire.CodeCanceled, 48, "canceled"},
	{wire.CodeEncodeValue, 52, "encode"},
	{wire.CodeDecodeArgs, 54, "decode"},
	{wire.CodeNoMethod, 55, "no_method"},
	{wire.CodeBadParams, 56, "bad_params"},
	{wire.CodeApplication, 57, "application"},
	{wire.CodeAborted, 58, "aborted"},
	{wire.CodeLost, 60, "lost"},
	{wire.CodeUnreachable, 61, "unreachable"},
	{wire.CodeBusy, 62, "busy"},
	{wire.CodeDenied, 63, "denied"},
	{wire.CodeTooLarge, 64, "too_large"},
	{wire.CodeDraining, 65, "draining"},
}

func TestCodesHaveTheNumbersAndWordsOfTheContract(t *testing.T) {
	for _, c := range codes {
		if int(c.code) != c.number || c.code.String() != c.word {
			t.Errorf("code %d %q, want %d %q", c.code, c.code, c.number, c.word)
		}
	}
	if got := wire.Code(9999).String(); got != "unknown" {
		t.Errorf("a code of a later version = %q, want unknown", got)
	}
}

func TestFailureIsOnlyOfItsOwnWord(t *testing.T) {
	for _, a := range codes {
		wrapped := fmt.Errorf("call math: %w", &wire.Failure{Code: a.code, Description: "x", Number: 7})
		for _, b := range codes {
			if got, want := errors.Is(wrapped, &wire.Failure{Code: b.code}), a.word == b.word; got != want {
				t.Errorf("%s (%d) is %s (%d): %v, want %v", a.word, a.number, b.word, b.number, got, want)
			}
		}
		if got, want := errors.Is(wrapped, context.DeadlineExceeded), a.code == wire.CodeTimeout; got != want {
			t.Errorf("%s is context.DeadlineExceeded: %v, want %v", a.word, got, want)
		}
		if got, want := errors.Is(wrapped, context.Canceled), a.code == wire.CodeCanceled; got != want {
			t.Errorf("%s is context.Canceled: %v, want %v", a.word, got, want)
		}
		if errors.Is(wrapped, io.EOF) {
			t.Errorf("%s is io.EOF", a.word)
		}
		var f *wire.Failure
		if !errors.As(wrapped, &f) || f.Code != a.code || f.Number != 7 {
			t.Errorf("errors.As of %s gave %+v", a.word, f)
		}
	}
}

func TestFailureNumberAndOrigin(t *testing.T) {
	tests := []struct {
		name    string
		failure wire.Failure
		number  int64
		origin  string
		own     bool
	}{
		{"netsvc's", wire.Failure{Code: wire.CodeBusy}, 62, "netsvc", false},
		{"netsvc's, spelled out", wire.Failure{Code: wire.CodeBusy, Origin: "netsvc"}, 62, "netsvc", false},
		{"application without a number", wire.Failure{Code: wire.CodeApplication}, 57, "netsvc", false},
		{"a service's number", wire.Failure{Code: wire.CodeApplication, Number: 3, Origin: "printer"}, 3, "printer", true},
		{"a service's zero", wire.Failure{Code: wire.CodeApplication, Origin: "printer"}, 0, "printer", true},
		{"a number without an origin", wire.Failure{Code: wire.CodeApplication, Number: -3}, -3, "netsvc", false},
	}
	for _, tt := range tests {
		f := &tt.failure
		if f.FaultNumber() != tt.number || f.OriginName() != tt.origin || f.OwnOrigin() != tt.own {
			t.Errorf("%s: %d %q %v, want %d %q %v", tt.name,
				f.FaultNumber(), f.OriginName(), f.OwnOrigin(), tt.number, tt.origin, tt.own)
		}
	}
}

func TestFailureText(t *testing.T) {
	if got, want := wire.Failf(wire.CodeNoService, wire.No, "nobody is %q", "math").Error(), `no_service: nobody is "math"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := (&wire.Failure{Code: wire.CodeLost}).Error(), "lost"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for d, want := range map[wire.Delivered]string{wire.No: "no", wire.Maybe: "maybe", wire.Yes: "yes", 3: "maybe"} {
		if got := d.String(); got != want {
			t.Errorf("Delivered(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestFailureIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := wire.Failure{
			Code:        wire.Code(rapid.Uint16().Draw(t, "code")),
			Delivered:   wire.Delivered(rapid.Uint8Range(0, 2).Draw(t, "delivered")),
			Number:      rapid.Int64().Draw(t, "number"),
			Description: rapid.StringN(0, 50, -1).Draw(t, "description"),
			Origin:      rapid.StringN(0, 20, -1).Draw(t, "origin"),
			Details:     rapid.StringN(0, 50, -1).Draw(t, "details"),
		}
		frame := wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: 9, Target: 4}, &want)
		h := wire.ParseHeader(frame)
		got, err := wire.ParseFailure(h.Flags, frame[wire.HeaderSize:])
		if err != nil {
			t.Fatal(err)
		}
		if *got != want {
			t.Errorf("got %+v, want %+v", *got, want)
		}
		if h.ID != 9 || h.Target != 4 || int(h.Length) != len(frame)-4 {
			t.Errorf("header = %+v", h)
		}
		if code, err := wire.FailureCode(frame[wire.HeaderSize:]); err != nil || code != want.Code {
			t.Errorf("FailureCode = %v, %v, want %v", code, err, want.Code)
		}
	})
}

func TestFailureKeepsTheOtherFlags(t *testing.T) {
	h := wire.Header{Kind: wire.KindFailure, Flags: 0xff}
	frame := wire.AppendFailure(nil, h, wire.Failf(wire.CodeBusy, wire.No, ""))
	if got := wire.ParseHeader(frame).Flags; got != 0xfc {
		t.Errorf("flags = %#x, want 0xfc", got)
	}
}

func TestUnknownDeliveredSaysMaybe(t *testing.T) {
	body := binary.LittleEndian.AppendUint16(nil, uint16(wire.CodeLost))
	f, err := wire.ParseFailure(0xff, body)
	if err != nil || f.Delivered != wire.Maybe {
		t.Errorf("ParseFailure = %+v, %v, want maybe", f, err)
	}
}

func TestTextsOfAFailureAreCutAtARune(t *testing.T) {
	tests := []struct {
		name, text string
		want       string // "" for: valid, within the limit and not shorter than it by a rune
	}{
		{"short", "paper jam", "paper jam"},
		{"invalid bytes", "a\xff\xfeb\xc3", "a\uFFFDb\uFFFD"},
		{"long ASCII", strings.Repeat("x", 100_000), ""},
		{"long two-byte runes", "x" + strings.Repeat("ü", 100_000), ""},
		{"long four-byte runes", strings.Repeat("\U0001F600", 50_000), ""},
		{"long invalid bytes", strings.Repeat("\xffx", 100_000), ""},
	}
	for _, tt := range tests {
		f := &wire.Failure{Code: wire.CodeApplication, Description: tt.text, Origin: tt.text, Details: tt.text}
		frame := wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure}, f)
		got, err := wire.ParseFailure(0, frame[wire.HeaderSize:])
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		checkCut(t, tt.name+", description", got.Description, tt.want, 4<<10)
		checkCut(t, tt.name+", origin", got.Origin, tt.want, 128)
		checkCut(t, tt.name+", details", got.Details, tt.want, 32<<10)
	}
}

func checkCut(t *testing.T, name, got, want string, limit int) {
	t.Helper()
	if want != "" && got != want {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
	if !utf8.ValidString(got) {
		t.Errorf("%s: not valid UTF-8", name)
	}
	if want == "" && (len(got) > limit || len(got) <= limit-utf8.UTFMax) {
		t.Errorf("%s: %d bytes, want just up to %d", name, len(got), limit)
	}
}

func TestMalformedFailures(t *testing.T) {
	tests := []struct{ name, body string }{
		{"nothing", ""},
		{"half a code", "\x28"},
		{"detail is no map", "\x28\x00\x80"},
		{"detail is null", "\x28\x00\xf6"},
		{"detail is cut", "\x28\x00\xa1\x02"},
		{"bytes behind the detail", "\x28\x00\xa0\x00"},
		{"description is no text", "\x28\x00\xa1\x02\x05"},
		{"description is not UTF-8", "\x28\x00\xa1\x02\x61\xff"},
		{"number over int64", "\x28\x00\xa1\x01\x1b\xff\xff\xff\xff\xff\xff\xff\xff"},
		{"duplicate key", "\x28\x00\xa2\x01\x01\x01\x02"},
	}
	for _, tt := range tests {
		if f, err := wire.ParseFailure(0, []byte(tt.body)); !errors.Is(err, wire.ErrBadFailure) {
			t.Errorf("%s: ParseFailure = %+v, %v, want ErrBadFailure", tt.name, f, err)
		}
	}
}

func FuzzParseFailure(f *testing.F) {
	for _, g := range goldenCalls {
		f.Add(wire.ParseHeader(g.frame).Flags, g.frame[wire.HeaderSize:])
	}
	f.Add(uint8(3), []byte("\x28\x00\xa1\x02\x61\xff"))
	f.Fuzz(func(t *testing.T, flags uint8, body []byte) {
		got, err := wire.ParseFailure(flags, body)
		if err != nil {
			if !errors.Is(err, wire.ErrBadFailure) {
				t.Errorf("err = %v, want ErrBadFailure", err)
			}
			return
		}
		frame := wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure}, got)
		again, err := wire.ParseFailure(wire.ParseHeader(frame).Flags, frame[wire.HeaderSize:])
		if err != nil {
			t.Fatalf("%+v does not survive: %v", got, err)
		}
		if again.Code != got.Code || again.Delivered != got.Delivered || again.Number != got.Number {
			t.Errorf("%+v became %+v", got, again)
		}
	})
}
