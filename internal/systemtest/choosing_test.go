package systemtest

import (
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestChoosing_OverARestartOfTheExchange: policies, retries and calls to all work on real
// links, and again at the next exchange.
func TestChoosing_OverARestartOfTheExchange(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		const replicas = 3
		for i := range replicas {
			s := service.New("who", &service.ServiceOptions{Groups: []string{"all"}})
			s.Export("number", func() int { return i }, nil)
			n.announce(s)
		}
		client := n.connect(nil)
		turns := client.Endpoint("who").With(service.CallOptions{Pick: service.RoundRobin, Retry: &service.Retry{}})
		everyone := func() {
			t.Helper()
			testnet.WaitFor(t, "all replicas", func() bool {
				g, err := client.CallGroup(t.Context(), "all", "number")
				return err == nil && len(g.Members()) == replicas && allAnswer(t, g)
			})
			counts := map[any]int{}
			for range 4 * replicas {
				counts[call(t, turns, "number")]++
			}
			for number, count := range counts {
				if count != 4 {
					t.Errorf("replica %v got %d calls of %v, want 4", number, count, counts)
				}
			}
		}
		everyone()
		n.close()
		testnet.WaitFor(t, "the client to notice", func() bool { return !client.Connected() })
		want{service.ErrUnreachable, 61, service.No, service.Address{}}.check(t, failing(client.Endpoint("who"), "number"))
		patient := start(t.Context(), turns, "number")
		n.open()
		if o := testnet.Receive(t, "the call that waits for the exchange", patient); o.err != nil {
			t.Errorf("a call with retries, made while the exchange was away: %v", o.err)
		}
		everyone()
	})
}

// allAnswer reports whether every member answers, each with a number of its own.
func allAnswer(t *testing.T, g *service.Gathering) bool {
	t.Helper()
	numbers := map[int]bool{}
	for a := range g.Answers() {
		number, err := service.As[int](&a)
		if err != nil {
			t.Errorf("%s: %v", a.Instance, err)
		}
		numbers[number] = true
	}
	return len(numbers) == len(g.Members())
}
