package command

import (
	"context"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
)

func pingCommand() *Command {
	return &Command{
		Name:    "ping",
		Section: SectionLook,
		Args:    "[SERVICE]",
		Summary: "ask a service, or the exchange, whether it is there, and how long that takes",
		Doc: "SERVICE is a name, which the instance answers that a call would choose, or an address such as\n" +
			"math@3. Handlers that are busy do not hold it up. Without SERVICE it is the exchange that answers.",
		MaxArgs:  1,
		Formats:  []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Complete: anyService,
		Run:      runPing,
	}
}

// pingShape is what answered, and how long that took, as the contract has it.
type pingShape struct {
	Instance string  `json:"instance"`
	Millis   float64 `json:"ms"`
	Origin   string  `json:"origin"`
}

func runPing(ctx context.Context, env *Env) error {
	target := exchangeName
	if len(env.Args) > 0 {
		target = env.Args[0]
	}
	conn, err := env.Connect(ctx, false)
	if err != nil {
		return err
	}
	ctx, cancel := env.bounded(ctx)
	defer cancel()
	shape, err := ping(ctx, conn, target)
	if err != nil {
		e := explain(err).about(target, "")
		if e.Exit == ExitNotFound && e.unmade() {
			e.namesNothing(ctx, conn, nil)
		}
		return e
	}
	return env.printShape(shape, func(dst []byte, l render.Look) []byte {
		return l.AppendPing(dst, shape.Instance, shape.Millis)
	})
}

// ping measures one call that no handler has to run for.
func ping(ctx context.Context, conn *service.Conn, target string) (*pingShape, error) {
	began := time.Now()
	r, err := conn.Endpoint(target).CallRaw(ctx, "system.ping", nil, nil)
	took := time.Since(began)
	if err != nil {
		return nil, err
	}
	return &pingShape{Instance: r.Instance.String(), Millis: millis(took), Origin: originOf(r.Instance)}, nil
}

// millis is a time as scripts get it: in milliseconds, to the microsecond.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
