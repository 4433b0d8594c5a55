package service_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestHandlerThatEndsItsGoroutineEndsTheSubscription: nobody would read what comes.
func TestHandlerThatEndsItsGoroutineEndsTheSubscription(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		sub := subscribe(t, conn, service.SubscribeOptions{
			OnReport: func(context.Context, service.Report) { runtime.Goexit() },
			OnGap:    func(context.Context, *service.GapError) {},
		})
		id := p.subscribed().ID
		p.reports(id, report{subject: "tick", value: int64(1)})
		<-sub.Done()
		if err := sub.Err(); !errors.Is(err, service.ErrClosed) {
			t.Errorf("Err = %v, want ErrClosed", err)
		}
		if m, _ := message[*wire.Unsubscribe](p, wire.KindUnsubscribe); m.ID != id || len(m.Patterns) > 0 {
			t.Errorf("got %+v, want the end of subscription %d", *m, id)
		}
	})
}
