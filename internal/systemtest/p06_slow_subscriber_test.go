package systemtest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestP6_SlowSubscriber: one reader holds his reports up while many are published. What he
// gets in the end and what he is told is missing make what was published; a quick one beside
// him gets all.
func TestP6_SlowSubscriber(t *testing.T) {
	const reports = 2000
	for _, policy := range []service.Overflow{service.DropOldest, service.Latest} {
		t.Run(policy.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, n *network) {
				n.open()
				clock := service.New("clock", nil)
				n.announce(clock)
				release := make(chan struct{})
				slow := &pushed{}
				var err error
				slow.sub, err = n.connect(nil).Subscribe(service.SubscribeOptions{
					Service: "clock", Overflow: policy, Queue: 50,
					OnReport: func(_ context.Context, r service.Report) { <-release; slow.note(r, nil) },
					OnGap:    func(_ context.Context, gap *service.GapError) { slow.note(service.Report{}, gap) },
				})
				if err != nil {
					t.Fatal(err)
				}
				(&reader{t, slow.sub}).synced()
				quick := subscribe(t, n.connect(nil), service.SubscribeOptions{Service: "clock"})
				for i := range reports {
					if err := clock.Publish(t.Context(), []string{"a", "b", "c"}[i%3], i); err != nil {
						t.Fatal(err)
					}
					if i%100 == 0 {
						time.Sleep(time.Millisecond)
					}
				}
				for i := range int64(reports) {
					r, err := quick.sub.Next(t.Context())
					if err != nil || r.Value() != i {
						t.Fatalf("the quick one got %v, want %d", reported(r, err), i)
					}
				}
				close(release)
				testnet.WaitFor(t, "the sum to be whole", func() bool {
					s := slow.sub.Stats()
					return s.Received+s.Lost == reports
				})
				if s := slow.sub.Stats(); s.Lost == 0 || s.Received < 3 {
					t.Errorf("counted %+v, want some lost and the last of each subject", s)
				}
				slow.sub.Close()
				<-slow.sub.Done()
			})
		})
	}
}

// TestP6_Disconnect ends the subscription of a slow reader, and nothing else of his.
func TestP6_Disconnect(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.open()
		clock := service.New("clock", nil)
		n.announce(clock)
		conn := n.connect(nil)
		slow := subscribe(t, conn, service.SubscribeOptions{Service: "clock", Overflow: service.Disconnect, Queue: 10})
		quick := subscribe(t, conn, service.SubscribeOptions{Service: "clock"})
		for i := range 20 {
			publish(t, clock, "a", i, service.PublishOptions{})
		}
		synctest.Wait() // they have come
		var got []string
		for r, err := range slow.sub.Reports(t.Context()) {
			got = append(got, reported(r, err))
		}
		if len(got) != 11 || got[9] != "clock a 9" || got[10] != service.ErrSlow.Error() {
			t.Errorf("the slow one got %q, want ten reports and the end", got)
		}
		for range 20 {
			quick.next()
		}
		quick.wantsNothing()
		testnet.WaitFor(t, "the exchange to forget it", func() bool { return len(clock.Subscribers()) == 1 })
	})
}
