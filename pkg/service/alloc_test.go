//go:build !race

package service_test

import (
	"context"
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
)

// TestAllocationsOfACaller: the goal is 3 for small scalars, which are the list of
// arguments and what boxes them.
func TestAllocationsOfACaller(t *testing.T) {
	conn := connectEcho(t, 123456789)
	e := conn.Endpoint("math")
	ctx := context.Background()
	x, y := int64(1000), int64(2000)
	text := "some text"
	tests := []struct {
		name string
		most float64
		call func() error
	}{
		{"two integers, typed result", 3, func() error {
			x, y = x+1, y+1
			_, err := service.Call[int64](ctx, e, "multiply", x, y)
			return err
		}},
		{"two integers, any result", 4, func() error {
			x, y = x+1, y+1
			_, err := e.Call(ctx, "multiply", x, y)
			return err
		}},
		{"no arguments", 1, func() error {
			_, err := service.Call[int64](ctx, e, "now")
			return err
		}},
		{"a text", 2, func() error {
			_, err := service.Call[int](ctx, e, "length", text)
			return err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := testing.AllocsPerRun(2000, func() {
				if err := tt.call(); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.most {
				t.Errorf("%v allocations, want %v at most", got, tt.most)
			}
		})
	}
}

// TestAllocationsOfAService: the goals are 0 by a typed adapter, 2 by reflection, and 5 by
// reflection with context and error.
func TestAllocationsOfAService(t *testing.T) {
	type number int64 // has no adapter
	tests := []struct {
		name string
		most float64
		fn   any
	}{
		{"typed adapter", 0, func(x, y int64) int64 { return x * y }},
		{"typed adapter with context and error", 2, func(ctx context.Context, x, y int64) (int64, error) { return x * y, nil }},
		{"reflection", 2, func(x, y number) number { return x * y }},
		{"reflection with context and error", 5, func(ctx context.Context, x, y number) (number, error) { return x * y, nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			svc := service.New("math", nil)
			svc.Export("multiply", tt.fn, nil)
			p, handle := connectLoad(t, svc)
			request := appendDelivery(t, nil, delivery{id: 5, instance: handle, method: "multiply", args: []any{1234, 5678}})
			got := testing.AllocsPerRun(2000, func() {
				p.link.AppendBytes(request)
				p.link.FlushNow()
				<-p.answers
			})
			if got > tt.most {
				t.Errorf("%v allocations, want %v at most", got, tt.most)
			}
		})
	}
}
