package service_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log"
	"slices"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// inMemory runs f with a connection to an exchange in this process, at which the services
// are announced.
func inMemory(f func(ctx context.Context, conn *service.Conn), announced ...*service.Service) {
	ctx := context.Background()
	ex, err := exchange.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer ex.Close()
	conn, err := service.Connect(ctx, "", &service.Options{Dial: ex.Dial})
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	for _, s := range announced {
		if err := conn.Announce(ctx, s); err != nil {
			log.Fatal(err)
		}
	}
	f(ctx, conn)
}

func ExampleEndpoint_Send() {
	written := make(chan string)
	journal := service.New("journal", nil)
	journal.Export("write", func(line string) { written <- line }, nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		fmt.Println(conn.Endpoint("journal").Send(ctx, "write", "it rains"))
		fmt.Println(<-written)
	}, journal)
	// Output:
	// <nil>
	// it rains
}

func ExampleStream() {
	math := service.New("math", nil)
	math.Export("squares", func(n int) iter.Seq[int] {
		return func(yield func(int) bool) {
			for i := 1; i <= n && yield(i*i); i++ {
			}
		}
	}, nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		e := conn.Endpoint("math")
		for square, err := range service.Stream[int](ctx, e, "squares", 1_000_000) {
			if err != nil || square > 20 {
				break // ends the handler, too
			}
			fmt.Println(square)
		}
		fmt.Println(service.Call[[]int](ctx, e, "squares", 3))
	}, math)
	// Output:
	// 1
	// 4
	// 9
	// 16
	// [1 4 9] <nil>
}

func ExampleKeep() {
	waiting := make(chan *service.Kept, 1)
	door := service.New("door", nil)
	door.Export("wait", func(ctx context.Context) { waiting <- service.Keep(ctx) }, nil)
	door.Export("open", func() error { return (<-waiting).Answer("come in") }, nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		e := conn.Endpoint("door")
		visitor := e.Go(ctx, "wait")
		if _, err := e.Call(ctx, "open"); err != nil {
			fmt.Println(err)
		}
		fmt.Println(visitor.Result())
	}, door)
	// Output:
	// come in <nil>
}

func ExampleForward() {
	math := service.New("math", nil)
	math.Export("multiply", func(x, y int) int { return x * y }, nil)
	front := service.New("front", nil)
	front.Export("multiply", func(ctx context.Context, x, y int) error {
		caller, _ := service.CallerFrom(ctx)
		return service.ForwardRaw(ctx, caller.Conn.Endpoint("math"), "multiply", nil)
	}, nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		fmt.Println(conn.Endpoint("front").Call(ctx, "multiply", 3, 4))
	}, math, front)
	// Output:
	// 12 <nil>
}

func ExampleConn_Export() {
	copier := service.New("copier", nil)
	copier.Export("copy", func(ctx context.Context, file string) error {
		caller, _ := service.CallerFrom(ctx)
		_, err := caller.Conn.At(caller.Address).Call(ctx, "progress", "half of "+file)
		return err
	}, nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		conn.Export("progress", func(text string) { fmt.Println(text) }, nil)
		fmt.Println(conn.Endpoint("copier").Call(ctx, "copy", "a.txt"))
	}, copier)
	// Output:
	// half of a.txt
	// <nil> <nil>
}

func ExampleConn_CallAll() {
	var replicas []*service.Service
	for _, load := range []float64{0.25, 0.75} {
		s := service.New("worker", nil)
		s.Export("load", func() float64 { return load }, nil)
		replicas = append(replicas, s)
	}
	inMemory(func(ctx context.Context, conn *service.Conn) {
		gathering, err := conn.CallAll(ctx, "worker", "load")
		if err != nil {
			log.Fatal(err)
		}
		sum := 0.0
		for answer := range gathering.Answers() {
			load, err := service.As[float64](&answer)
			if err != nil {
				fmt.Println(answer.Instance, err)
			}
			sum += load
		}
		fmt.Println("load of", len(gathering.Members()), "workers:", sum)
	}, replicas...)
	// Output: load of 2 workers: 1
}

func ExamplePolicy() {
	var replicas []*service.Service
	for _, zone := range []string{"north", "south"} {
		s := service.New("mirror", &service.ServiceOptions{Labels: map[string]string{"zone": zone}})
		s.Export("zone", func() string { return zone }, nil)
		replicas = append(replicas, s)
	}
	inMemory(func(ctx context.Context, conn *service.Conn) {
		oldest := conn.Endpoint("mirror").With(service.CallOptions{Pick: service.First})
		fmt.Println(oldest.Call(ctx, "zone"))
		inTheSouth := func(candidates []service.Info) int {
			return slices.IndexFunc(candidates, func(i service.Info) bool { return i.Labels["zone"] == "south" })
		}
		south := conn.Endpoint("mirror").With(service.CallOptions{Choose: inTheSouth})
		fmt.Println(south.Call(ctx, "zone"))
	}, replicas...)
	// Output:
	// north <nil>
	// south <nil>
}

func ExampleRetry() {
	inMemory(func(ctx context.Context, conn *service.Conn) {
		nobody := conn.Endpoint("nobody").With(service.CallOptions{Retry: &service.Retry{
			Attempts: 3, Min: time.Millisecond, Max: time.Millisecond,
		}})
		_, err := nobody.Call(ctx, "ping")
		var failure *service.Failure
		if errors.As(err, &failure) {
			fmt.Println(failure.Code, "after", failure.Attempts, "attempts")
		}
	})
	// Output: no_service after 3 attempts
}
