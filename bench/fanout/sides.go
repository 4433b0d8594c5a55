package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/bench/middle"
	"github.com/netsvc/netsvc/bench/natsmiddle"
	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/pkg/exchange"
)

// The sides of the comparison.
const (
	netsvcSide = "netsvc"
	natsSide   = "NATS"
)

var sides = []string{netsvcSide, natsSide}

// cast is who plays for a side.
type cast struct{ middle, publisher, subscribers string }

// casts are those of the two ways to take part: by the libraries, as users do, and barely:
// ends that only move frames of the protocol, so that the middle has to work most.
var casts = map[string]map[string]cast{
	"library": {
		netsvcSide: {"exchange", "netsvc-publisher", "netsvc-subscribers"},
		natsSide:   {"nats-server", "nats-publisher", "nats-subscribers"},
	},
	"bare": {
		netsvcSide: {"exchange", "netsvc-bare-publisher", "netsvc-bare-subscribers"},
		natsSide:   {"nats-server", "nats-bare-publisher", "nats-bare-subscribers"},
	},
}

// ways are the names of the casts, in order.
var ways = []string{"bare", "library"}

// roles are the processes.
var roles = map[string]process.Role{
	"exchange": middle.Exchange(exchange.Limits{}, nil), "nats-server": natsmiddle.Role,
	"netsvc-publisher": publisherBy(netsvcPublisher), "netsvc-subscribers": subscribersBy(subscribeNetsvc),
	"netsvc-bare-publisher": publisherBy(bareNetsvcPublisher), "netsvc-bare-subscribers": subscribersBy(subscribeBareNetsvc),
	"nats-publisher": publisherBy(natsPublisher), "nats-subscribers": subscribersBy(subscribeNATS),
	"nats-bare-publisher": publisherBy(bareNATSPublisher), "nats-bare-subscribers": subscribersBy(subscribeBareNATS),
}

// contestant is one side at work.
type contestant struct {
	subscribers int
	middle      *process.Process
	publisher   *process.Process
	audience    *process.Process
}

// start starts the processes of a side.
func start(who cast, subscribers, payload int) (*contestant, error) {
	c := &contestant{subscribers: subscribers}
	middle, addr, err := process.Start(who.middle)
	if err != nil {
		return nil, err
	}
	c.middle = middle
	number := strconv.Itoa(subscribers)
	publisher, echo, err := process.Start(who.publisher, addr, number, strconv.Itoa(payload))
	if err != nil {
		c.end()
		return nil, err
	}
	c.publisher = publisher
	if c.audience, _, err = process.Start(who.subscribers, addr, number, echo); err != nil {
		c.end()
		return nil, err
	}
	return c, nil
}

// end ends all processes, those who depend on others first.
func (c *contestant) end() {
	for _, p := range []*process.Process{c.audience, c.publisher, c.middle} {
		if p != nil {
			p.End()
		}
	}
}

// sample is what one side did in one turn.
type sample struct {
	delivered  float64 // per second, to all subscribers together
	middle     float64 // microseconds of CPU time of the middle for each delivery
	everything float64 // of all three processes
}

// turn has the publisher publish for a time.
func (c *contestant) turn(length time.Duration) (sample, error) {
	before, err := c.used()
	if err != nil {
		return sample{}, err
	}
	line, err := c.publisher.Ask(length.String())
	if err != nil {
		return sample{}, err
	}
	after, err := c.used()
	if err != nil {
		return sample{}, err
	}
	var r run
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		return sample{}, err
	}
	if r.Reports == 0 {
		return sample{}, fmt.Errorf("no report in %v", length)
	}
	deliveries := float64(r.Reports * c.subscribers)
	micros := func(d time.Duration) float64 { return d.Seconds() * 1e6 / deliveries }
	return sample{
		delivered:  deliveries / r.Seconds,
		middle:     micros(after.middle - before.middle),
		everything: micros(after.all - before.all),
	}, nil
}

// usage is the CPU time used so far.
type usage struct{ middle, all time.Duration }

func (c *contestant) used() (u usage, err error) {
	for _, p := range []*process.Process{c.middle, c.publisher, c.audience} {
		used, err := p.CPU()
		if err != nil {
			return u, err
		}
		if p == c.middle {
			u.middle = used
		}
		u.all += used
	}
	return u, nil
}
