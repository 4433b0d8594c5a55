package command

import (
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
)

// TestFollower feeds events of one target and asks after each whether what is waited for is so.
func TestFollower(t *testing.T) {
	at := func(kind service.EventKind, number uint32, state service.State, reason service.Reason) service.Event {
		address := service.Address{Origin: 1, Name: "math", Number: number}
		return service.Event{Kind: kind, Info: service.Info{Address: address, State: state}, Reason: reason}
	}
	available := func(n uint32) service.Event { return at(service.Available, n, service.Ready, 0) }
	withdrawn := func(n uint32, r service.Reason) service.Event { return at(service.Withdrawn, n, service.Ready, r) }
	synced, reset := service.Event{Kind: service.Synced}, service.Event{Kind: service.Reset}

	for _, tc := range []struct {
		name      string
		withdrawn bool
		events    []service.Event
		met       []bool // after each event
	}{
		{"there from the start, once all is told", false,
			[]service.Event{available(3), synced}, []bool{false, true}},
		{"it comes later", false,
			[]service.Event{synced, available(3)}, []bool{false, true}},
		{"a suspect one takes no calls", false,
			[]service.Event{synced, at(service.Available, 3, service.Suspect, 0), at(service.Changed, 3, service.Ready, 0), at(service.Changed, 3, service.Draining, 0)},
			[]bool{false, false, true, false}},
		{"one of two is enough", false,
			[]service.Event{synced, available(3), available(4), withdrawn(3, service.ReasonLost), withdrawn(4, service.ReasonClosed)},
			[]bool{false, true, true, true, false}},
		{"groups change nothing", false,
			[]service.Event{synced, available(3), at(service.Joined, 3, service.Ready, 0), at(service.Left, 3, service.Ready, 0)},
			[]bool{false, true, true, true}},
		{"nobody there from the start", true,
			[]service.Event{synced}, []bool{true}},
		{"all of them must go", true,
			[]service.Event{available(3), available(4), synced, withdrawn(3, service.ReasonClosed), withdrawn(4, service.ReasonDrained)},
			[]bool{false, false, false, false, true}},
		{"a draining one has not gone", true,
			[]service.Event{available(3), synced, at(service.Changed, 3, service.Draining, 0)}, []bool{false, false, false}},
		{"a lost exchange says nothing about the service", true,
			[]service.Event{available(3), synced, withdrawn(3, service.ReasonExchangeLost), available(5), synced, withdrawn(5, service.ReasonClosed)},
			[]bool{false, false, false, false, false, true}},
		{"what was told before a reset counts no more", true,
			[]service.Event{available(3), synced, reset, synced}, []bool{false, false, false, true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := follower{waiter: &waiter{withdrawn: tc.withdrawn}, present: map[service.Address]bool{}}
			for i, event := range tc.events {
				f.apply(event)
				if f.met() != tc.met[i] {
					t.Errorf("after event %d (%v): met = %v, want %v", i, event.Kind, f.met(), tc.met[i])
				}
			}
		})
	}
}
