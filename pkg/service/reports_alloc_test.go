//go:build !race

package service_test

import (
	"context"
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
)

// TestAllocationsOfAPublisher: the goal is what boxes the value, and for one that is retained
// its copy and the way back of the exchange's answer.
func TestAllocationsOfAPublisher(t *testing.T) {
	conn, _ := connectReports(t)
	clock := service.New("clock", nil)
	if err := conn.Announce(t.Context(), clock); err != nil {
		t.Fatal(err)
	}
	n := int64(1000)
	text := "some text"
	ctx := context.Background()
	tests := []struct {
		name    string
		most    float64
		publish func() error
	}{
		{"an integer", 1, func() error { n++; return clock.Publish(ctx, "tick", n) }},
		{"a text", 1, func() error { return clock.Publish(ctx, "tick", text) }},
		{"a retained integer", 4, func() error {
			n++
			return clock.PublishWith(ctx, "tick", n, service.PublishOptions{Lifetime: service.WhileAnnounced})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := testing.AllocsPerRun(2000, func() {
				if err := tt.publish(); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.most {
				t.Errorf("%v allocations, want %v at most", got, tt.most)
			}
		})
	}
}

// TestAllocationsOfASubscriber: the goal is one for the value, which the reader may keep, and
// one for its Go form where that takes memory.
func TestAllocationsOfASubscriber(t *testing.T) {
	conn, p := connectReports(t)
	pulled := subscribe(t, conn, service.SubscribeOptions{})
	frame := appendReport(t, nil, <-p.subscribed, report{subject: "tick", value: 123456})
	read := make(chan struct{})
	pushed := subscribe(t, conn, service.SubscribeOptions{
		OnReport: func(context.Context, service.Report) { read <- struct{}{} },
		OnGap:    func(context.Context, *service.GapError) {},
	})
	pushedFrame := appendReport(t, nil, <-p.subscribed, report{subject: "tick", value: 123456})
	defer pushed.Close()
	var n int64
	tests := []struct {
		name string
		most float64
		get  func() error
	}{
		{"pulled", 1, func() error {
			p.link.AppendBytes(frame)
			p.link.FlushNow()
			_, err := pulled.Next(context.Background())
			return err
		}},
		{"pulled and decoded", 2, func() error {
			p.link.AppendBytes(frame)
			p.link.FlushNow()
			r, err := pulled.Next(context.Background())
			if err != nil {
				return err
			}
			return r.Decode(&n)
		}},
		{"pushed", 1, func() error {
			p.link.AppendBytes(pushedFrame)
			p.link.FlushNow()
			<-read
			return nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := testing.AllocsPerRun(2000, func() {
				if err := tt.get(); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.most {
				t.Errorf("%v allocations, want %v at most", got, tt.most)
			}
		})
	}
}
