package wire_test

import (
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestWords(t *testing.T) {
	reasons := map[wire.Reason]string{
		wire.ReasonNone: "", wire.ReasonClosed: "closed", wire.ReasonDrained: "drained",
		wire.ReasonLost: "lost", wire.ReasonExchangeLost: "exchange-lost", wire.ReasonFrozen: "frozen",
		wire.ReasonSlow: "slow", wire.ReasonReplaced: "replaced", 99: "lost",
	}
	for r, want := range reasons {
		if got := r.String(); got != want {
			t.Errorf("Reason(%d) = %q, want %q", r, got, want)
		}
	}
	events := map[wire.EventKind]string{
		wire.Available: "available", wire.Changed: "changed", wire.Joined: "joined", wire.Left: "left",
		wire.Withdrawn: "withdrawn", wire.Synced: "synced", wire.Reset: "reset", 0: "", 99: "",
	}
	for k, want := range events {
		if got := k.String(); got != want {
			t.Errorf("EventKind(%d) = %q, want %q", k, got, want)
		}
	}
	states := map[wire.State]string{
		wire.StateReady: "ready", wire.StateSuspect: "suspect", wire.StateDraining: "draining", 99: "ready",
	}
	for s, want := range states {
		if got := s.String(); got != want {
			t.Errorf("State(%d) = %q, want %q", s, got, want)
		}
	}
}
