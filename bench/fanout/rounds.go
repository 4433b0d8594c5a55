package main

import (
	"fmt"
	"io"
	"time"

	"github.com/netsvc/netsvc/bench/spread"
)

// warmUp is the length of a turn before the first round.
const warmUp = 200 * time.Millisecond

// findings are the samples of each side, one for each round.
type findings map[string][]sample

// measure runs all rounds of one way to take part, for a number of subscribers.
func (x extent) measure(way string, subscribers int) (findings, error) {
	found := findings{}
	all := map[string]*contestant{}
	defer func() {
		for _, c := range all {
			c.end()
		}
	}()
	for _, side := range sides {
		c, err := start(casts[way][side], subscribers, x.payload)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", side, err)
		}
		all[side] = c
		if _, err := c.turn(min(warmUp, x.length)); err != nil {
			return nil, fmt.Errorf("%s: %w", side, err)
		}
	}
	for round := range x.rounds {
		for i := range sides {
			side := sides[(round+i)%len(sides)] // another one is the first in each round
			s, err := all[side].turn(x.length)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", side, err)
			}
			found[side] = append(found[side], s)
		}
	}
	return found, nil
}

// metric is a figure of a sample.
type metric func(sample) float64

var (
	delivered  metric = func(s sample) float64 { return s.delivered }
	middleCPU  metric = func(s sample) float64 { return s.middle }
	everything metric = func(s sample) float64 { return s.everything }
)

// values are those of one side, a round each.
func (f findings) values(side string, of metric) []float64 {
	var values []float64
	for _, s := range f[side] {
		values = append(values, of(s))
	}
	return values
}

func (f findings) median(side string, of metric) float64 { return spread.Of(f.values(side, of)).Median }

// ratio is that of netsvc over NATS within the rounds.
func (f findings) ratio(of metric) string {
	r := spread.Ratios(f.values(netsvcSide, of), f.values(natsSide, of))
	return fmt.Sprintf("%.2f (%.2f to %.2f)", r.Median, r.Least, r.Most)
}

const tableHead = `| ends | subscribers | NATS deliveries/s | netsvc | ratio (least to most) | CPU of the middle for each: NATS | netsvc | ratio | of all: NATS | netsvc |
|---|---|---|---|---|---|---|---|---|---|
`

// row prints what was found for a number of subscribers.
func row(out io.Writer, way string, subscribers int, f findings) {
	fmt.Fprintf(out, "| %s | %d | %.0f | %.0f | %s | %.2f us | %.2f us | %s | %.2f us | %.2f us |\n", way, subscribers,
		f.median(natsSide, delivered), f.median(netsvcSide, delivered), f.ratio(delivered),
		f.median(natsSide, middleCPU), f.median(netsvcSide, middleCPU), f.ratio(middleCPU),
		f.median(natsSide, everything), f.median(netsvcSide, everything))
}
