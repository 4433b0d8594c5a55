package service_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

func TestP6_SlowReaderLosesByPolicy(t *testing.T) {
	burst := func() []report {
		var all []report
		for i := range int64(6) {
			all = append(all, report{subject: fmt.Sprintf("s%d", i%2), value: i})
		}
		return all
	}
	tests := []struct {
		policy service.Overflow
		want   []string
		lost   uint64
	}{
		{service.DropOldest, []string{"gap 3", "clock@3 s1 3", "clock@3 s0 4", "clock@3 s1 5"}, 3},
		{service.Latest, []string{"gap 4", "clock@3 s0 4", "clock@3 s1 5"}, 4},
		{service.Disconnect, []string{"clock@3 s0 0", "clock@3 s1 1", "clock@3 s0 2", service.ErrSlow.Error()}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.policy.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				sub := subscribe(t, conn, service.SubscribeOptions{Overflow: tt.policy, Queue: 3})
				p.reports(p.subscribed().ID, burst()...)
				synctest.Wait()
				wantLines(t, "what came", drain(t, sub), tt.want...)
				if got := sub.Stats().Lost; got != tt.lost {
					t.Errorf("%d were lost, want %d", got, tt.lost)
				}
				if tt.policy == service.Disconnect {
					p.expect(wire.KindUnsubscribe)
				}
				p.quiet()
			})
		})
	}
}

// TestP6_SlowHandler: the law of the queue is the same when funcs take the reports.
func TestP6_SlowHandler(t *testing.T) {
	tests := []struct {
		policy service.Overflow
		want   []string
	}{
		{service.DropOldest, []string{"clock@3 a 0", "gap 3", "clock@3 a 4", "clock@3 a 5"}},
		{service.Latest, []string{"clock@3 a 0", "gap 4", "clock@3 a 5"}},
		{service.Disconnect, []string{"clock@3 a 0", "clock@3 a 1", "clock@3 a 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.policy.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
				var lines []string
				release := make(chan struct{})
				sub := subscribe(t, conn, service.SubscribeOptions{
					Overflow: tt.policy, Queue: 2,
					OnReport: func(_ context.Context, r service.Report) { lines = append(lines, line(r, nil)); <-release },
					OnGap:    func(_ context.Context, gap *service.GapError) { lines = append(lines, line(service.Report{}, gap)) },
				})
				id := p.subscribed().ID
				for i := range int64(6) {
					p.reports(id, report{subject: "a", value: i})
					synctest.Wait() // the first is with the handler before the others come
				}
				close(release)
				synctest.Wait()
				wantLines(t, "what the funcs got", lines, tt.want...)
				if tt.policy == service.Disconnect {
					<-sub.Done()
					if err := sub.Err(); err != service.ErrSlow {
						t.Errorf("ended with %v, want %v", err, service.ErrSlow)
					}
				}
			})
		})
	}
}

func TestP7_HandlerGetsOneReportAtATimeInOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		running, most, next := 0, 0, int64(0)
		subscribe(t, conn, service.SubscribeOptions{
			OnReport: func(_ context.Context, r service.Report) {
				running++
				most = max(most, running)
				if v := r.Value(); v != next {
					t.Errorf("got %v, want %d", v, next)
				}
				next++
				running--
			},
			OnGap: func(context.Context, *service.GapError) { t.Error("there is no gap") },
		})
		id := p.subscribed().ID
		for i := range int64(1000) {
			p.reports(id, report{subject: "a", value: i})
		}
		synctest.Wait()
		if most != 1 || next != 1000 {
			t.Errorf("%d handlers at once got %d reports, want 1 and 1000", most, next)
		}
	})
}

func TestHandlerMayCloseItsSubscription(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		var sub *service.Subscription
		calls := 0
		began, closing := make(chan struct{}), make(chan struct{})
		sub = subscribe(t, conn, service.SubscribeOptions{
			OnReport: func(ctx context.Context, r service.Report) {
				calls++
				close(began)
				<-closing
				sub.Close()
				<-ctx.Done()
			},
			OnGap: func(context.Context, *service.GapError) {},
		})
		p.reports(p.subscribed().ID, report{subject: "a", value: int64(1)}, report{subject: "a", value: int64(2)})
		<-began
		close(closing)
		<-sub.Done()
		if calls != 1 || sub.Err() != service.ErrClosed {
			t.Errorf("%d calls, ended with %v; want 1, %v", calls, sub.Err(), service.ErrClosed)
		}
		p.expect(wire.KindUnsubscribe)
	})
}

func TestHandlerThatPanicsGetsTheNextReport(t *testing.T) {
	logged := new(logbook)
	inBubbleWith(t, &service.Options{Logger: logged.logger()}, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		got := 0
		subscribe(t, conn, service.SubscribeOptions{
			OnReport: func(_ context.Context, r service.Report) {
				if got++; got == 1 {
					panic("oops")
				}
			},
			OnGap: func(context.Context, *service.GapError) {},
		})
		p.reports(p.subscribed().ID, report{subject: "a", value: int64(1)}, report{subject: "a", value: int64(2)})
		synctest.Wait()
		if got != 2 {
			t.Errorf("%d reports came, want 2", got)
		}
		wantText(t, logged.String(), "handler of reports panicked", "oops", "slowreader_test.go")
	})
}
