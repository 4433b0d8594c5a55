package exchange

import (
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestCall_AnswerComesBackOnTheCallersID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		svc, cli := connect(t, e, "svc"), connect(t, e, "cli")
		number := svc.announce(&wire.Announce{Handle: 5, Name: "math"})
		cli.bind(0, "math")
		cli.call(3, 9, 0, "multiply")
		d := svc.deliver()
		instance, req, err := wire.ParseDeliver(d.body)
		if err != nil || instance != 5 || string(req.Method) != "multiply" || d.Target != cli.welcome.Session {
			t.Fatalf("delivered %d %q from %d (%v), want 5 multiply from %d", instance, req.Method, d.Target, err, cli.welcome.Session)
		}
		svc.answer(d.ID, []byte{12})
		f := cli.expect(wire.KindResponse)
		if f.ID != wire.CallID(3, 9) || f.Target != number || f.body[0] != 12 {
			t.Errorf("response %+v %v, want id %#x from %d", f.Header, f.body, wire.CallID(3, 9), number)
		}
	})
}
