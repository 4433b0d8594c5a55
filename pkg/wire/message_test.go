package wire_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestMessagesAreReadAsTheyWereWritten(t *testing.T) {
	t.Run("Hello", roundTrip[wire.Hello])
	t.Run("Welcome", roundTrip[wire.Welcome])
	t.Run("Bye", roundTrip[wire.Bye])
	t.Run("Announce", roundTrip[wire.Announce])
	t.Run("Announced", roundTrip[wire.Announced])
	t.Run("Update", roundTrip[wire.Update])
	t.Run("Withdraw", roundTrip[wire.Withdraw])
	t.Run("Bind", roundTrip[wire.Bind])
	t.Run("Unbind", roundTrip[wire.Unbind])
	t.Run("Watch", roundTrip[wire.Watch])
	t.Run("Unwatch", roundTrip[wire.Unwatch])
	t.Run("Describe", roundTrip[wire.Describe])
	t.Run("Described", roundTrip[wire.Described])
	t.Run("Subscribe", roundTrip[wire.Subscribe])
	t.Run("Unsubscribe", roundTrip[wire.Unsubscribe])
	t.Run("Expire", roundTrip[wire.Expire])
	t.Run("Notice", roundTrip[wire.Notice])
}

// roundTrip compares encoded forms, in which an empty list and none are the same.
func roundTrip[T any](t *testing.T) {
	generator := rapid.Make[T]()
	rapid.Check(t, func(t *rapid.T) {
		v := generator.Draw(t, "message")
		frame := wire.AppendMessage(nil, 3, 4, any(&v).(wire.Message))
		h := wire.ParseHeader(frame)
		got, err := wire.ParseMessage(h.Kind, frame[wire.HeaderSize:])
		if err != nil {
			t.Fatal(err)
		}
		if again := wire.AppendMessage(nil, 3, 4, got); !bytes.Equal(again, frame) {
			t.Errorf("got %+v, want %+v", got, v)
		}
	})
}

func TestEventsAreReadAsTheyWereWritten(t *testing.T) {
	generator := rapid.Make[wire.Event]()
	rapid.Check(t, func(t *rapid.T) {
		v := generator.Draw(t, "event")
		frame := wire.AppendMessage(nil, 0, 2, &wire.Events{Events: []cbor.RawMessage{wire.EncodeEvent(&v)}})
		m, err := wire.ParseMessage(wire.KindEvents, frame[wire.HeaderSize:])
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.DecodeEvent(m.(*wire.Events).Events[0])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(wire.EncodeEvent(&got), wire.EncodeEvent(&v)) {
			t.Errorf("got %+v, want %+v", got, v)
		}
	})
}

func TestUpdateTellsEmptyFromLeftOut(t *testing.T) {
	var labels map[string]string
	var methods []byte
	frame := wire.AppendMessage(nil, 0, 0, &wire.Update{Labels: &labels, Methods: &methods})
	m, err := wire.ParseMessage(wire.KindUpdate, frame[wire.HeaderSize:])
	if err != nil {
		t.Fatal(err)
	}
	got := m.(*wire.Update)
	if got.Labels == nil || got.Methods == nil {
		t.Errorf("labels and methods set to nothing arrived as %v, %v: left out", got.Labels, got.Methods)
	}
	if got.Hidden != nil || got.Version != nil || got.Description != nil {
		t.Errorf("fields left out arrived as %v, %v, %v", got.Hidden, got.Version, got.Description)
	}
}

func TestHelloAndByeCanAlwaysBeRead(t *testing.T) {
	bad := strings.Repeat("\xffü", 5000)
	hello := &wire.Hello{Process: wire.Process{Host: bad, User: bad, Program: bad}, Library: bad}
	frame := wire.AppendMessage(nil, 0, 0, hello)
	if len(frame) > wire.MaxHello {
		t.Errorf("Hello of %d bytes, want at most %d", len(frame), wire.MaxHello)
	}
	if _, err := wire.ParseMessage(wire.KindHello, frame[wire.HeaderSize:]); err != nil {
		t.Errorf("Hello: %v", err)
	}
	if hello.Process.Host != bad {
		t.Error("AppendMessage changed the message it was given")
	}
	frame = wire.AppendMessage(nil, 0, 0, &wire.Bye{Text: bad})
	if _, err := wire.ParseMessage(wire.KindBye, frame[wire.HeaderSize:]); err != nil {
		t.Errorf("Bye: %v", err)
	}
}

func TestUnknownKeysAreIgnored(t *testing.T) {
	tests := []struct{ name, body string }{
		{"a number", "\xa2\x01\x05\x18\x63\x01"},
		{"a negative key", "\xa2\x01\x05\x20\x01"},
		{"a text key", "\xa2\x01\x05\x61\x31\x09"},
		{"a nested value", "\xa2\x01\x05\x18\x63\xa1\x01\x82\x01\x02"},
	}
	for _, tt := range tests {
		m, err := wire.ParseMessage(wire.KindUnbind, []byte(tt.body))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if got := m.(*wire.Unbind).Handle; got != 5 {
			t.Errorf("%s: handle = %d, want 5", tt.name, got)
		}
	}
}

func TestMessageAtItsSizeLimitIsTaken(t *testing.T) {
	methods := make([]byte, wire.MaxSignatures)
	frame := wire.AppendMessage(nil, 0, 0, &wire.Announce{Name: "math", Methods: methods})
	m, err := wire.ParseMessage(wire.KindAnnounce, frame[wire.HeaderSize:])
	if err != nil {
		t.Fatal(err)
	}
	if got := len(m.(*wire.Announce).Methods); got != len(methods) {
		t.Errorf("%d bytes of methods, want %d", got, len(methods))
	}
}

func TestMessageKeepsNoPartOfTheBody(t *testing.T) {
	for _, g := range golden {
		if g.message == nil {
			continue
		}
		body := goldenFrame(g.kind, g.id, g.target, g.message)[wire.HeaderSize:]
		m, err := wire.ParseMessage(g.kind, body)
		if err != nil {
			t.Fatal(err)
		}
		for i := range body {
			body[i] = 0xff // the read buffer is used again
		}
		if !reflect.DeepEqual(m, g.message) {
			t.Errorf("%s: changed with its frame to %+v", g.name, m)
		}
	}
}
