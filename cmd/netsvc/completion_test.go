package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// completeBound is how long a completion may take: three times what a person is promised, since
// tests share the machine.
const completeBound = 3 * 300 * time.Millisecond

// complete asks for the completion of a line, in which | is the cursor.
func complete(ts *testscript.TestScript, neg bool, args []string) {
	before, behind, ok := strings.Cut(strings.Join(args, ""), "|")
	if neg || !ok {
		ts.Fatalf("usage: complete LINE, with a | at the cursor")
	}
	began := time.Now()
	if err := ts.Exec("netsvc", "__complete", "--line", before+behind, "--point", strconv.Itoa(len(before))); err != nil {
		ts.Fatalf("__complete: %v", err)
	}
	if took := time.Since(began); took > completeBound {
		ts.Fatalf("it took %v, want less than %v", took, completeBound)
	}
	if text := ts.ReadFile("stderr"); text != "" {
		ts.Fatalf("stderr has %q, want nothing", text)
	}
}

// silencer is a way to an exchange on which the exchange is heard for some bytes and no longer.
func silencer(t *testing.T, exchange string, heard int64) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var carrying sync.WaitGroup
	carrying.Go(func() {
		near, err := l.Accept()
		if err != nil {
			return
		}
		defer near.Close()
		far, err := net.Dial("tcp", exchange)
		if err != nil {
			return
		}
		carrying.Go(func() { io.CopyN(near, far, heard) })
		defer far.Close()
		io.Copy(far, near)
		<-t.Context().Done() // it does not even hang up
	})
	t.Cleanup(func() {
		l.Close()
		carrying.Wait()
	})
	return l.Addr().String()
}

// TestCompletionWaitsForNoExchange: wherever it falls silent, a key is answered soon.
func TestCompletionWaitsForNoExchange(t *testing.T) {
	exchange, _ := tabWorld(t)
	for heard := int64(25); heard <= 400; heard += 75 {
		t.Run(fmt.Sprintf("silent after %d bytes", heard), func(t *testing.T) {
			cmd := exec.Command("netsvc", "__complete", "--line", "netsvc -x "+silencer(t, exchange, heard)+" call math.multiply t")
			cmd.Env = append(os.Environ(), "GORACE="+raceOptions)
			began := time.Now()
			out, err := cmd.CombinedOutput()
			if took := time.Since(began); err != nil || string(out) != ":0\n" || took > completeBound {
				t.Errorf("%q, %v after %v; want \":0\" and success within %v", out, err, took, completeBound)
			}
		})
	}
}
