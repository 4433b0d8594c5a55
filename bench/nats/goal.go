package main

import (
	"fmt"

	"github.com/netsvc/netsvc/bench/spread"
)

// sample is what one side did in one round.
type sample struct {
	Calls      float64 // per second
	P50, P99   float64 // of one call in microseconds; only measured with one in flight
	MiddleCPU  float64 // microseconds per call: the exchange, the NATS server or the relay
	CallerCPU  float64 // microseconds per call, the library's and the load's
	ServiceCPU float64 // microseconds per call, likewise
	Others     float64 // share of the machine that processes beside these took
}

// cpu is what a call costs all processes together, in microseconds. On a busy machine it
// tells more than calls per second.
func (s sample) cpu() float64 { return s.MiddleCPU + s.CallerCPU + s.ServiceCPU }

// metric is a figure of a sample that goals are about.
type metric struct {
	name string
	unit string
	of   func(sample) float64
}

var (
	calls     = metric{"calls", "/s", func(s sample) float64 { return s.Calls }}
	p50       = metric{"p50", "us", func(s sample) float64 { return s.P50 }}
	middleCPU = metric{"middle's CPU per call", "us", func(s sample) float64 { return s.MiddleCPU }}
)

// goal is a bound of netsvc's figure over another side's. Zero bounds are none.
type goal struct {
	number          string // of the design's list
	metric          metric
	over            string // which side
	atMost, atLeast float64
	stretch         float64 // not demanded
}

// wanted is the bound as text.
func (g goal) wanted() string {
	switch {
	case g.atMost != 0:
		return fmt.Sprintf("<= %.2f", g.atMost)
	case g.stretch != 0:
		return fmt.Sprintf(">= %.1f (stretch %.1f)", g.atLeast, g.stretch)
	}
	return fmt.Sprintf(">= %.1f", g.atLeast)
}

// met tells whether the median of the rounds keeps the bound.
func (g goal) met(ratio float64) bool {
	if g.atMost != 0 {
		return ratio <= g.atMost
	}
	return ratio >= g.atLeast
}

// over is the spread of the ratios within the rounds.
func (m metric) over(a, b []sample) spread.Spread { return spread.Ratios(m.values(a), m.values(b)) }

// spread is that of the figure itself.
func (m metric) spread(samples []sample) spread.Spread { return spread.Of(m.values(samples)) }

func (m metric) values(samples []sample) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = m.of(s)
	}
	return values
}
