package relay

import (
	"bytes"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestTranslate(t *testing.T) {
	body, _ := wire.AppendRequest(nil, "multiply", nil)
	header := wire.Header{Kind: wire.KindRequest, Depth: 2, ID: wire.CallID(3, 4), Target: 7, TTL: 900}
	request := wire.AppendFrame(nil, &header, body)
	header.Kind = wire.KindDeliver
	delivered := wire.AppendDeliver(nil, &header, 0, body)
	bind := wire.AppendMessage(nil, 0, 0, &wire.Bind{Handle: 1, Target: "math"})
	cancel := wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCancel, ID: wire.CallID(3, 4)}, nil)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	tests := []struct {
		name  string
		data  []byte
		out   []byte
		taken int
	}{
		{"nothing", nil, nil, 0},
		{"a request becomes a deliver", request, delivered, len(request)},
		{"a bind is left out", join(bind, request), delivered, len(bind) + len(request)},
		{"all else is copied", join(cancel, request), join(cancel, delivered), len(cancel) + len(request)},
		{"a part of a frame is kept", join(request, request[:30]), delivered, len(request)},
		{"a part of a header is kept", join(request, request[:10]), delivered, len(request)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, taken, err := translate(nil, tt.data)
			if err != nil || taken != tt.taken || !bytes.Equal(out, tt.out) {
				t.Errorf("translate = %x, %d, %v, want %x, %d, no error", out, taken, err, tt.out, tt.taken)
			}
		})
	}
}

func TestTranslateRefusesALengthThatCannotBe(t *testing.T) {
	if _, _, err := translate(nil, make([]byte, wire.HeaderSize)); err == nil {
		t.Error("translate took a frame of length 0")
	}
}
