//go:build linux

package chaos_test

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// frozenCalls is how many calls are made while one of two replicas is stopped.
const frozenCalls = 200

// handful is the most of them that may wait for the stopped one.
const handful = 10

func TestFrozenReplica(t *testing.T) {
	tests := []struct {
		name    string
		args    []string
		every   time.Duration
		suspect time.Duration // with the time between two looks
		full    bool
	}{
		{name: "a tenth of the times", args: tenth, every: 5 * time.Millisecond, suspect: 500 * time.Millisecond},
		{name: "the times of production", every: 50 * time.Millisecond, suspect: 5 * time.Second, full: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.full && os.Getenv("CHAOS_FULL") == "" {
				t.Skip("takes half a minute; CHAOS_FULL is not set")
			}
			testnet.LeakCheck(t)
			ex := startExchange(t, tt.args...)
			startHost(t, ex.addr)
			frozen := startHost(t, ex.addr)
			conn := connect(t, ex.addr)
			frozen.signal(syscall.SIGSTOP)
			from := clock()
			outcomes := make(chan frozenCall, frozenCalls)
			for range frozenCalls {
				go oneOfMany(conn, outcomes)
				rest(t.Context(), tt.every)
			}
			wantAHandful(t, from, tt.suspect, outcomes)
		})
	}
}

// frozenCall is when a call was made, and how it ended.
type frozenCall struct {
	at, took time.Duration
	err      error
}

func oneOfMany(conn *service.Conn, outcomes chan<- frozenCall) {
	c := frozenCall{at: clock()}
	_, c.err = conn.Endpoint("echo").Call(context.Background(), "echo", 1)
	c.took = clock() - c.at
	outcomes <- c
}

// wantAHandful waits for all calls. Those that were sent to the stopped replica end when it
// is given up; they are few, and none was made after it was suspect.
func wantAHandful(t *testing.T, from, suspect time.Duration, outcomes <-chan frozenCall) {
	t.Helper()
	waited := 0
	for range frozenCalls {
		c := testnet.Receive(t, "the outcome of a call", outcomes)
		if c.err == nil {
			continue
		}
		waited++
		if !errors.Is(c.err, service.ErrLost) || c.at-from > suspect {
			t.Errorf("a call made %v after the stop ended after %v with %v", c.at-from, c.took, c.err)
		}
		t.Logf("made %v after the stop, lost after %v", c.at-from, c.took)
	}
	t.Logf("%d of %d calls waited", waited, frozenCalls)
	if waited > handful {
		t.Errorf("%d of %d calls waited for the frozen replica, want %d at most", waited, frozenCalls, handful)
	}
}
