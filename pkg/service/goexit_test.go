package service_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

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

// TestListenerThatEndsItsGoroutineHearsTheRest: it costs one event, as a panic does.
func TestListenerThatEndsItsGoroutineHearsTheRest(t *testing.T) {
	withClock(t, nil, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		var told notices
		clock.OnSubscriber(func(e service.SubscriberEvent) {
			told.note(e)
			runtime.Goexit()
		})
		id := p.audience("clock@3")
		p.tell(id, listens(7, 1, "tick"), wire.Event{Kind: wire.Synced})
		synctest.Wait()
		p.tell(id, leaves(7, 1, wire.ReasonFrozen))
		synctest.Wait()
		wantLines(t, "all", told.take(), "subscribed @7/1 tick", "synced", "unsubscribed @7/1 frozen")
	})
}
