package systemtest

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// hostile is a process that speaks the protocol and breaks its rules: it announces a
// service and answers each request with the frames of a script.
type hostile struct {
	link    *link.Link
	answers func(id uint64) []byte
	ready   chan struct{}
	ended   chan error
}

// newHostile announces a service called hostile.
func newHostile(t *testing.T, n *network, answers func(id uint64) []byte) *hostile {
	t.Helper()
	conn, err := n.dialAny(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	h := &hostile{link: link.New(conn, link.Options{MaxFrame: 4 << 20}), answers: answers, ready: make(chan struct{}), ended: make(chan error, 1)}
	hello := &wire.Hello{Process: wire.Process{Program: "hostile"}}
	copy(hello.Key[:], t.Name())
	h.link.AppendBytes(wire.AppendMessage(wire.AppendPreface(nil), 0, 0, hello))
	h.link.FlushNow()
	go func() { h.ended <- h.link.Run(h) }()
	t.Cleanup(func() { h.link.Close(nil); <-h.link.Done() })
	testnet.Receive(t, "the announcement", h.ready)
	return h
}

// Frame implements link.Handler.
func (h *hostile) Frame(head *wire.Header, _ []byte) error {
	switch head.Kind {
	case wire.KindWelcome:
		h.link.AppendBytes(wire.AppendMessage(nil, 1, 0, &wire.Announce{Name: "hostile"}))
	case wire.KindAnnounced:
		close(h.ready)
	case wire.KindDeliver:
		h.link.AppendBytes(h.answers(head.ID))
	}
	h.link.FlushNow()
	return nil
}

// EndBatch implements link.Handler.
func (h *hostile) EndBatch() {}

func response(id uint64, encoded ...byte) []byte {
	return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, ID: id}, encoded)
}

// TestFault_42_AnswersThatAreNotDue: the caller keeps the first one, and who sent more is
// out, with everything of its own.
func TestFault_42_AnswersThatAreNotDue(t *testing.T) {
	scripts := map[string]func(id uint64) []byte{
		"a second answer":           func(id uint64) []byte { return append(response(id, 1), response(id, 2)...) },
		"an answer to nobody's":     func(id uint64) []byte { return append(response(id, 1), response(id+100, 2)...) },
		"an answer of a later time": func(id uint64) []byte { return append(response(id, 1), response(id+1<<32, 2)...) },
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, n *network) {
				ex := n.open()
				h := newHostile(t, n, script)
				n.announce(newMath())
				client := n.connect(nil)
				if v := call(t, client.Endpoint("hostile"), "any"); v != int64(1) {
					t.Errorf("the call is answered %v, want 1, the first", v)
				}
				testnet.Receive(t, "the end of the hostile link", h.ended)
				testnet.WaitFor(t, "the hostile session to end", func() bool { return ex.Stats().Violations == 1 })
				want{service.ErrNoService, 46, service.No, service.Address{}}.check(t, failing(client.Endpoint("hostile"), "any"))
				if v := call(t, client.Endpoint("math"), "multiply", 2, 3); v != int64(6) || client.Stats().Lost != 0 {
					t.Errorf("multiply = %v with %d links lost, want 6 and none", v, client.Stats().Lost)
				}
			})
		})
	}
}

// TestFault_42_FailuresOfAnyShapeArrive as what can be read of them; the link lives.
func TestFault_42_FailuresOfAnyShapeArrive(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		var body []byte
		newHostile(t, n, func(id uint64) []byte {
			return wire.AppendFrame(nil, &wire.Header{Kind: wire.KindFailure, ID: id, Flags: 3}, body)
		})
		client := n.connect(nil)
		for name, b := range map[string][]byte{"no map": {57, 0, 0xff}, "a code of later times": {0xff, 0x7f}} {
			body = b
			err := failing(client.Endpoint("hostile"), "any")
			var f *service.Failure
			if !errors.As(err, &f) || f.Delivered != service.Maybe || !errors.Is(err, service.ErrUnknown) {
				t.Errorf("%s: the call ended with %#v, want unknown, maybe", name, err)
			}
		}
		if lost := client.Stats().Lost; lost != 0 {
			t.Errorf("%d links were lost, want none", lost)
		}
	})
}

// TestFault_25_NamesThatAreRefused, by the library and, for those who do without it, by the
// exchange; the connection lives.
func TestFault_25_NamesThatAreRefused(t *testing.T) {
	names := map[string]string{
		"empty": "", "reserved": "_mine", "for subjects": "$sys", "netsvc's": "netsvc", "NATS's": "nats", "the exchange's": "_exchange",
		"a control character": "ma\x00th", "a newline": "math\nINFO all is well", "an escape": "\x1b[31mmath", "a blank": "ma th",
		"a dot": "a.b", "an address": "math@3", "a Cyrillic a": "m\u0430th", "a right-to-left mark": "math\u202e", "not UTF-8": "ma\xffth",
		"too long": strings.Repeat("m", 129), "a pattern": "ma*", "a leading dash": "-rf",
	}
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		conn := n.connect(nil)
		for what, name := range names {
			if err := conn.Announce(patient(t), service.New(name, nil)); err == nil {
				t.Errorf("%s: the name %q was announced", what, name)
			}
			if err := newMath().Join(name); err == nil {
				t.Errorf("%s: the group %q was joined", what, name)
			}
		}
		n.announceBy(conn, newMath(), service.New(strings.Repeat("m", 128), nil), service.New("0/a_b-c", nil))
		if lost := conn.Stats().Lost; lost != 0 || len(ex.Services("", "")) != 3 {
			t.Errorf("%d links were lost, and %d services are there, want none and 3", lost, len(ex.Services("", "")))
		}
	})
}

// TestFault_18_StrangerInThePlaceOfTheExchange: the library does not go on trying with who does
// not speak the protocol, and says what it met.
func TestFault_18_StrangerInThePlaceOfTheExchange(t *testing.T) {
	testnet.LeakCheck(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte("SSH-2.0-OpenSSH_9.2p1\r\n"))
			conn.Close()
		}
	}()
	defer func() { listener.Close(); <-done }()
	ctx, cancel := context.WithTimeout(t.Context(), testnet.Patience)
	defer cancel()
	conn, err := service.Connect(ctx, listener.Addr().String(), nil)
	if err == nil {
		conn.Close()
	}
	if !errors.Is(err, wire.ErrNotNetsvc) || !strings.Contains(err.Error(), "SSH") {
		t.Errorf("Connect = %v, want that this is SSH and not netsvc", err)
	}
}
