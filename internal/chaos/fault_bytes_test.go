//go:build linux

package chaos_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/wire"
)

// oddBytes is what an exchange finds on a connection that breaks its rules, and what it says
// of that.
type oddBytes struct {
	name  string
	bytes []byte
	cut   bool   // the connection is closed behind them
	says  string // in its log, once a minute and listener
	full  bool   // takes ten seconds
}

// greeted puts preface and Hello before frames.
func greeted(frames ...byte) []byte {
	hello := wire.AppendMessage(wire.AppendPreface(nil), 0, 0, &wire.Hello{Key: [wire.KeySize]byte{19}})
	return append(hello, frames...)
}

// halfRequest is a request without its last byte.
func halfRequest() []byte {
	frame := wire.AppendFrame(nil, &wire.Header{Kind: wire.KindRequest, TTL: 1_000}, []byte{1, 'm', 0, 0, 0x80})
	return frame[:len(frame)-1]
}

// odd are in the order in which their records tell them apart.
func odd() []oddBytes {
	const broke, turned = "session closed: it broke the protocol", "connection turned away"
	return []oddBytes{
		{name: "frame of 4 GiB", bytes: greeted(binary.LittleEndian.AppendUint32(nil, 1<<32-1)...), says: broke},
		{name: "truncated frame", bytes: greeted(halfRequest()...), cut: true, says: "session ended inside a frame"},
		{name: "HTTP", bytes: []byte("GET / HTTP/1.1\r\n\r\n"), says: turned},
		{name: "TLS", bytes: []byte("\x16\x03\x01\x02\x00"), says: turned},
		{name: "SSH", bytes: []byte("SSH-2.0-x\r\n"), says: turned},
		{name: "Redis", bytes: []byte("*1\r\n$4\r\nPING\r\n"), says: turned},
		{name: "garbage", bytes: []byte("\xde\xad\xbe\xef"), says: turned},
		{name: "unknown kind", bytes: greeted(wire.AppendFrame(nil, &wire.Header{Kind: 99}, nil)...), says: broke},
		{name: "answer to nobody's call", bytes: greeted(wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, ID: 5}, []byte{1})...), says: broke},
		{name: "announcement before Hello", bytes: wire.AppendMessage(wire.AppendPreface(nil), 1, 0, &wire.Announce{Name: "early"}), says: turned},
		{name: "silence", says: turned, full: true},
		{name: "silence in a frame", bytes: greeted(halfRequest()...), says: "session closed: nothing came from it", full: true},
	}
}

func TestFault_15_16_17_18_19_42_OddBytes(t *testing.T) {
	for _, tt := range odd() {
		t.Run(tt.name, func(t *testing.T) {
			if tt.full && os.Getenv("CHAOS_FULL") == "" {
				t.Skip("takes ten seconds; CHAOS_FULL is not set")
			}
			testnet.LeakCheck(t)
			ex := startExchange(t)
			before := memory(t, ex.pid())
			from := clock()
			for range 3 {
				tt.send(t, ex.addr)
			}
			ex.note("closed after %v", short((clock()-from)/3))
			if grown := memory(t, ex.pid()) - before; grown > 64<<20 {
				t.Errorf("the exchange has grown by %d bytes", grown)
			}
			conn := connect(t, ex.addr)
			if n := len(sessions(t, conn)); n != 1 {
				t.Errorf("%d sessions are left beside the bystander's, want the one that asks", n)
			}
			want := 1
			if tt.full && len(tt.bytes) > 0 {
				want = 3 // it was let in, and each session has its record
			}
			testnet.WaitFor(t, "the record in the log", func() bool { return strings.Count(ex.output.String(), tt.says) >= want })
			if n := strings.Count(ex.output.String(), tt.says); n != want {
				t.Errorf("the log says %q %d times, want %d:\n%s", tt.says, n, want, ex.output.String())
			}
		})
	}
}

// send says the bytes and waits for the exchange to close the connection.
func (o oddBytes) send(t testing.TB, addr string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(o.bytes); err != nil {
		t.Fatal(err)
	}
	if o.cut {
		conn.(*net.TCPConn).CloseWrite()
	}
	conn.SetReadDeadline(time.Now().Add(testnet.Patience))
	_, err = io.Copy(io.Discard, conn)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Errorf("the connection is open after %v", testnet.Patience)
	}
}

// memory is what a process has resident, by proc(5).
func memory(t testing.TB, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	var size, resident int
	if err == nil {
		_, err = fmt.Sscan(string(text), &size, &resident)
	}
	if err != nil {
		t.Fatal(err)
	}
	return resident * os.Getpagesize()
}
