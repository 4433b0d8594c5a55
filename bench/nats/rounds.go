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
	calm   float64       // rounds in which others took more of the machine are run again; zero for none
	idle   int           // idle connections
	settle time.Duration // how long the middle is left alone before its memory is read
	watch  time.Duration // how long its work for idle connections is looked at
}

// measure runs a workload with all its sides.
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
	return all, x.rotate(w, all)
}

// mostAgain bounds how often rounds are run again, as a multiple of the rounds.
const mostAgain = 20

// rotate runs the rounds.
func (x extent) rotate(w *workload, all []*contestant) error {
	again := x.rounds * mostAgain
	for round := 0; round < x.rounds; {
		turns, err := x.round(all, round)
		if err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		if x.calm > 0 && again > 0 && mostOthers(turns) > x.calm {
			again--
			continue
		}
		for i, c := range all {
			c.samples = append(c.samples, turns[i])
		}
		round++
	}
	return nil
}

// round gives each side its turn, and another side the first one in each round.
func (x extent) round(all []*contestant, number int) ([]sample, error) {
	turns := make([]sample, len(all))
	for i := range all {
		at := (number + i) % len(all)
		s, err := all[at].run(x.length)
		if err != nil {
			return nil, err
		}
		turns[at] = s
	}
	return turns, nil
}

// mostOthers is the greatest share of the machine that others had in a turn.
func mostOthers(turns []sample) float64 {
	most := 0.0
	for _, s := range turns {
		most = max(most, s.Others)
	}
	return most
}
