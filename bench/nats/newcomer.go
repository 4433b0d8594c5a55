package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/pkg/service"
)

// newcomers is the workload in which new services are made and called once.
func newcomers() *workload {
	return &workload{
		Name: "new service, until its first answer", sides: pair,
		wanted: []goal{{number: "9", metric: p50, over: natsSide, atMost: 0.7}},
	}
}

// startNewcomer starts the processes of a side: there is no service but the new ones.
func startNewcomer(side string, _ *workload) (c *contestant, err error) {
	c = &contestant{side: side}
	if c.middle, c.addr, err = process.Start(casts[side].middle); err != nil {
		return nil, err
	}
	if c.caller, err = c.join("newcomer", ""); err != nil {
		c.end()
		return nil, err
	}
	return c, nil
}

// newcomer makes a service by one connection, calls it by another and withdraws it.
type newcomer interface {
	announce(name string) error
	call(name string) error
	withdraw() error
	close()
}

// mostNewcomers bounds the services of one run, so that all of a session's stay below the
// handles that an exchange gives it.
const mostNewcomers = 500

// newcomerBy is the role that makes services by a library. Its arguments begin with the
// middle; each question is a length of time.
func newcomerBy(dial func(addr string) (newcomer, error)) process.Role {
	return func(args []string) error {
		c, err := dial(args[0])
		if err != nil {
			return err
		}
		defer c.close()
		made := 0
		return process.Answer("ready", answerRuns(func(length time.Duration) (result, error) {
			return keepIntroducing(c, &made, length)
		}))
	}
}

// keepIntroducing makes one service after the other for a time. made counts them over all
// runs, so that each has a name of its own.
func keepIntroducing(c newcomer, made *int, length time.Duration) (result, error) {
	var took []time.Duration
	from := time.Now()
	for len(took) == 0 || len(took) < mostNewcomers && time.Since(from) < length {
		*made++
		d, err := introduce(c, "newcomer-"+strconv.Itoa(*made))
		if err != nil {
			return result{}, err
		}
		took = append(took, d)
	}
	return timed(took, time.Since(from)), nil
}

// introduce measures from before a service is made until its first answer has come.
func introduce(c newcomer, name string) (time.Duration, error) {
	from := time.Now()
	if err := c.announce(name); err != nil {
		return 0, err
	}
	if err := c.call(name); err != nil {
		return 0, err
	}
	return time.Since(from), c.withdraw()
}

type netsvcNewcomer struct {
	host, caller *service.Conn
	current      *service.Service
}

func newNetsvcNewcomer(addr string) (newcomer, error) {
	ctx := context.Background()
	host, err := service.Connect(ctx, addr, nil)
	if err != nil {
		return nil, err
	}
	caller, err := service.Connect(ctx, addr, nil)
	return &netsvcNewcomer{host: host, caller: caller}, err
}

func (c *netsvcNewcomer) announce(name string) error {
	c.current = service.New(name, nil)
	c.current.Export(multiply, func(x, y int64) int64 { return x * y }, nil)
	return c.host.Announce(context.Background(), c.current)
}

func (c *netsvcNewcomer) call(name string) error {
	return netsvcMultiply{c.caller.Endpoint(name)}.ask(42)
}

func (c *netsvcNewcomer) withdraw() error { return c.host.Withdraw(context.Background(), c.current) }

func (c *netsvcNewcomer) close() {
	c.caller.Close()
	c.host.Close()
}

type natsNewcomer struct {
	host, caller *nats.Conn
	current      micro.Service
}

func newNATSNewcomer(addr string) (newcomer, error) {
	host, err := nats.Connect(addr)
	if err != nil {
		return nil, err
	}
	caller, err := nats.Connect(addr)
	return &natsNewcomer{host: host, caller: caller}, err
}

// announce makes a service of NATS's own framework, with one endpoint.
func (c *natsNewcomer) announce(name string) (err error) {
	c.current, err = micro.AddService(c.host, micro.Config{
		Name: name, Version: "1.0.0",
		Endpoint: &micro.EndpointConfig{
			Subject: name,
			Handler: micro.HandlerFunc(func(r micro.Request) { r.Respond(r.Data()) }),
		},
	})
	return err
}

// call tries until the service is there: AddService returns before the server knows of it.
func (c *natsNewcomer) call(name string) error {
	data := []byte("42")
	for {
		m, err := c.caller.Request(name, data, patience)
		switch {
		case errors.Is(err, nats.ErrNoResponders):
			continue
		case err != nil:
			return err
		case string(m.Data) != "42":
			return errWrong
		}
		return nil
	}
}

func (c *natsNewcomer) withdraw() error { return c.current.Stop() }

func (c *natsNewcomer) close() {
	c.caller.Close()
	c.host.Close()
}
