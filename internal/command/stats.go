package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

func statsCommand() *Command {
	return &Command{
		Name:    "stats",
		Section: SectionLook,
		Args:    "[SERVICE]",
		Summary: "show what was called, what failed, and what is in flight",
		Doc: "SERVICE is a name, a glob or an address such as math@3. In JSON it is one object. \"exchange\" are\n" +
			"the counters of the exchange since it started, null with a SERVICE. \"instances\" has for each\n" +
			"instance what the exchange counts: calls delivered, failures by code, calls in flight; with a\n" +
			"SERVICE also \"system\", what the instance itself says (system.stats: waiting, limit ...), and\n" +
			"\"error\", why it said nothing within 2 s; then the exit code is 9. Where nothing was to be said\n" +
			"they are null.",
		MaxArgs:  1,
		Formats:  []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Complete: anyService,
		Run:      runStats,
	}
}

// statsShape is all that is counted, as stats prints it.
type statsShape struct {
	Exchange  json.RawMessage  `json:"exchange"`
	Instances []*instanceStats `json:"instances"`
}

// instanceStats is what is counted of one instance: by the exchange, and by itself.
type instanceStats struct {
	exchange.InstanceRow
	System json.RawMessage `json:"system"`
	Error  *errorBody      `json:"error"`
}

func runStats(ctx context.Context, env *Env) error {
	conn, err := env.Connect(ctx, false)
	if err != nil {
		return err
	}
	ctx, cancel := env.bounded(ctx)
	defer cancel()
	if len(env.Args) == 0 {
		return allStats(ctx, env, conn)
	}
	return serviceStats(ctx, env, conn, env.Args[0])
}

// allStats prints what the exchange counts of itself and of each instance.
func allStats(ctx context.Context, env *Env, conn *service.Conn) error {
	totals, err := conn.Endpoint(exchangeName).CallRaw(ctx, "stats", nil, nil)
	if err != nil {
		return err
	}
	doc, err := value.AppendRawJSON(nil, totals.Value)
	if err != nil {
		return err
	}
	instances, err := instancesOf(ctx, conn, "")
	if err != nil {
		return err
	}
	return printStats(env, &statsShape{Exchange: doc, Instances: instances}, false)
}

// serviceStats prints what the exchange and the instances themselves count.
func serviceStats(ctx context.Context, env *Env, conn *service.Conn, target string) error {
	instances, err := chosenInstances(ctx, conn, target)
	if err != nil {
		return err
	}
	askInstances(ctx, conn, instances)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if err := printStats(env, &statsShape{Instances: instances}, true); err != nil {
		return err
	}
	if failed := countFailed(instances); failed > 0 {
		return &Error{
			Code: codePartial, Exit: ExitPartial, Service: target, Ran: wire.Maybe,
			Message: fmt.Sprintf("%d of %d instances did not tell their counters", failed, len(instances)),
		}
	}
	return nil
}

// instancesOf asks the exchange for the counters of instances.
func instancesOf(ctx context.Context, conn *service.Conn, glob string) ([]*instanceStats, error) {
	rows, err := service.Call[[]exchange.InstanceRow](ctx, conn.Endpoint(exchangeName), "instances", glob, "")
	if err != nil {
		return nil, err
	}
	all := make([]*instanceStats, len(rows))
	for i, r := range rows {
		all[i] = &instanceStats{InstanceRow: r}
	}
	return all, nil
}

// chosenInstances are those that a name, a glob or an address stands for. Of a glob that may be
// none.
func chosenInstances(ctx context.Context, conn *service.Conn, target string) ([]*instanceStats, error) {
	name, number, ok := wire.ParseTarget(target)
	if !ok || name == "" {
		return nil, usage("such as math, 'ma*' or math@3", "stats wants SERVICE, not %q", target)
	}
	if err := checkGlob("stats", name); err != nil {
		return nil, err
	}
	all, err := instancesOf(ctx, conn, name)
	if err != nil {
		return nil, err
	}
	if number != 0 {
		all = slices.DeleteFunc(all, func(i *instanceStats) bool { return i.Address != target })
	}
	if len(all) == 0 && !isGlob(name) {
		e := explain(service.ErrNoService).about(target, "")
		e.namesNothing(ctx, conn, nil)
		return nil, e
	}
	return all, nil
}

const (
	statsPatience = 2 * time.Second // how long an instance has to tell its counters
	statsAtOnce   = 64              // instances that are asked at a time; the others wait their turn
)

// askInstances lets each instance tell its own counters.
func askInstances(ctx context.Context, conn *service.Conn, instances []*instanceStats) {
	ctx, cancel := context.WithTimeout(ctx, statsPatience)
	defer cancel()
	places := make(chan struct{}, statsAtOnce)
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, i := range instances {
		places <- struct{}{}
		wg.Go(func() { i.ask(ctx, conn, places) }) // ends with ctx
	}
}

// ask asks one instance, and gives its place to the next. One that has no such method has nothing
// to say.
func (i *instanceStats) ask(ctx context.Context, conn *service.Conn, places <-chan struct{}) {
	defer func() { <-places }()
	r, err := conn.At(i.address()).CallRaw(ctx, "system.stats", nil, nil)
	if err == nil {
		i.System, err = value.AppendRawJSON(nil, r.Value)
	}
	if err == nil || errors.Is(err, service.ErrNoMethod) {
		return
	}
	i.System, i.Error = nil, explain(err).about(i.Service, "system.stats").body()
	i.Error.Instance = &i.Address
}

// address is that of the instance at this very exchange.
func (i *instanceStats) address() service.Address {
	name, number, _ := wire.ParseTarget(i.Address)
	origin, _ := strconv.ParseUint(i.Origin, 16, 64)
	return service.Address{Origin: origin, Name: name, Number: number}
}

func countFailed(instances []*instanceStats) int {
	failed := 0
	for _, i := range instances {
		if i.Error != nil {
			failed++
		}
	}
	return failed
}

func printStats(env *Env, shape *statsShape, asked bool) error {
	return env.printShape(shape, func(dst []byte, l render.Look) []byte {
		if shape.Exchange != nil {
			dst = append(render.ValueTable(shape.Exchange).Append(dst, l), '\n')
		}
		t := render.NewStatsTable(asked)
		for _, i := range shape.Instances {
			if i.Error != nil {
				t.AddSilent(&i.InstanceRow, i.Error.Code)
			} else {
				t.AddInstance(&i.InstanceRow, i.System)
			}
		}
		return t.Append(dst, l)
	})
}
