//go:build linux

package chaos_test

import (
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// pendingLimit is how many calls one session may have open.
const pendingLimit = 65_536

// floodTime is when a flood that nobody stops is given up.
const floodTime = 60 * time.Second

func TestFault_13_CallerFloodsAndDoesNotRead(t *testing.T) {
	testnet.LeakCheck(t)
	ex := startExchange(t)
	startHost(t, ex.addr)
	conn := connect(t, ex.addr)
	start(t, exec.Command(netsvc, "host", "math", "--exchange", ex.addr))
	testnet.WaitFor(t, "math to be announced", func() bool { return len(instances(t, conn, "math")) == 1 })
	calls := flood(t, ex.addr)
	if calls <= pendingLimit {
		t.Errorf("the session ended after %d calls, want more than its limit of %d", calls, pendingLimit)
	}
	testnet.WaitFor(t, "the calls of the flood to be gone", func() bool {
		return totals(t, conn).SlowSessions == 1 && len(sessions(t, conn)) == 3 && inFlight(t, conn, "math") == 0
	})
	if busy := totals(t, conn).Failures["busy"]; busy == 0 {
		t.Errorf("no call was busy, though %d were made", calls)
	}
	ex.note("closed as slow after %d calls", calls)
}

// flood calls math.multiply without reading an answer until the exchange closes the session, and
// counts the calls. Each slot below the limit is used once; all further calls are over it.
func flood(t testing.TB, addr string) int {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(floodTime))
	body, _ := wire.AppendRequest(nil, "multiply", nil)
	body, err = value.AppendArgs(body, []any{3, 4})
	if err != nil {
		t.Fatal(err)
	}
	batch := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [wire.KeySize]byte{13}})
	batch = wire.AppendMessage(batch, 0, 0, &wire.Bind{Target: "math"})
	for calls := 0; ; {
		for range 1_000 {
			h := wire.Header{Kind: wire.KindRequest, ID: wire.CallID(uint32(min(calls, pendingLimit)), 0), TTL: 60_000}
			batch = wire.AppendFrame(batch, &h, body)
			calls++
		}
		if _, err := conn.Write(batch); err != nil {
			if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
				t.Fatalf("the session lives after %v and %d calls", floodTime, calls)
			}
			return calls
		}
		batch = batch[:0]
	}
}
