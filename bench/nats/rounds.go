package main

import (
	"fmt"
	"time"
)

// extent is how much is measured.
type extent struct {
	rounds int
	length time.Duration // of one side in one round
	warmUp time.Duration // of each side before the first
	idle   int           // idle connections
	settle time.Duration // how long the middle is left alone before its memory is read
	watch  time.Duration // how long its work for idle connections is looked at
}

// measure runs a workload: each side in turn within a round, and each round begun by another
// side.
func (x extent) measure(w *workload, start func(side string, w *workload) (*contestant, error)) ([]*contestant, error) {
	var all []*contestant
	defer func() {
		for _, c := range all {
			c.end()
		}
	}()
	for _, side := range w.sides {
		c, err := start(side, w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Name, err)
		}
		all = append(all, c)
		if _, err := c.run(x.warmUp); err != nil {
			return nil, fmt.Errorf("%s: %w", w.Name, err)
		}
	}
	for round := range x.rounds {
		for i := range all {
			c := all[(round+i)%len(all)]
			s, err := c.run(x.length)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.Name, err)
			}
			c.samples = append(c.samples, s)
		}
	}
	return all, nil
}
