package main

import (
	"fmt"
	"slices"
	"time"
)

// sample is one measurement of a middle.
type sample struct {
	calls float64 // per second
	cpu   float64 // microseconds of the middle's CPU time per call
}

// compare measures both middles in turn and prints a line for each.
func compare(flight, payload, rounds int, length time.Duration) error {
	var relay, exchange []sample
	for range rounds {
		for middle, samples := range map[string]*[]sample{"relay": &relay, "exchange": &exchange} {
			s, err := measure(middle, flight, payload, length)
			if err != nil {
				return fmt.Errorf("%s with %d in flight: %w", middle, flight, err)
			}
			*samples = append(*samples, s)
		}
	}
	calls, cpu := func(s sample) float64 { return s.calls }, func(s sample) float64 { return s.cpu }
	fmt.Printf("%5d in flight  relay    %8.0f calls/s  %6.2f us CPU/call\n", flight, median(relay, calls), median(relay, cpu))
	fmt.Printf("%5s            exchange %8.0f calls/s  %6.2f us CPU/call  ratios %.2f, %.2f\n", "",
		median(exchange, calls), median(exchange, cpu), ratio(exchange, relay, calls), ratio(exchange, relay, cpu))
	return nil
}

func median(samples []sample, of func(sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// ratio is the median of the ratios within the rounds.
func ratio(a, b []sample, of func(sample) float64) float64 {
	values := make([]float64, len(a))
	for i := range a {
		values[i] = of(a[i]) / of(b[i])
	}
	slices.Sort(values)
	return values[len(values)/2]
}
