package exchange

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/wire"
)

// A service with many large instances must not make a description that its reader refuses.
func TestDescribe_FitsItsFrameHoweverLargeTheInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		p := connect(t, e, "p")
		for i := range 16 {
			a := &wire.Announce{Handle: uint32(i), Name: "math", Description: strings.Repeat("x", 11_000)}
			for g := range 64 {
				a.Groups = append(a.Groups, fmt.Sprintf("%d-%s", g, strings.Repeat("g", 120)))
			}
			p.announce(a)
		}
		p.ask(&wire.Describe{Target: "math"})
		var d wire.Described
		p.message(wire.KindDescribed, &d)
		if d.Total != 16 || len(d.Infos) == 0 {
			t.Errorf("described %d of %d instances, want some of 16", len(d.Infos), d.Total)
		}
		p.raw(wire.AppendMessage(nil, 9, 0, &wire.Watch{ID: 1}))
		for seen := 0; seen < 16*65+2; { // every event, page by page; _exchange and synced, too
			seen += len(p.events(1))
		}
	})
}
