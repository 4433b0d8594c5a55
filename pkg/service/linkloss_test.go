package service_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestLostLinkEndsCalls: pending calls end as unreachable, maybe; new ones at once, no.
func TestLostLinkEndsCalls(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		e := conn.Endpoint("math")
		a, b := start(t.Context(), e, "a"), start(t.Context(), e, "b")
		p.bound("math")
		p.request()
		p.request()
		s.set(func() { s.dialErr = errors.New("connection refused") })
		p.lose()
		for _, ended := range []<-chan outcome{a, b} {
			o := <-ended
			wantFailure(t, o.err, wire.CodeUnreachable, wire.Maybe)
			if o.after != 0 {
				t.Errorf("ended after %v, want at once", o.after)
			}
		}
		_, err := e.Call(t.Context(), "c")
		wantFailure(t, err, wire.CodeUnreachable, wire.No)
		time.Sleep(time.Second)
		_, err = e.Call(t.Context(), "c")
		if f := wantFailure(t, err, wire.CodeUnreachable, wire.No); !strings.Contains(f.Description, "connection refused") {
			t.Errorf("description %q does not say why", f.Description)
		}
	})
}

// TestGoodbyeOfTheExchange: one that has drained left the calls that are still open unread;
// of any other nobody knows.
func TestGoodbyeOfTheExchange(t *testing.T) {
	for name, tt := range map[string]struct {
		reason    wire.Reason
		code      wire.Code
		delivered wire.Delivered
	}{
		"drained": {wire.ReasonDrained, wire.CodeDraining, wire.No},
		"closed":  {wire.ReasonClosed, wire.CodeUnreachable, wire.Maybe},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				e := conn.Endpoint("math")
				a, b := start(t.Context(), e, "a"), start(t.Context(), e, "b")
				p.bound("math")
				p.respond(p.request().ID, 1, "there")
				p.request()
				p.send(wire.AppendMessage(nil, 0, 0, &wire.Bye{Reason: tt.reason, Text: "the exchange is shutting down"}))
				first, second := <-a, <-b
				if first.err != nil {
					first, second = second, first
				}
				if first.value != "there" {
					t.Errorf("the answered call = %v, %v, want an answer", first.value, first.err)
				}
				wantFailure(t, second.err, tt.code, tt.delivered)
			})
		})
	}
}

// TestAddressOfAnEarlierExchange: an address never reaches a stranger; a name goes on.
func TestAddressOfAnEarlierExchange(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		byAddress, byName := conn.Endpoint("math@3"), conn.Endpoint("math")
		at := conn.At(service.Address{Origin: testOrigin, Name: "math", Number: 3})
		s.set(func() { s.welcome.Origin++ })
		p.lose()
		p = <-s.peers
		if err := conn.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, e := range []*service.Endpoint{byAddress, at} {
			_, err := e.Call(t.Context(), "x")
			if f := wantFailure(t, err, wire.CodeNoService, wire.No); f.Details != "address of an earlier exchange" {
				t.Errorf("details are %q", f.Details)
			}
		}
		ended := start(t.Context(), byName, "x")
		p.bound("math")
		p.respond(p.request().ID, 1, "there")
		if o := <-ended; o.value != "there" {
			t.Errorf("by name: %v, %v, want an answer", o.value, o.err)
		}
	})
}

func TestAddressLearntBeforeTheFirstConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t)
		conn, err := service.Connect(t.Context(), "script", &service.Options{Background: true, Dial: s.dial})
		if err != nil {
			t.Fatal(err)
		}
		defer s.close(conn)
		e := conn.Endpoint("@5")
		p := <-s.peers
		if err := conn.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		ended := start(t.Context(), e, "x")
		p.bound("@5")
		p.respond(p.request().ID, 5, nil)
		if o := <-ended; o.err != nil {
			t.Errorf("Call = %v, want a result from the first exchange", o.err)
		}
	})
}

// TestProtocolViolationsEndTheLink and are not forgiven: the Conn connects anew.
func TestProtocolViolationsEndTheLink(t *testing.T) {
	tests := []struct {
		name  string
		frame []byte
	}{
		{"answer to no call", wire.AppendHeader(nil, &wire.Header{Kind: wire.KindResponse, ID: 5}, 0)},
		{"answer to a slot far away", wire.AppendHeader(nil, &wire.Header{Kind: wire.KindResponse, ID: 1 << 31}, 0)},
		{"answer to no question", wire.AppendHeader(nil, &wire.Header{Kind: wire.KindDone, ID: 5}, 0)},
		{"extended header", wire.AppendHeader(nil, &wire.Header{Kind: wire.KindBeat, Flags: wire.FlagExtended}, 0)},
		{"request from an exchange", wire.AppendHeader(nil, &wire.Header{Kind: wire.KindRequest}, 0)},
		{"second welcome", wire.AppendMessage(nil, 0, 0, &wire.Welcome{Session: 8})},
		{"unknown kind that is not optional", wire.AppendHeader(nil, &wire.Header{Kind: 100}, 0)},
		{"delivery cut short", wire.AppendHeader(nil, &wire.Header{Kind: wire.KindDeliver}, 0)},
		{"delivery on a slot far away", appendDelivery(t, nil, delivery{id: 1 << 31, method: "x"})},
		{"control frame that is no message", wire.AppendFrame(nil, &wire.Header{Kind: wire.KindAnnounced, ID: 1}, []byte{0xff})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				p.send(tt.frame)
				if _, open := <-p.frames; open {
					t.Error("a frame came instead of the link's end")
				}
				<-s.peers
				if err := conn.Ready(t.Context()); err != nil {
					t.Errorf("Ready = %v, want a new link", err)
				}
			})
		})
	}
}

func TestUnknownOptionalKindIsSkipped(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		p.send(wire.AppendFrame(nil, &wire.Header{Kind: 200}, []byte("whatever")))
		ended := start(t.Context(), conn.Endpoint("math"), "x")
		p.bound("math")
		p.respond(p.request().ID, 1, nil)
		if o := <-ended; o.err != nil || conn.Stats().Skipped != 1 {
			t.Errorf("Call = %v with %d frames skipped, want a result and 1", o.err, conn.Stats().Skipped)
		}
	})
}
