package exchange

import (
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/netsvc/netsvc/pkg/wire"
)

// A displaced session still has its place when its successor needs one.
func TestFault_26_ReconnectAtTheLimitOfSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, &Options{Limits: Limits{Sessions: 1}})
		for range 5 {
			connect(t, e, "same").announce(&wire.Announce{Name: "math"})
		}
		if n := len(e.Services("math", "")[0].Instances); n != 1 {
			t.Errorf("math has %d instances, want 1", n)
		}
	})
}

// What a process says of itself is cut between runes: its watchers could not read it else.
func TestProcess_LongTextsAreCutAtARune(t *testing.T) {
	p := cleanProcess(wire.Process{Program: strings.Repeat("x", maxWord-1) + "é"})
	if !utf8.ValidString(p.Program) || len(p.Program) != maxWord-1 {
		t.Errorf("program is %q, want %d bytes of text", p.Program, maxWord-1)
	}
}

// A target costs the exchange no more than a name may.
func TestBind_LongTargetsAreNotKept(t *testing.T) {
	c := newCore(Limits{}.withDefaults(), 42)
	if k := c.keyOf(strings.Repeat("x", maxWord+1), 0); k != (key{bad: true}) {
		t.Errorf("the key keeps %d bytes, want none", len(k.name))
	}
}
