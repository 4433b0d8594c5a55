package wire_test

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/pkg/wire"
)

func headers() *rapid.Generator[wire.Header] {
	return rapid.Custom(func(t *rapid.T) wire.Header {
		return wire.Header{
			Kind:   wire.Kind(rapid.Uint8().Draw(t, "kind")),
			Flags:  rapid.Uint8().Draw(t, "flags"),
			Depth:  rapid.Uint8().Draw(t, "depth"),
			Hops:   rapid.Uint8().Draw(t, "hops"),
			ID:     rapid.Uint64().Draw(t, "id"),
			Target: rapid.Uint32().Draw(t, "target"),
			TTL:    rapid.Uint32().Draw(t, "ttl"),
		}
	})
}

func TestHeaderIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := headers().Draw(t, "header")
		body := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "body")
		before := rapid.SliceOfN(rapid.Byte(), 0, 30).Draw(t, "before")
		frame := wire.AppendFrame(before, &h, body)[len(before):]
		want := h
		want.Length = uint32(20 + len(body))
		if got := wire.ParseHeader(frame); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if string(frame[wire.HeaderSize:]) != string(body) {
			t.Errorf("body = %x, want %x", frame[wire.HeaderSize:], body)
		}
	})
}

func TestFrameBegunAndEndedEqualsAWholeOne(t *testing.T) {
	h := wire.Header{Kind: wire.KindResponse, ID: 7}
	buf := wire.BeginFrame([]byte("before"), &h)
	buf = append(buf, "body"...)
	wire.EndFrame(buf, len("before"))
	want := wire.AppendFrame([]byte("before"), &h, []byte("body"))
	if string(buf) != string(want) {
		t.Errorf("got %x, want %x", buf, want)
	}
}

func TestFrameSizeIsCheckedBeforeAnythingElse(t *testing.T) {
	tests := []struct {
		name   string
		length uint32
		limit  int
		size   int
		err    error
	}{
		{"header only", 20, 24, 24, nil},
		{"at the limit", 4076, 4080, 4080, nil},
		{"over the limit by one", 4077, 4080, 0, &wire.FrameLimitError{Size: 4081, Limit: 4080}},
		{"4 GiB", math.MaxUint32, 4 << 20, 0, &wire.FrameLimitError{Size: 1<<32 + 3, Limit: 4 << 20}},
		{"shorter than a header", 19, 4080, 0, wire.ErrShortLength},
		{"zero", 0, 4080, 0, wire.ErrShortLength},
	}
	for _, tt := range tests {
		size, err := wire.FrameSize(binary.LittleEndian.AppendUint32(nil, tt.length), tt.limit)
		if size != tt.size {
			t.Errorf("%s: size = %d, want %d", tt.name, size, tt.size)
		}
		var got, want *wire.FrameLimitError
		switch {
		case errors.As(tt.err, &want):
			if !errors.As(err, &got) || *got != *want {
				t.Errorf("%s: err = %v, want %v", tt.name, err, want)
			}
		case !errors.Is(err, tt.err):
			t.Errorf("%s: err = %v, want %v", tt.name, err, tt.err)
		}
	}
}

func TestFrameLimitErrorSaysBothNumbers(t *testing.T) {
	const want = "wire: frame of 5000 bytes is over the limit of 4096"
	if got := (&wire.FrameLimitError{Size: 5000, Limit: 4096}).Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCallIDKeepsSlotAndGeneration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slot, generation := rapid.Uint32().Draw(t, "slot"), rapid.Uint32().Draw(t, "generation")
		id := wire.CallID(slot, generation)
		if s, g := wire.SplitCallID(id); s != slot || g != generation {
			t.Errorf("SplitCallID(%#x) = %d, %d, want %d, %d", id, s, g, slot, generation)
		}
	})
	if got, want := wire.CallID(5, 2), uint64(0x2_0000_0005); got != want {
		t.Errorf("CallID(5, 2) = %#x, want %#x", got, want)
	}
}

func TestMillisNeverComesEarlyAndNeverOverflows(t *testing.T) {
	tests := []struct {
		name string
		d    time.Duration
		want uint32
	}{
		{"zero", 0, 0},
		{"negative", -time.Hour, 0},
		{"least", math.MinInt64, 0},
		{"a nanosecond", 1, 1},
		{"just under one", time.Millisecond - 1, 1},
		{"one", time.Millisecond, 1},
		{"just over one", time.Millisecond + 1, 2},
		{"an hour", time.Hour, 3_600_000},
		{"the most that fits", math.MaxUint32 * time.Millisecond, math.MaxUint32},
		{"over what fits", math.MaxUint32*time.Millisecond + 1, math.MaxUint32},
		{"for ever", math.MaxInt64, math.MaxUint32},
	}
	for _, tt := range tests {
		if got := wire.Millis(tt.d); got != tt.want {
			t.Errorf("%s: Millis(%d) = %d, want %d", tt.name, tt.d, got, tt.want)
		}
	}
}

func TestKindsHaveNames(t *testing.T) {
	tests := []struct {
		kind  wire.Kind
		name  string
		known bool
	}{
		{0, "Kind(0)", false},
		{wire.KindHello, "Hello", true},
		{wire.KindDrain, "Drain", true},
		{34, "Kind(34)", false},
		{wire.OptionalKind, "Kind(128)", false},
		{255, "Kind(255)", false},
	}
	for _, tt := range tests {
		if got := tt.kind.String(); got != tt.name {
			t.Errorf("String of %d = %q, want %q", uint8(tt.kind), got, tt.name)
		}
		if got := tt.kind.Known(); got != tt.known {
			t.Errorf("Known of %d = %v, want %v", uint8(tt.kind), got, tt.known)
		}
	}
}
