package service_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// A whole service: it may start before the exchange, and it drains on SIGINT.
func ExampleRun() {
	math := service.New("math", &service.ServiceOptions{Groups: []string{"web-services"}})
	math.Export("multiply", func(x, y int64) int64 { return x * y }, &service.MethodOptions{
		Doc: "Product of two integers.", Params: []string{"x", "y"}, ReadOnly: true,
	})
	if err := service.Run(context.Background(), "localhost:11111", math); err != nil {
		log.Fatal(err)
	}
}

// A caller that tells the failures apart it can do something about.
func ExampleCall() {
	ctx := context.Background()
	conn, err := service.Connect(ctx, "11111", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	product, err := service.Call[int64](ctx, conn.Endpoint("math"), "multiply", 3, 4)
	var failure *service.Failure
	switch {
	case err == nil:
		fmt.Println(product)
	case errors.Is(err, service.ErrNoService):
		fmt.Println("nobody multiplies here")
	case errors.As(err, &failure) && failure.Delivered == service.No:
		fmt.Println("it certainly did not run, so it may be tried again:", err)
	default:
		fmt.Println("it may have run:", err)
	}
}

// Calls in flight at the same time.
func ExampleEndpoint_Go() {
	ctx := context.Background()
	conn, err := service.Connect(ctx, "11111", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	math := conn.Endpoint("math").With(service.CallOptions{Timeout: time.Second})
	first, second := math.Go(ctx, "multiply", 3, 4), math.Go(ctx, "multiply", 5, 6)
	second.Then(func(result any, err error) { fmt.Println("second:", result, err) })
	result, err := first.Result()
	fmt.Println("first:", result, err)
}

// Following the registry.
func ExampleConn_Watch() {
	conn, err := service.Connect(context.Background(), "11111", &service.Options{Background: true})
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	watch, err := conn.Watch(service.WatchOptions{Group: "web-services"})
	if err != nil {
		log.Fatal(err)
	}
	for event := range watch.Events(context.Background()) {
		fmt.Println(event.Kind, event.Info.Address, event.Reason)
	}
}

// A handler that knows its caller, gives up when the caller does, and fails with a number
// of its own.
func ExampleCallerFrom() {
	printer := service.New("printer", nil)
	err := printer.Export("print", func(ctx context.Context, text string) error {
		caller, _ := service.CallerFrom(ctx)
		if text == "" {
			return service.Fail(17, "nothing to print for "+caller.Address.String())
		}
		return ctx.Err()
	}, &service.MethodOptions{Params: []string{"text"}})
	fmt.Println(err)
	// Output: <nil>
}

// What is wrong with a service shows at the latest when it is announced.
func ExampleService_Export() {
	s := service.New("math", nil)
	s.Export("divide", 3, nil)
	s.Export("multiply", func(x, y int64) int64 { return x * y }, nil)
	fmt.Println(s.Join("web-services"))
	// Output: service: method divide: value: not a func, or a nil one
}

func ExampleFail() {
	err := error(service.Fail(17, "out of paper"))
	fmt.Println(err, errors.Is(err, service.ErrApplication))
	// Output: application: out of paper true
}

func ExampleAfter() {
	done := service.After(context.Background(), time.Millisecond, func(context.Context) { fmt.Println("ran") })
	<-done.Done()
	// Output: ran
}
