package wire_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestRequestIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.StringN(1, -1, wire.MaxMethod).Draw(t, "method")
		headers := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "headers")
		args := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "args")
		instance := rapid.Uint32().Draw(t, "instance")
		body, ok := wire.AppendRequest([]byte("before"), method, headers)
		if !ok {
			t.Fatalf("AppendRequest refused %q", method)
		}
		body = append(body, args...)[len("before"):]
		checkRequest(t, body, method, headers, args)

		h := wire.Header{Kind: wire.KindDeliver, ID: 1}
		frame := wire.AppendDeliver(nil, &h, instance, body)
		if len(frame) != wire.DeliverSize(body) {
			t.Errorf("DeliverSize = %d, want %d", wire.DeliverSize(body), len(frame))
		}
		got, r, err := wire.ParseDeliver(frame[wire.HeaderSize:])
		if err != nil || got != instance {
			t.Fatalf("ParseDeliver = %d, %v, want %d", got, err, instance)
		}
		if !bytes.Equal(r.Args, args) || string(r.Method) != method {
			t.Errorf("ParseDeliver: %q %x, want %q %x", r.Method, r.Args, method, args)
		}
	})
}

func checkRequest(t *rapid.T, body []byte, method string, headers, args []byte) {
	r, err := wire.ParseRequest(body)
	if err != nil {
		t.Fatal(err)
	}
	if string(r.Method) != method || !bytes.Equal(r.Headers, headers) || !bytes.Equal(r.Args, args) {
		t.Errorf("got %q %x %x, want %q %x %x", r.Method, r.Headers, r.Args, method, headers, args)
	}
}

func TestRequestBounds(t *testing.T) {
	long := strings.Repeat("m", wire.MaxMethod)
	tests := []struct {
		name, method string
		headers      int
		ok           bool
	}{
		{"all at the limit", long, wire.MaxHeaders, true},
		{"empty method", "", 0, false},
		{"method too long", long + "m", 0, false},
		{"headers too long", "m", wire.MaxHeaders + 1, false},
	}
	for _, tt := range tests {
		dst, ok := wire.AppendRequest([]byte("as it was"), tt.method, make([]byte, tt.headers))
		if ok != tt.ok {
			t.Errorf("%s: AppendRequest = %v, want %v", tt.name, ok, tt.ok)
		}
		if !ok && string(dst) != "as it was" {
			t.Errorf("%s: dst = %q", tt.name, dst)
		}
	}
}

func TestMalformedRequests(t *testing.T) {
	headersOver := append([]byte("\x01m\x01\x20"), make([]byte, wire.MaxHeaders+1)...)
	tests := []struct {
		name string
		body []byte
		ok   bool
	}{
		{"least", []byte("\x01m\x00\x00"), true},
		{"nothing", nil, false},
		{"no method", []byte("\x00\x00\x00"), false},
		{"method longer than the body", []byte("\x05mul"), false},
		{"no headers' length", []byte("\x01m"), false},
		{"half a headers' length", []byte("\x01m\x00"), false},
		{"headers longer than the body", []byte("\x01m\x02\x00\xa0"), false},
		{"headers over the limit", headersOver, false},
	}
	for _, tt := range tests {
		if _, err := wire.ParseRequest(tt.body); (err == nil) != tt.ok || err != nil && !errors.Is(err, wire.ErrBadRequest) {
			t.Errorf("%s: ParseRequest = %v, want ok: %v", tt.name, err, tt.ok)
		}
		if _, _, err := wire.ParseDeliver(append([]byte{1, 0, 0, 0}, tt.body...)); (err == nil) != tt.ok {
			t.Errorf("%s: ParseDeliver = %v, want ok: %v", tt.name, err, tt.ok)
		}
	}
	if _, _, err := wire.ParseDeliver([]byte{1, 0, 0}); !errors.Is(err, wire.ErrBadRequest) {
		t.Errorf("half an instance: ParseDeliver = %v, want ErrBadRequest", err)
	}
}

func TestPartsOfARequestCannotGrowIntoEachOther(t *testing.T) {
	body := requestBody("m", []byte{0xa0}, []byte("args"))
	r, err := wire.ParseRequest(body)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(r.Method, "overwritten"...)
	_ = append(r.Headers, "overwritten"...)
	if string(r.Args) != "args" {
		t.Errorf("Args = %q, want %q", r.Args, "args")
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add(requestBody("multiply", []byte{0xa0}, []byte{0x82, 3, 4}))
	f.Add([]byte("\x05mul"))
	f.Add([]byte("\x01m\xff\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := wire.ParseRequest(body)
		if err != nil {
			return
		}
		again, ok := wire.AppendRequest(nil, string(r.Method), r.Headers)
		if !ok || !bytes.Equal(append(again, r.Args...), body) {
			t.Errorf("%x was read as %+v", body, r)
		}
	})
}

func FuzzParseDeliver(f *testing.F) {
	f.Add(append([]byte{1, 0, 0, 0}, requestBody("multiply", nil, []byte{0x80})...))
	f.Add([]byte{1, 0, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		instance, r, err := wire.ParseDeliver(body)
		if err != nil {
			return
		}
		request, _ := wire.AppendRequest(nil, string(r.Method), r.Headers)
		frame := wire.AppendDeliver(nil, &wire.Header{}, instance, append(request, r.Args...))
		if !bytes.Equal(frame[wire.HeaderSize:], body) {
			t.Errorf("%x was read as %d, %+v", body, instance, r)
		}
	})
}
