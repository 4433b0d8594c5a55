// Command publisher is a service that publishes reports: it is called "thermometer", and what it
// measures comes from a random walk.
//
//	netsvc exchange --listen 11111 &
//	go run ./examples/publisher           # or with an address: host:port, a port, unix:/path
//	go run ./examples/subscriber          # prints what the thermometer reports
//
// On the subject "temperature" it publishes a reading each second, retained for a minute: whoever
// subscribes gets the last one at once. On "draught", which takes ten readings a second, it works only
// while somebody listens. It prints who comes and goes. SIGINT ends it.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

func main() {
	exchange := "127.0.0.1:11111"
	if len(os.Args) > 1 {
		exchange = os.Args[1]
	}
	thermometer := service.New("thermometer", &service.ServiceOptions{Work: measure})
	thermometer.OnSubscriber(printSubscriber)
	if err := service.Run(context.Background(), exchange, thermometer); err != nil {
		log.Fatal(err)
	}
}

// measure publishes until the service is withdrawn. What cannot be published, because there is no
// exchange now, is of no use later: the next reading comes soon.
func measure(ctx context.Context, thermometer *service.Service) {
	last := service.PublishOptions{Lifetime: time.Minute}
	celsius := 20.0
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		change := rand.Float64() - 0.5
		celsius += change
		if n%10 == 0 {
			thermometer.PublishWith(ctx, "temperature", celsius, last)
		}
		if thermometer.Watched("draught") {
			thermometer.Publish(ctx, "draught", change)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// printSubscriber tells who comes and goes. No patterns are all subjects.
func printSubscriber(e service.SubscriberEvent) {
	switch e.Kind {
	case service.Subscribed, service.Unsubscribed:
		fmt.Println(e.Kind, e.Subscriber.Info.Process.Program, e.Subscriber.Patterns)
	}
}
