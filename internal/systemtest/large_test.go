package systemtest

import (
	"strings"
	"sync"
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
)

// Large results made faster than they can be carried slow down those who make them. The
// exchange reads all the time; nobody is to be closed as slow, and no call lost.
func TestLargeResults_SlowDownNobodyElse(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		text := strings.Repeat("x", 2<<20)
		svc := service.New("large", nil)
		svc.Export("text", func() string { return text }, nil)
		n.announce(svc)
		var wg sync.WaitGroup
		for range 8 { // each a process of its own, so that no caller has too much to read
			client := n.connect(nil)
			wg.Go(func() {
				for range 2 {
					v, err := client.Endpoint("large").Call(patient(t), "text")
					if err != nil || v != text {
						t.Errorf("the call ended with %v and a result of %T", err, v)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}
