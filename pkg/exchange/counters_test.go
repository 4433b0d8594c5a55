package exchange

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

func TestInstancesAndWhatTheyCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		p, caller := connect(t, e, "p"), connect(t, e, "caller")
		first := p.announce(&wire.Announce{Handle: 1, Name: "math", Groups: []string{"lab"}})
		p.announce(&wire.Announce{Handle: 2, Name: "echo"})
		second := p.announce(&wire.Announce{Handle: 3, Name: "math"})
		p.announce(&wire.Announce{Handle: 4, Name: "math", Groups: []string{"lab"}, Hidden: true})
		caller.bind(0, e.address(&wire.Info{Name: "math", Number: first}).String())
		caller.call(1, 0, 0, "add")
		p.answer(p.deliver().ID, []byte{7})
		caller.expect(wire.KindResponse)
		caller.call(2, 0, 0, "add")
		fault := wire.Header{Kind: wire.KindFailure, ID: p.deliver().ID}
		p.raw(wire.AppendFailure(nil, fault, wire.Failf(wire.CodeApplication, wire.Yes, "no")))
		caller.expect(wire.KindFailure)
		caller.call(3, 0, 0, "add") // stays open
		p.deliver()

		for _, tc := range []struct {
			name, glob, group string
			want              []uint32
		}{
			{"all but the exchange", "", "", []uint32{first + 1, first, second}},
			{"by a glob", "m*", "", []uint32{first, second}},
			{"of a group", "", "lab", []uint32{first}},
			{"of a group without members", "", "none", nil},
			{"the exchange itself", "_*", "", []uint32{2}},
		} {
			rows := e.Instances(tc.glob, tc.group)
			var got []uint32
			for _, r := range rows {
				_, number, _ := wire.ParseTarget(r.Address)
				got = append(got, number)
			}
			if len(got) != len(tc.want) {
				t.Fatalf("%s: got instances %v, want %v", tc.name, got, tc.want)
			}
			for i := range got {
				if got[i] != tc.want[i] {
					t.Errorf("%s: got instances %v, want %v", tc.name, got, tc.want)
				}
			}
		}
		r := e.Instances("math", "lab")[0]
		if r.Calls != 3 || r.Inflight != 1 || len(r.Failures) != 1 || r.Failures["application"] != 1 {
			t.Errorf("counted %+v, want 3 calls, 1 failure of the application, 1 in flight", r)
		}
		if r.Service != "math" || r.State != "ready" || r.Origin != e.originText() {
			t.Errorf("the row is %+v, want math, ready, of origin %s", r, e.originText())
		}
	})
}

// TestACallFailsOnce for its instance, though the handler of a call whose deadline has passed
// answers with a failure of its own.
func TestACallFailsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		p, caller := connect(t, e, "p"), connect(t, e, "caller")
		number := p.announce(&wire.Announce{Handle: 1, Name: "math"})
		caller.bind(0, e.address(&wire.Info{Name: "math", Number: number}).String())
		caller.raw(requestFrame(1, 0, 0, "slow", time.Second))
		id := p.deliver().ID
		caller.expect(wire.KindFailure)
		p.raw(wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure, ID: id}, wire.Failf(wire.CodeTimeout, wire.Yes, "too slow")))
		synctest.Wait()

		got := e.Instances("math", "")[0].Failures
		if len(got) != 1 || got["timeout"] != 1 {
			t.Errorf("counted %v, want one timeout", got)
		}
	})
}

func TestSessionsTellTheirRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, nil)
		p, quiet := connect(t, e, "p"), connect(t, e, "quiet")
		answer := func(h *wire.Header) {
			time.Sleep(30 * time.Millisecond)
			p.link.TakeBeat(h)
			p.link.FlushNow()
		}
		p.onBeat.Store(&answer)
		if s := e.Sessions(); s[0].RTTMillis != nil {
			t.Errorf("round trip at first = %v, want none", *s[0].RTTMillis)
		}
		for range 10 { // quiet answers nothing, but lives
			time.Sleep(time.Second)
			quiet.raw(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindBeat}, nil))
		}
		s := e.Sessions()
		if s[0].RTTMillis == nil || *s[0].RTTMillis != 30 {
			t.Errorf("round trip = %v, want 30 ms", s[0].RTTMillis)
		}
		if len(s) != 2 || s[1].RTTMillis != nil {
			t.Errorf("a process that answers no Beats has a round trip: %+v", s[1])
		}
	})
}

// TestProcessThatFloodsWithBeatsThatAsk gets answers while it reads them, and costs no more than
// its outbox when it does not.
func TestProcessThatFloodsWithBeatsThatAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t, &Options{Limits: Limits{Outbox: 2 << 20, MaxFrame: 1 << 20}})
		conn, err := e.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		flood := wire.AppendPreface(nil)
		flood = wire.AppendMessage(flood, 0, 0, &wire.Hello{Key: [wire.KeySize]byte{1}})
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			conn.Write(flood)
			for id := range uint64(200_000) { // 4.8 MB of answers
				if _, err := conn.Write(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindBeat, ID: id + 1}, nil)); err != nil {
					return
				}
			}
		}()
		<-asked
		synctest.Wait()
		s := e.Sessions()
		if len(s) != 1 || s[0].QueueBytes == 0 || s[0].QueueBytes > 2<<20 {
			t.Errorf("sessions %+v, want one with 2 MiB waiting at most", s)
		}
		conn.Close()
		synctest.Wait()
	})
}
