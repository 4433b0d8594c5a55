package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

func FuzzParseMessage(f *testing.F) {
	for _, g := range golden {
		if g.message != nil {
			f.Add(uint8(g.kind), goldenFrame(g.kind, g.id, g.target, g.message)[wire.HeaderSize:])
		}
	}
	f.Add(uint8(wire.KindEvents), []byte("\xa1\x01\x99\x40\x00"))
	f.Add(uint8(wire.KindUpdate), []byte("\xa1\x07\xf6"))
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		m, err := wire.ParseMessage(wire.Kind(kind), body)
		if err != nil {
			if !errors.Is(err, wire.ErrBadMessage) {
				t.Errorf("err = %v, want ErrBadMessage", err)
			}
			return
		}
		once := wire.AppendMessage(nil, 0, 0, m)
		again, err := wire.ParseMessage(wire.Kind(kind), once[wire.HeaderSize:])
		if err != nil {
			t.Fatalf("%+v does not survive: %v", m, err)
		}
		if twice := wire.AppendMessage(nil, 0, 0, again); !bytes.Equal(once, twice) {
			t.Errorf("%+v became %+v", m, again)
		}
	})
}

func FuzzDecodeEvent(f *testing.F) {
	for _, e := range golden {
		if m, ok := e.message.(*wire.Events); ok {
			for _, raw := range m.Events {
				f.Add([]byte(raw))
			}
		}
	}
	f.Add([]byte("\xa1\x03\xf6"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := wire.DecodeEvent(b)
		if err != nil {
			return
		}
		again, err := wire.DecodeEvent(wire.EncodeEvent(&e))
		if err != nil || !bytes.Equal(wire.EncodeEvent(&again), wire.EncodeEvent(&e)) {
			t.Errorf("%+v became %+v, %v", e, again, err)
		}
	})
}

// FuzzFrames splits bytes as a reader does and joins the frames again.
func FuzzFrames(f *testing.F) {
	var all []byte
	for _, g := range golden {
		all = append(all, goldenFrame(g.kind, g.id, g.target, g.message)...)
	}
	for _, g := range goldenCalls {
		all = append(all, g.frame...)
	}
	f.Add(all)
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Add([]byte("\x13\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var joined []byte
		rest := data
		for len(rest) >= 4 {
			size, err := wire.FrameSize(rest, wire.MaxControl)
			if err != nil || len(rest) < size {
				break
			}
			if size < wire.HeaderSize {
				t.Fatalf("FrameSize = %d, want a header at least", size)
			}
			h := wire.ParseHeader(rest)
			joined = wire.AppendFrame(joined, &h, rest[wire.HeaderSize:size])
			rest = rest[size:]
		}
		if !bytes.Equal(append(joined, rest...), data) {
			t.Errorf("%x came back as %x and %x", data, joined, rest)
		}
	})
}

func FuzzPreface(f *testing.F) {
	f.Add([]byte(goodPreface))
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, p []byte) {
		starts, err := wire.PrefaceStarts(p), wire.CheckPreface(p)
		if err == nil && !starts {
			t.Errorf("%x is a preface that does not start as one", p)
		}
		if len(p) >= wire.PrefaceSize && starts == errors.Is(err, wire.ErrNotNetsvc) {
			t.Errorf("%x: PrefaceStarts = %v, CheckPreface = %v", p, starts, err)
		}
		if wire.GuessProtocol(p) == "" {
			t.Errorf("%x: no guess", p)
		}
	})
}
