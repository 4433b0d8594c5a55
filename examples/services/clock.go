package services

import (
	"context"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// Clock makes the service "clock". It tells the time when it is asked, and it publishes reports: on
// the subject "started" the time since when it is announced, retained as long as it is; on "tick",
// every second, how many seconds that is, for those who listen now.
func Clock() *service.Service {
	s := service.New("clock", &service.ServiceOptions{
		Groups: []string{group}, Description: "Tells the time, and reports each second.",
		Subjects: []string{"started", "tick"}, Work: tick,
	})
	s.Export("now", time.Now, pure("The present time, in the zone of the service."))
	return s
}

// tick publishes until the clock is withdrawn. A tick while there is no exchange is nobody's; what is
// retained comes back by itself after an outage, so it is published once.
func tick(ctx context.Context, clock *service.Service) {
	began := time.Now()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	retained := false
	for {
		if !retained {
			retained = clock.PublishWith(ctx, "started", began, service.PublishOptions{Lifetime: service.WhileAnnounced}) == nil
		}
		select {
		case <-ticker.C:
			clock.Publish(ctx, "tick", int64(time.Since(began)/time.Second))
		case <-ctx.Done():
			return
		}
	}
}
