// Command client is the seed's client: every second it looks for the service "math", and when there
// is one it has a random number squared and prints the answer. When there is none it tries again.
//
//	go run ./examples/client              # or with an address: host:port, a port, unix:/path
//
// The exchange and the service may be started later, end and come back; the client goes on. SIGINT
// ends it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

func main() {
	exchange := "127.0.0.1:11111"
	if len(os.Args) > 1 {
		exchange = os.Args[1]
	}
	if err := run(exchange); err != nil {
		log.Fatal(err)
	}
}

// run prints squares until SIGINT. Its error is a refusal of the exchange.
func run(exchange string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	conn, err := service.Connect(ctx, exchange, &service.Options{Background: true})
	if err != nil {
		return err
	}
	defer conn.Close()
	math := conn.Endpoint("math")
	service.Every(ctx, time.Second, func(ctx context.Context) { printSquare(ctx, math) })
	select {
	case <-ctx.Done():
		return nil
	case <-conn.Done():
		return conn.Err()
	}
}

// printSquare makes one call. Whether there is a "math" is known at once, without a time-out.
func printSquare(ctx context.Context, math *service.Endpoint) {
	x := rand.Int64N(1000)
	square, err := service.Call[int64](ctx, math, "multiply", x, x)
	switch {
	case err == nil:
		fmt.Println(square)
	case errors.Is(err, service.ErrNoService), errors.Is(err, service.ErrUnreachable):
		// No service, or no exchange: the next second tries again.
	case ctx.Err() == nil:
		log.Print(err)
	}
}
