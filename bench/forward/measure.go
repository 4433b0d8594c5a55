package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/bench/process"
)

// measure runs a middle, a service and a caller once.
func measure(middle string, flight, payload int, length time.Duration) (sample, error) {
	m, addr, err := process.Start(middle)
	if err != nil {
		return sample{}, err
	}
	defer m.End()
	size := strconv.Itoa(payload)
	svc, _, err := process.Start("service", middle, addr, size)
	if err != nil {
		return sample{}, err
	}
	defer svc.Kill()
	cli, _, err := process.Start("caller", middle, addr, size, strconv.Itoa(flight), length.String())
	if err != nil {
		return sample{}, err
	}
	defer cli.End()
	before, err := m.CPU()
	if err != nil {
		return sample{}, err
	}
	line, err := cli.Line()
	if err != nil {
		return sample{}, err
	}
	after, err := m.CPU()
	if err != nil {
		return sample{}, err
	}
	calls, err := strconv.ParseFloat(line, 64)
	if err != nil || calls == 0 {
		return sample{}, fmt.Errorf("the caller made %q calls", line)
	}
	return sample{calls: calls / length.Seconds(), cpu: (after - before).Seconds() * 1e6 / calls}, nil
}
