package systemtest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// newFailing is a service whose methods end in each way a method can.
func newFailing() *service.Service {
	s := service.New("failing", &service.ServiceOptions{Logger: slog.New(slog.DiscardHandler)})
	s.Export("echo", func(v any) any { return v }, nil)
	s.Export("add", func(x, y int64) int64 { return x + y }, nil)
	s.Export("plain", func() error { return errors.New("no luck") }, nil)
	s.Export("own", func() error {
		f := service.Fail(-7, "by zero")
		f.Origin, f.Details = "arithmetic", "x/0\nline two"
		return f
	}, nil)
	s.Export("ownPlain", func() error { return service.Fail(12, "a dozen") }, nil)
	s.Export("panic", func() { panic("boom") }, nil)
	s.Export("exit", func() { runtime.Goexit() }, nil)
	s.Export("unencodable", func() any { return map[string]any{"c": make(chan int)} }, nil)
	s.Export("undecodable", func() value.Raw { return value.Raw{0xff, 0x00} }, nil)
	s.Export("large", func() []byte { return make([]byte, 5<<20) }, nil)
	return s
}

// TestR_01_Outcomes is every failure that a call can have without anybody's death: code,
// number, whether a retry is safe, who was chosen, and what errors.Is finds.
func TestR_01_Outcomes(t *testing.T) {
	const ( // whether the failure names the instance
		nobody = false
		chosen = true
	)
	past, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name      string
		target    string
		method    string
		args      []any
		ctx       context.Context // nil: a patient one
		is        error
		number    int
		delivered service.Delivered
		by        bool
		says      string // in the description or the details
	}{
		{"nobody of that name", "nobody", "x", nil, nil, service.ErrNoService, 46, service.No, nobody, `"nobody"`},
		{"nobody of that address", "failing@999", "x", nil, nil, service.ErrNoService, 46, service.No, nobody, "failing@999"},
		{"no target at all", "what ever", "x", nil, nil, service.ErrNoService, 46, service.No, nobody, "what ever"},
		{"no such method", "failing", "ad", nil, nil, service.ErrNoMethod, 55, service.No, chosen, "add"},
		{"a method without a name", "failing", "", nil, nil, service.ErrNoMethod, 55, service.No, nobody, "1 to"},
		{"too few arguments", "failing", "add", []any{1}, nil, service.ErrBadParams, 56, service.No, chosen, "expected 2 arguments, got 1"},
		{"too many arguments", "failing", "add", []any{1, 2, 3}, nil, service.ErrBadParams, 56, service.No, chosen, "expected 2 arguments, got 3"},
		{"wrong type", "failing", "add", []any{1, "two"}, nil, service.ErrBadParams, 56, service.No, chosen, "text"},
		{"an argument that cannot travel", "failing", "echo", []any{map[string]any{"deep": []any{make(chan int)}}}, nil, service.ErrEncode, 42, service.No, nobody, "deep"},
		{"a request over the limit", "failing", "echo", []any{make([]byte, 5<<20)}, nil, service.ErrTooLarge, 64, service.No, nobody, "4194304"},
		{"a result over the limit", "failing", "large", nil, nil, service.ErrTooLarge, 64, service.Yes, chosen, "4194304"},
		{"a result that cannot travel", "failing", "unencodable", nil, nil, service.ErrEncode, 52, service.Yes, chosen, "c"},
		{"a result that cannot be read", "failing", "undecodable", nil, nil, service.ErrDecode, 44, service.Yes, chosen, "result"},
		{"an error of the method", "failing", "plain", nil, nil, service.ErrApplication, 57, service.Yes, chosen, "no luck"},
		{"a panic", "failing", "panic", nil, nil, service.ErrApplication, 57, service.Yes, chosen, "boom"},
		{"an abandoned request", "failing", "exit", nil, nil, service.ErrAborted, 58, service.Yes, chosen, "without an answer"},
		{"a caller that has given up", "failing", "echo", []any{1}, past, service.ErrCanceled, 48, service.No, nobody, "gave up"},
	}
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc := newFailing()
		n.announce(svc)
		client := n.connect(nil)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				ctx := tt.ctx
				if ctx == nil {
					ctx = patient(t)
				}
				v, err := client.Endpoint(tt.target).Call(ctx, tt.method, tt.args...)
				if v != nil {
					t.Errorf("beside the failure came %v", v) // OSE's B2
				}
				w := want{tt.is, tt.number, tt.delivered, service.Address{}}
				if tt.by {
					w.by = svc.Address()
				}
				f := w.check(t, err)
				if !strings.Contains(f.Description+"\n"+f.Details, tt.says) {
					t.Errorf("%q, %q do not say %q", f.Description, f.Details, tt.says)
				}
				if f.OwnOrigin() || f.FaultNumber() != int64(tt.number) {
					t.Errorf("origin %q and fault number %d, want netsvc's own %d", f.OriginName(), f.FaultNumber(), tt.number)
				}
				if strings.Contains(f.Description+f.Details, "[running]") || strings.Contains(f.Description+f.Details, ".go:") {
					t.Errorf("the failure shows a stack: %q, %q", f.Description, f.Details)
				}
			})
		}
		if v := call(t, client.Endpoint("failing"), "add", 2, 3); v != int64(5) {
			t.Errorf("after all that add(2, 3) = %v, want 5", v)
		}
		if lost := client.Stats().Lost; lost != 0 {
			t.Errorf("the caller lost %d links, want none", lost)
		}
	})
}

// TestR_02_OwnNumbersArriveUnchanged, with every text beside them.
func TestR_02_OwnNumbersArriveUnchanged(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		svc := newFailing()
		n.announce(svc)
		client := n.connect(nil)
		f := want{service.ErrApplication, 57, service.Yes, svc.Address()}.check(t, failing(client.Endpoint("failing"), "own"))
		if f.Number != -7 || f.Description != "by zero" || f.Origin != "arithmetic" || f.Details != "x/0\nline two" {
			t.Errorf("the failure is %+v, want number -7 of arithmetic with its texts", f)
		}
		f = want{service.ErrApplication, 57, service.Yes, svc.Address()}.check(t, failing(client.Endpoint("failing"), "ownPlain"))
		if f.Number != 12 || f.Origin != "failing" {
			t.Errorf("the failure is %+v, want number 12 of failing", f)
		}
	})
}

// TestFault_05_HandlerPanics is that the caller gets the text of a panic, the service's log
// the stack, and the service lives.
func TestFault_05_HandlerPanics(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		var log logBook
		svc := service.New("failing", &service.ServiceOptions{Logger: log.logger()})
		svc.Export("panic", func() { panic(errors.New("boom")) }, nil)
		svc.Export("index", func(i int) int { return []int{1, 2}[i] }, nil)
		n.announce(svc)
		client := n.connect(nil)
		for method, args := range map[string][]any{"panic": nil, "index": {7}} {
			f := want{service.ErrApplication, 57, service.Yes, svc.Address()}.check(t, failing(client.Endpoint("failing"), method, args...))
			if !strings.Contains(f.Description, "boom") && !strings.Contains(f.Description, "out of range [7]") {
				t.Errorf("the description %q does not say what happened", f.Description)
			}
		}
		if v := call(t, client.Endpoint("failing"), "index", 1); v != int64(2) {
			t.Errorf("after two panics index(1) = %v, want 2", v)
		}
		if got := log.String(); strings.Count(got, "r01_outcomes_test.go") < 2 {
			t.Errorf("the service's log has no stacks: %s", got)
		}
	})
}

// TestFault_20_PayloadsThatAreNoValues: the call fails, at the end that reads, and the link
// lives.
func TestFault_20_PayloadsThatAreNoValues(t *testing.T) {
	nested := append(bytes.Repeat([]byte{0x81}, 10_000), 0xf6)
	many := append([]byte{0x9a, 0x00, 0x0f, 0x42, 0x41}, bytes.Repeat([]byte{0xf6}, 1_000_001)...)
	payloads := map[string][]byte{
		"10,000 levels":           nested,
		"over 1,000,000 elements": many,
		"a million announced":     {0x9a, 0x00, 0x0f, 0x42, 0x40},
		"2^64-1 announced":        {0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"duplicate keys":          {0xa2, 0x61, 'a', 0x01, 0x61, 'a', 0x02},
		"invalid UTF-8":           {0x62, 0xc3, 0x28},
		"overlong UTF-8":          {0x62, 0xc0, 0xaf},
		"cut short":               {0x19, 0x01},
		"a reserved head":         {0x1c},
		"a break":                 {0xff},
		"a key that is no text":   {0xa1, 0x01, 0x02},
		"trailing bytes":          {0x01, 0x01},
	}
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		svc := service.New("mirror", nil)
		svc.Export("take", func(any) {}, nil)
		var bad []byte
		svc.Export("give", func() value.Raw { return value.Raw(bad) }, nil)
		n.announce(svc)
		client := n.connect(nil)
		mirror := client.Endpoint("mirror")
		for name, payload := range payloads {
			t.Run(name, func(t *testing.T) {
				args := append([]byte{0x81}, payload...) // a list of one argument
				_, err := mirror.CallRaw(patient(t), "take", args, nil)
				want{service.ErrDecode, 54, service.No, svc.Address()}.check(t, err)
				bad = payload
				want{service.ErrDecode, 44, service.Yes, svc.Address()}.check(t, failing(mirror, "give"))
				_, err = service.Call[map[string]int](patient(t), mirror, "give")
				want{service.ErrDecode, 44, service.Yes, svc.Address()}.check(t, err)
			})
		}
		for name, args := range map[string][]byte{"no list": {0x01}, "a map": {0xa0}, "text": {0x61, 'a'}} {
			t.Run("arguments are "+name, func(t *testing.T) {
				_, err := mirror.CallRaw(patient(t), "take", args, nil)
				want{service.ErrDecode, 54, service.No, svc.Address()}.check(t, err)
			})
		}
		call(t, mirror, "take", 1)
		if s := ex.Stats(); client.Stats().Lost != 0 || s.Violations != 0 || s.Sessions != 2 {
			t.Errorf("%d links were lost, with %d violations, %d sessions left; want 0, 0, 2", client.Stats().Lost, s.Violations, s.Sessions)
		}
	})
}

// TestFault_04_ServiceIsUnharmed by calls that do not fit, sent by many at once.
func TestFault_04_ServiceIsUnharmed(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		n.announce(newFailing())
		client := n.connect(nil)
		e := client.Endpoint("failing")
		var ended []<-chan outcome
		for range 50 {
			ended = append(ended, start(patient(t), e, "ad"), start(patient(t), e, "add"), start(patient(t), e, "add", "x", 1), start(patient(t), e, "add", 1, 1))
		}
		for i, number := range []int{55, 56, 56} {
			for j := range 50 {
				o := testnet.Receive(t, "the outcome", ended[4*j+i])
				var f *service.Failure
				if !errors.As(o.err, &f) || int(f.Code) != number {
					t.Errorf("call %d ended with %v, want %d", 4*j+i, o.err, number)
				}
			}
		}
		for j := range 50 {
			wantValue(t, testnet.Receive(t, "the outcome", ended[4*j+3]), int64(2))
		}
	})
}
