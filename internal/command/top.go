package command

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TopInterval is how often top looks, unless the person before its screen wants it otherwise.
const TopInterval = time.Second

func topCommand() *Command {
	return &Command{
		Name:    "top",
		Section: SectionWatch,
		Summary: "watch how much is called, by instance or service",
		Doc: "On a terminal it takes the whole screen; ? tells its keys and q ends it. Elsewhere it writes one\n" +
			"line of JSON each second, until it is told to end: the counters of the exchange and of each\n" +
			"instance since they started, and what that is in a second since the line before, which is null\n" +
			"in a first line. While the exchange is away there are no lines.",
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Run:     runTop,
	}
}

func runTop(ctx context.Context, env *Env) error {
	conn, err := env.Connect(ctx, true)
	if err != nil {
		return err
	}
	s := NewTopSampler(conn, env.Settings)
	if env.ShowTop != nil && env.forPeople() {
		return env.ShowTop(ctx, s)
	}
	waiting, cancel := context.WithCancel(ctx)
	var patience notice
	defer patience.wg.Wait()
	defer cancel()
	patience.begin(waiting, env, conn)
	return printTop(ctx, env, s)
}

// printTop prints samples until ctx ends.
func printTop(ctx context.Context, env *Env, s *TopSampler) error {
	beat := time.NewTicker(TopInterval)
	defer beat.Stop()
	for {
		sample, err := s.Sample(ctx)
		switch {
		case err == nil:
			if err := env.printShapeLine(sample, sample.append); err != nil {
				return err
			}
		case !ExchangeAway(err):
			return err
		}
		select {
		case <-beat.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ExchangeAway reports whether an error only says that there is no exchange now, which may come back.
func ExchangeAway(err error) bool {
	var f *wire.Failure
	if !errors.As(err, &f) {
		return false
	}
	switch f.Code {
	case wire.CodeUnreachable, wire.CodeLost, wire.CodeTimeout, wire.CodeBusy, wire.CodeDraining, wire.CodeNoService:
		return true
	default:
		return false
	}
}

// append appends the sample as people read it: a line about the exchange, and a table.
func (s *TopSample) append(dst []byte, l render.Look) []byte {
	e := &s.Exchange
	dst = append(dst, render.OneLine(l.Text(e.Address))...)
	dst = append(dst, "  up "+e.Uptime+"  sessions "+strconv.Itoa(e.Sessions)+"  instances "+strconv.Itoa(e.Instances)...)
	dst = append(dst, "  calls/s "+perSecond(e.CallsPerSecond)+"  failures/s "+perSecond(e.FailuresPerSecond)...)
	dst = append(dst, "  open "+strconv.Itoa(e.OpenCalls)+"  reports/s "+perSecond(e.PublishedPerSecond)+"\n"...)
	t := &render.Table{Header: []string{"ADDRESS", "STATE", "CALLS/S", "CALLS", "FAILED", "IN FLIGHT"}}
	for i := range s.Instances {
		row := &s.Instances[i]
		t.Add(row.Instance, row.State, perSecond(row.CallsPerSecond), strconv.FormatUint(row.Calls, 10),
			strconv.FormatUint(row.Failed(), 10), strconv.Itoa(row.Inflight))
	}
	return append(t.Append(dst, l), '\n')
}

func perSecond(rate *float64) string {
	if rate == nil {
		return "-"
	}
	return strconv.FormatFloat(*rate, 'f', 1, 64)
}
