package service_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestReportsPublishedBeforeCloseGoOut, in front of the goodbye.
func TestReportsPublishedBeforeCloseGoOut(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		const reports = 1000
		for i := range reports {
			if err := clock.Publish(t.Context(), "tick", i); err != nil {
				t.Fatal(err)
			}
		}
		conn.Close()
		for i := range int64(reports) {
			if got := p.published(); got.value != i {
				t.Fatalf("got %v, want %d", got.value, i)
			}
		}
		p.expect(wire.KindBye)
	})
}

// TestShutdownWaitsForTheHandlerOfReports as long as its context.
func TestShutdownWaitsForTheHandlerOfReports(t *testing.T) {
	for _, tt := range []struct {
		name  string
		takes time.Duration
		want  error
	}{{"that ends in time", time.Second, nil}, {"that does not", time.Minute, context.DeadlineExceeded}} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				sub := subscribe(t, conn, service.SubscribeOptions{
					OnReport: func(context.Context, service.Report) { time.Sleep(tt.takes) },
					OnGap:    func(context.Context, *service.GapError) {},
				})
				p.reports(p.subscribed().ID, report{subject: "a", value: int64(1)}, report{subject: "a", value: int64(2)})
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				if err := conn.Shutdown(ctx); !errors.Is(err, tt.want) {
					t.Errorf("Shutdown = %v, want %v", err, tt.want)
				}
				<-sub.Done()
				if n := sub.Stats().Received; n > 2 {
					t.Errorf("%d reports were handled", n)
				}
			})
		})
	}
}
