//go:build linux

package chaos_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// outboxLimit is what may wait for one process.
const outboxLimit = 8 << 20

// deaf is a process that announces a service, beats, and reads nothing.
func deaf(t testing.TB, addr string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	hello := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [wire.KeySize]byte{12}})
	if _, err := conn.Write(wire.AppendMessage(hello, 1, 0, &wire.Announce{Name: "deaf"})); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { // ends with the test
		for rest(ctx, time.Second) == nil {
			conn.Write(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindBeat}, nil))
		}
	})
	t.Cleanup(func() {
		stop()
		wg.Wait()
		conn.Close()
	})
}

func TestFault_12_ProcessIsDeaf(t *testing.T) {
	if os.Getenv("CHAOS_FULL") == "" {
		t.Skip("takes 15 s; CHAOS_FULL is not set")
	}
	testnet.LeakCheck(t)
	ex := startExchange(t)
	deaf(t, ex.addr)
	conn := connect(t, ex.addr)
	testnet.WaitFor(t, "the deaf service", func() bool { return len(instances(t, conn, "deaf")) == 1 })
	before, from := memory(t, ex.pid()), clock()
	big, ends := make([]byte, 1<<20), map[string]int{}
	var open []*service.Pending
	for range 40 {
		open = append(open, conn.Endpoint("deaf").With(service.CallOptions{Timeout: time.Minute}).Go(t.Context(), "take", big))
	}
	waits := 0
	for len(instances(t, conn, "deaf")) > 0 && rest(t.Context(), 10*time.Millisecond) == nil {
		for _, s := range sessions(t, conn) {
			waits = max(waits, s.QueueBytes)
		}
	}
	for _, p := range open {
		_, err := p.Result()
		var f *service.Failure
		if errors.As(err, &f) {
			ends[f.Code.String()+", "+f.Delivered.String()]++
		}
	}
	took, grown := clock()-from, memory(t, ex.pid())-before
	ex.note("closed after %v; 40 calls of 1 MiB: %s; %d KiB waited; the exchange has grown by %d KiB", short(took), list(ends), waits>>10, grown>>10)
	if ends["busy, no"]+ends["lost, maybe"] != 40 || ends["busy, no"] == 0 || ends["lost, maybe"] == 0 {
		t.Errorf("the calls ended with %s, want busy for what does not fit, and lost", list(ends))
	}
	if waits == 0 || waits > outboxLimit || grown > 4*outboxLimit {
		t.Errorf("%d bytes waited, the exchange has grown by %d, want about %d at most", waits, grown, outboxLimit)
	}
	if took < 14*time.Second || strings.Count(ex.output.String(), "it does not read") != 1 {
		t.Errorf("closed after %v, want 15 s and one record:\n%s", took, ex.output.String())
	}
}
