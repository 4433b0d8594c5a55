package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/netsvc/netsvc/bench/middle"
	"github.com/netsvc/netsvc/bench/natsmiddle"
	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/pkg/exchange"
)

// The sides of a comparison.
const (
	netsvcSide = "netsvc"
	natsSide   = "NATS"
	relaySide  = "relay" // callers and service of netsvc, with a relay between them
)

// roles are the processes.
var roles = map[string]process.Role{
	"exchange": middle.Exchange(exchange.Limits{Sessions: mostSessions}, nil), "nats-server": natsmiddle.Role, "relay": runRelay,
	"netsvc-service": runNetsvcService, "nats-service": runNATSService,
	"netsvc-caller": callerBy(dialNetsvc), "nats-caller": callerBy(dialNATS),
	"netsvc-newcomer": newcomerBy(newNetsvcNewcomer), "nats-newcomer": newcomerBy(newNATSNewcomer),
	"netsvc-idlers": idlersBy(connectIdleNetsvc), "nats-idlers": idlersBy(connectIdleNATS),
}

// cast says who plays for a side: the role in the middle, and what the others' roles begin
// with.
type cast struct{ middle, ends string }

var casts = map[string]cast{
	netsvcSide: {"exchange", "netsvc-"}, natsSide: {"nats-server", "nats-"}, relaySide: {"relay", "netsvc-"},
}

// contestant is one side at work: its processes and what they have done.
type contestant struct {
	side    string
	addr    string // of the middle
	middle  *process.Process
	service *process.Process // nil where the caller is the service, too
	caller  *process.Process
	samples []sample
}

// startContestant starts the processes of a side for a workload.
func startContestant(side string, w *workload) (*contestant, error) {
	text, err := w.encoded()
	if err != nil {
		return nil, err
	}
	c := &contestant{side: side}
	if err := c.start(text); err != nil {
		c.end()
		return nil, fmt.Errorf("%s: %w", side, err)
	}
	return c, nil
}

func (c *contestant) start(workload string) (err error) {
	if c.middle, c.addr, err = process.Start(casts[c.side].middle); err != nil {
		return err
	}
	if c.service, err = c.join("service", workload); err != nil {
		return err
	}
	c.caller, err = c.join("caller", workload)
	return err
}

// join starts a process that connects to the middle.
func (c *contestant) join(role, task string) (*process.Process, error) {
	p, _, err := process.Start(casts[c.side].ends+role, c.addr, task)
	return p, err
}

// end ends all processes, those who depend on others first.
func (c *contestant) end() {
	for _, p := range []*process.Process{c.caller, c.service, c.middle} {
		if p != nil {
			p.End()
		}
	}
}

// reading is the CPU time that each process has used so far, and the machine then.
type reading struct {
	middle, service, caller time.Duration
	machine                 process.Machine
}

func (c *contestant) reading() (r reading, err error) {
	if r.middle, err = c.middle.CPU(); err != nil {
		return r, err
	}
	if c.service != nil {
		if r.service, err = c.service.CPU(); err != nil {
			return r, err
		}
	}
	if r.caller, err = c.caller.CPU(); err != nil {
		return r, err
	}
	r.machine, err = process.WatchMachine()
	r.machine.Ours += r.middle + r.service + r.caller
	return r, err
}

// run has the caller call for a time.
func (c *contestant) run(length time.Duration) (sample, error) {
	before, err := c.reading()
	if err != nil {
		return sample{}, err
	}
	line, err := c.caller.Ask(length.String())
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w", c.side, err)
	}
	after, err := c.reading()
	if err != nil {
		return sample{}, err
	}
	var r result
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		return sample{}, err
	}
	if r.Calls == 0 {
		return sample{}, fmt.Errorf("%s: no calls in %v", c.side, length)
	}
	return r.sample(before, after), nil
}

// sample joins what the caller has told with the readings around it.
func (r result) sample(before, after reading) sample {
	perCall := func(now, then time.Duration) float64 { return (now - then).Seconds() * 1e6 / float64(r.Calls) }
	return sample{
		Calls: float64(r.Calls) / r.Seconds, P50: r.P50, P99: r.P99,
		MiddleCPU:  perCall(after.middle, before.middle),
		CallerCPU:  perCall(after.caller, before.caller),
		ServiceCPU: perCall(after.service, before.service),
		Others:     process.OthersBetween(before.machine, after.machine),
	}
}
