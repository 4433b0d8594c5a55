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

// TestWorkRunsWhileTheServiceIsAnnounced: once, over reconnections, until it is withdrawn; and
// again when it is announced again.
func TestWorkRunsWhileTheServiceIsAnnounced(t *testing.T) {
	began, ended := 0, 0
	work := func(ctx context.Context, clock *service.Service) {
		began++
		if err := clock.Publish(ctx, "started", began); err != nil {
			t.Errorf("Publish = %v", err)
		}
		<-ctx.Done()
		ended++
	}
	withClock(t, &service.ServiceOptions{Work: work}, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		p.published()
		p.lose()
		p = <-s.peers
		p.announced(4)
		synctest.Wait()
		if began != 1 || ended != 0 {
			t.Errorf("over a reconnection it began %d times and ended %d times, want 1 and 0", began, ended)
		}
		go conn.Withdraw(t.Context(), clock)
		_, f := message[*wire.Withdraw](p, wire.KindWithdraw)
		p.done(f)
		synctest.Wait()
		if ended != 1 {
			t.Errorf("withdrawn, it ended %d times, want 1", ended)
		}
		announce(t, conn, p, clock, 5)
		p.published()
		conn.Close()
		synctest.Wait()
		if began != 2 || ended != 2 {
			t.Errorf("in all it began %d times and ended %d times, want 2 and 2", began, ended)
		}
	})
}

func TestWorkOfAServiceThatIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		clock := service.New("clock", &service.ServiceOptions{Work: func(context.Context, *service.Service) {
			t.Error("it works")
		}})
		result := make(chan error, 1)
		go func() { result <- conn.Announce(t.Context(), clock) }()
		p.refuse(p.expect(wire.KindAnnounce), wire.Failf(wire.CodeDenied, wire.No, "no clocks here"))
		wantFailure(t, <-result, wire.CodeDenied, wire.No)
		synctest.Wait()
	})
}

// TestShutdownWaitsForWork as long as its context.
func TestShutdownWaitsForWork(t *testing.T) {
	for _, tt := range []struct {
		name  string
		takes time.Duration
		want  error
	}{{"that ends in time", time.Second, nil}, {"that does not", time.Minute, context.DeadlineExceeded}} {
		t.Run(tt.name, func(t *testing.T) {
			work := func(ctx context.Context, _ *service.Service) { <-ctx.Done(); time.Sleep(tt.takes) }
			withClock(t, &service.ServiceOptions{Work: work}, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				result := make(chan error, 1)
				go func() { result <- conn.Shutdown(ctx) }()
				_, f := message[*wire.Withdraw](p, wire.KindWithdraw)
				p.done(f)
				if err := <-result; !errors.Is(err, tt.want) {
					t.Errorf("Shutdown = %v, want %v", err, tt.want)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

func TestWorkThatPanicsLeavesTheServiceAlive(t *testing.T) {
	logged := new(logbook)
	opts := &service.ServiceOptions{Logger: logged.logger(), Work: func(context.Context, *service.Service) { panic("oops") }}
	withClock(t, opts, func(t *testing.T, s *script, conn *service.Conn, p *peer, clock *service.Service) {
		synctest.Wait()
		wantText(t, logged.String(), "the work of a service panicked", "oops", "work_test.go")
		if err := clock.Publish(t.Context(), "a", 1); err != nil {
			t.Errorf("Publish = %v", err)
		}
	})
}
