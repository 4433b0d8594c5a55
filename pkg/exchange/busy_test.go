package exchange

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// wantBusy reads the failure of a call and checks what it says is in the way.
func (p *process) wantBusy(slot uint32, want string) {
	p.t.Helper()
	if f := p.fails(slot, 0, wire.CodeBusy, wire.No); f.Description != want {
		p.t.Errorf("the failure says %q\nwant            %q", f.Description, want)
	}
}

func TestBusy_NamesTheLimitOfTheOnlyInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, number := pair(t, &wire.Announce{Name: "math", Limit: 1, Queue: 1})
		for slot := range uint32(2) {
			cli.call(slot, 0, 0, "hang")
			svc.deliver()
		}
		cli.call(2, 0, 0, "hang")
		cli.wantBusy(2, fmt.Sprintf("math@%d has its limit of 2 calls, running and queued", number))
	})
}

func TestBusy_CountsSeveralInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, svc, cli, _ := pair(t, &wire.Announce{Name: "math", Limit: 1, Queue: 1})
		svc.announce(&wire.Announce{Name: "math", Handle: 1, Limit: 2, Queue: 1})
		for slot := range uint32(5) {
			cli.call(slot, 0, 0, "hang")
			svc.deliver()
		}
		cli.call(5, 0, 0, "hang")
		cli.wantBusy(5, "no instance of math takes a call now, of 2: 2 at the limit of calls (2 to 3 each)")
	})
}

func TestBusy_TellsOneThatIsSuspect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, &Options{Suspect: time.Minute, Dead: time.Hour})
		svc, cli := connect(t, e, "svc"), connect(t, e, "cli")
		number := svc.announce(&wire.Announce{Name: "math"})
		cli.bind(0, "math")
		defer keepAlive(cli)()
		time.Sleep(2 * time.Minute)
		cli.call(0, 0, 0, "hang")
		cli.wantBusy(0, fmt.Sprintf("math@%d is suspect: nothing was heard from it for too long", number))
	})
}
