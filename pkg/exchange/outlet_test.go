package exchange

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/wire"
)

// One session with many instances, many subscriptions and ever new subjects: what the exchange
// remembers of whom they are for has one bound for all of its instances, and nobody is missed.
func TestFault_37_WhatIsRememberedForManyInstancesIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const instances, subscriptions, subjects = 6, 1_000, 1_000
		e, p, cli, _ := clockAnd(t, nil)
		for i := range subscriptions {
			p.subscribed(ofName(uint32(i+1), "x*"))
		}
		for h := range uint32(instances) {
			p.ask(&wire.Announce{Handle: h + 1, Name: fmt.Sprint("x", h)})
			p.expect(wire.KindAnnounced)
		}
		cli.subscribed(ofName(1, "x*", "last"))
		nobody := wire.Publish{To: 4_711}
		for h := range uint32(instances) {
			for i := range subjects {
				p.raw(publishFrame(0, h+1, nobody, fmt.Sprint("s", i), i))
			}
			p.raw(publishFrame(0, h+1, wire.Publish{To: cli.welcome.Session}, "last", int(h)))
			p.raw(publishFrame(0, h+1, wire.Publish{To: cli.welcome.Session}, "last", int(h)))
			synctest.Wait()
			cli.heard(fmt.Sprintf("1 x%d last=%d", h, h), fmt.Sprintf("1 x%d last=%d", h, h))
		}
		held := int64(0)
		for _, i := range e.instances {
			for _, m := range i.outlet.matches {
				held += m.bytes()
			}
		}
		counted := &e.sessions[p.welcome.Session].matched
		if held > maxMatchBytes || held < maxMatchBytes/2 || counted.Load() != held {
			t.Errorf("%d bytes are held and %d counted, want the same, and at most %d", held, counted.Load(), maxMatchBytes)
		}
		for h := range uint32(instances) {
			p.ask(&wire.Withdraw{Handle: h + 1})
			p.expect(wire.KindDone)
		}
		if n := counted.Load(); n != 0 {
			t.Errorf("%d bytes are counted when the instances are gone, want none", n)
		}
	})
}
