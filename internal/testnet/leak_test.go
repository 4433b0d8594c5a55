package testnet_test

import (
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
)

func TestLeakCheckPassesWhenAllIsCleanedUp(t *testing.T) {
	failures := new(recorder).run(func(t testing.TB) {
		testnet.LeakCheck(t)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatalf("listen: %v", err)
		}
		accepted := make(chan struct{})
		go func() {
			defer close(accepted)
			listener.Accept()
		}()
		t.Cleanup(func() {
			listener.Close()
			<-accepted
		})
	})
	if len(failures) != 0 {
		t.Errorf("failures = %q, want none", failures)
	}
}

func TestLeakCheckNamesTheGoroutineLeftBehind(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	failures := new(recorder).run(func(t testing.TB) {
		testnet.LeakCheck(t)
		go forgotten(stop)
	})
	wantOne(t, failures, "testnet_test.forgotten")
}

func TestLeakCheckNamesTheDescriptorLeftOpen(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("descriptors are counted on Linux only")
	}
	var file *os.File
	failures := new(recorder).run(func(t testing.TB) {
		testnet.LeakCheck(t)
		var err error
		if file, err = os.Open("leak_test.go"); err != nil {
			t.Fatalf("open: %v", err)
		}
	})
	defer file.Close()
	wantOne(t, failures, "internal/testnet/leak_test.go")
}

func forgotten(stop <-chan struct{}) { <-stop }

// wantOne fails t unless there is one failure and it mentions text.
func wantOne(t *testing.T, failures []string, text string) {
	t.Helper()
	if len(failures) != 1 || !strings.Contains(failures[0], text) {
		t.Errorf("failures = %q, want one with %q", failures, text)
	}
}
