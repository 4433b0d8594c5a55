//go:build linux

package chaos_test

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/wire"
)

// newerExchange listens and greets everybody in a version to come, and counts them.
func newerExchange(t *testing.T) (addr string, came *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came, done := new(atomic.Int32), make(chan struct{})
	go func() { // ends when the listener is closed
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			came.Add(1)
			preface := wire.AppendPreface(nil)
			preface[wire.PrefaceSize-1] = wire.Version + 1
			conn.Write(preface)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	return listener.Addr().String(), came
}

func TestFault_62_AnotherVersionEndsTheCommands(t *testing.T) {
	both := fmt.Sprintf("the peer speaks protocol version %d, this program version %d", wire.Version+1, wire.Version)
	for name, args := range map[string][]string{
		"a call":                       {"call", "math.multiply", "3", "4"},
		"a host, which waits for ever": {"host", "math"},
		"a gateway, which does, too":   {"gateway", "--listen", "127.0.0.1:0"},
	} {
		t.Run(name, func(t *testing.T) {
			testnet.LeakCheck(t)
			addr, came := newerExchange(t)
			p := start(t, exec.Command(netsvc, append(args, "--exchange", addr)...))
			testnet.WaitFor(t, "the versions to be named", func() bool { return strings.Contains(p.output.String(), both) })
			testnet.Receive(t, "the end of the command", p.ended)
			if p.err == nil {
				t.Error("it ended well")
			}
			if n := came.Load(); n != 1 {
				t.Errorf("%d attempts, want one", n)
			}
		})
	}
}
