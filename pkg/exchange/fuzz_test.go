package exchange

import (
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// FuzzSession sends an exchange whatever bytes behind a valid preface and Hello, from a
// process that has announced a service, has a call open and one to answer. The exchange must
// not panic, must end the session when its bytes end, and must leave no call behind.
func FuzzSession(f *testing.F) {
	for _, frames := range [][]byte{
		nil,
		requestFrame(1, 0, 0, "multiply", time.Second),
		requestFrame(0, 0, 0, "multiply", time.Second), // its slot is open
		wire.AppendFrame(nil, &wire.Header{Kind: wire.KindCancel}, nil),
		wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse}, []byte{1}),
		wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure}, wire.Failf(wire.CodeApplication, wire.Yes, "x")),
		resultFrame(0, 9),
		creditFrame(0, 9),
		forwardFrame(0, 0, "multiply"),
		append(forwardFrame(0, 0, "multiply"), forwardFrame(1, 0, "multiply")...),
		wire.AppendMessage(nil, 3, 0, &wire.Withdraw{}),
		wire.AppendMessage(nil, 3, 0, &wire.Update{Join: []string{"g"}, Leave: []string{"g"}, Hidden: new(true)}),
		wire.AppendMessage(nil, 3, 0, &wire.Watch{ID: 1, Scope: wire.ScopeGlob, Pattern: "*a*"}),
		wire.AppendMessage(nil, 3, 0, &wire.Describe{Target: "fuzz"}),
		wire.AppendMessage(nil, 3, 0, ofName(2, "*u*", "t*")),
		wire.AppendMessage(nil, 3, 0, &wire.Unsubscribe{ID: 1, Patterns: []string{"t*"}}),
		wire.AppendMessage(nil, 3, 0, &wire.Unsubscribe{ID: 1}),
		wire.AppendMessage(nil, 3, 0, &wire.Watch{ID: 1, Scope: wire.ScopeSubscribers, Pattern: "@1"}),
		wire.AppendMessage(nil, 3, 0, &wire.Expire{Pattern: "*"}),
		publishFrame(3, 0, retain, "tock", 1),
		publishFrame(0, 0, wire.Publish{Lifetime: 1, AgeMS: 999, To: 7}, "tick", 1),
		publishFrame(3, wire.OwnInstance, wire.Publish{}, "tick", 1),
		wire.AppendMessage(nil, 3, 0, &wire.Bye{}),
		{0xff, 0xff, 0xff, 0xff},
	} {
		f.Add(frames)
	}
	e, err := New(&Options{Limits: Limits{Pending: 64, Handles: 64}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { e.Close() })
	f.Fuzz(func(t *testing.T, frames []byte) {
		near, far := link.Pipe()
		opening := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [wire.KeySize]byte{1}})
		opening = wire.AppendMessage(opening, 1, 0, &wire.Announce{Name: "fuzz"})
		opening = append(opening, bindFrame(0, "fuzz")...)
		opening = wire.AppendMessage(opening, 2, 0, ofName(1, "fuzz", "t*", "u*"))
		opening = append(opening, publishFrame(0, 0, wire.Publish{Lifetime: 1}, "tick", 1)...)
		opening = append(opening, requestFrame(0, 0, 0, "multiply", time.Second)...) // to itself
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			e.ServeConn(t.Context(), far)
		}()
		go throwAway(near)
		near.Write(opening)
		near.Write(frames)
		near.Close()
		<-ended
		if n := e.openCalls(); n != 0 {
			t.Errorf("%d calls are open with nobody connected", n)
		}
		if got := e.Subscriptions(); len(got) != 0 {
			t.Errorf("subscriptions %v are left with nobody connected", got)
		}
		if got := e.Services("", ""); len(got) != 0 {
			t.Errorf("services %v are announced with nobody connected", got)
		}
	})
}
