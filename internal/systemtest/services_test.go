package systemtest

import (
	"context"

	"github.com/netsvc/netsvc/pkg/service"
)

// newMath is the service of the story.
func newMath(groups ...string) *service.Service {
	s := service.New("math", &service.ServiceOptions{Groups: groups})
	s.Export("multiply", func(x, y int64) int64 { return x * y }, &service.MethodOptions{
		Doc: "Product of two integers.", Params: []string{"x", "y"}, ReadOnly: true,
	})
	return s
}

// gate is a method whose handlers tell that they have begun and wait to be let go, or for
// the end of their context.
type gate struct {
	entered chan string // what each was called with
	open    chan struct{}
	ended   chan error // what ended the contexts of those not let go
}

// gateRoom is how many handlers a gate takes without anybody who listens.
const gateRoom = 4096

func newGate() *gate {
	return &gate{make(chan string, gateRoom), make(chan struct{}), make(chan error, gateRoom)}
}

func (g *gate) wait(ctx context.Context, name string) (string, error) {
	g.entered <- name
	select {
	case <-g.open:
		return name, nil
	case <-ctx.Done():
		g.ended <- ctx.Err()
		return "", ctx.Err()
	}
}

// newGated is a service whose method wait is the gate.
func newGated(name string, opts *service.ServiceOptions) (*service.Service, *gate) {
	g := newGate()
	s := service.New(name, opts)
	s.Export("wait", g.wait, nil)
	return s, g
}
