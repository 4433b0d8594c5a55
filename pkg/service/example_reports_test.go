package service_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/netsvc/netsvc/pkg/service"
)

func ExampleConn_Subscribe() {
	clock := service.New("clock", nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		sub, err := conn.Subscribe(service.SubscribeOptions{Service: "clock", Subjects: []string{"t*"}})
		if err != nil {
			fmt.Println(err)
			return
		}
		for n := range 3 {
			clock.Publish(ctx, "tick", n)
		}
		clock.Publish(ctx, "stopped", nil)
		for range 3 {
			report, err := sub.Next(ctx)
			fmt.Println(report.Publisher.Name, report.Subject, report.Value(), err)
		}
	}, clock)
	// Output:
	// clock tick 0 <nil>
	// clock tick 1 <nil>
	// clock tick 2 <nil>
}

func ExampleConn_Subscribe_func() {
	clock := service.New("clock", nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		seen := make(chan bool)
		conn.Subscribe(service.SubscribeOptions{
			Service: "clock",
			OnReport: func(ctx context.Context, report service.Report) {
				fmt.Println(report.Subject, report.Value())
				close(seen)
			},
			OnGap: func(ctx context.Context, gap *service.GapError) { fmt.Println(gap) },
		})
		clock.Publish(ctx, "tick", 1)
		<-seen
	}, clock)
	// Output:
	// tick 1
}

func ExampleSubscription_Reports() {
	clock := service.New("clock", nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		sub, err := conn.Subscribe(service.SubscribeOptions{Service: "clock", Queue: 2})
		if err != nil {
			fmt.Println(err)
			return
		}
		for n := range 10 {
			clock.PublishWith(ctx, "tick", n, service.PublishOptions{Confirm: true})
		}
		for report, err := range sub.Reports(ctx) {
			var gap *service.GapError
			switch {
			case errors.As(err, &gap):
				fmt.Println(gap)
			case err != nil:
				fmt.Println("ended:", err)
			default:
				fmt.Println(report.Subject, report.Value())
			}
			if report.Value() == int64(9) {
				break
			}
		}
	}, clock)
	// Output:
	// service: 8 reports are missing
	// tick 8
	// tick 9
}

func ExampleService_PublishWith() {
	type reading struct {
		Celsius float64 `netsvc:"celsius"`
	}
	thermometer := service.New("thermometer", nil)
	inMemory(func(ctx context.Context, conn *service.Conn) {
		err := thermometer.PublishWith(ctx, "kitchen", reading{21.5}, service.PublishOptions{Lifetime: service.WhileAnnounced, Confirm: true})
		fmt.Println(err)

		late, err := conn.Subscribe(service.SubscribeOptions{Service: "thermometer"})
		if err != nil {
			fmt.Println(err)
			return
		}
		report, err := late.Next(ctx)
		var r reading
		if err == nil {
			err = report.Decode(&r)
		}
		fmt.Println(r.Celsius, report.Retained, err)
	}, thermometer)
	// Output:
	// <nil>
	// 21.5 true <nil>
}

func ExampleService_OnSubscriber() {
	camera := service.New("camera", nil)
	heard := make(chan service.SubscriberEvent)
	camera.OnSubscriber(func(e service.SubscriberEvent) { heard <- e })
	inMemory(func(ctx context.Context, conn *service.Conn) {
		fmt.Println((<-heard).Kind) // there is nobody
		sub, err := conn.Subscribe(service.SubscribeOptions{Service: "camera", Subjects: []string{"picture"}})
		if err != nil {
			fmt.Println(err)
			return
		}
		e := <-heard
		fmt.Println(e.Kind, e.Subscriber.Patterns, camera.Watched("picture"))
		sub.Close()
		e = <-heard
		fmt.Println(e.Kind, e.Reason, camera.Watched("picture"))
	}, camera)
	// Output:
	// synced
	// subscribed [picture] true
	// unsubscribed closed false
}

func ExampleMatch() {
	fmt.Println(service.Match("kitchen/*", "kitchen/oven/door"))
	fmt.Println(service.Match("room-?", "room-12"))
	// Output:
	// true
	// false
}
