// Command subscriber prints what services report: by default what the thermometer of the example
// publisher measures, on all its subjects.
//
//	go run ./examples/subscriber                                # an exchange at 127.0.0.1:11111
//	go run ./examples/subscriber 11111 clock                    # the reports of another service
//	go run ./examples/subscriber 11111 thermometer 'temp*' x    # some of its subjects
//
// The exchange and the service may be started later, end and come back; what was missed meanwhile is
// said on stderr. SIGINT ends it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/netsvc/netsvc/pkg/service"
)

func main() {
	exchange, opts := "127.0.0.1:11111", service.SubscribeOptions{Service: "thermometer"}
	if len(os.Args) > 1 {
		exchange = os.Args[1]
	}
	if len(os.Args) > 2 {
		opts.Service, opts.Subjects = os.Args[2], os.Args[3:]
	}
	if err := run(exchange, opts); err != nil {
		log.Fatal(err)
	}
}

// run prints reports until SIGINT. Its error is a refusal of the exchange.
func run(exchange string, opts service.SubscribeOptions) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	conn, err := service.Connect(ctx, exchange, &service.Options{Background: true})
	if err != nil {
		return err
	}
	defer conn.Close()
	sub, err := conn.Subscribe(opts)
	if err != nil {
		return err
	}
	for report, err := range sub.Reports(ctx) {
		var gap *service.GapError
		switch {
		case errors.As(err, &gap):
			log.Print(gap)
		case err != nil:
			return err
		case report.Retained:
			fmt.Println(report.Publisher, report.Subject, report.Value(), "since", report.Time.Format("15:04:05"))
		default:
			fmt.Println(report.Publisher, report.Subject, report.Value())
		}
	}
	return nil
}
