package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"syscall"

	"github.com/netsvc/netsvc/examples/services"
	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func demoCommand() *command.Command {
	return &command.Command{
		Name:    "demo",
		Section: command.SectionRun,
		Summary: "run an exchange, the example services and a gateway in one process, to try out",
		Doc: "It listens on 127.0.0.1:" + exchangePort + " and, for HTTP, on 127.0.0.1:" + gatewayPort + ", or where there is room, and runs\n" +
			"until SIGINT. With --once it makes a call by each way, prints the two results and ends.",
		Flags:  []command.Flag{{Name: "once", Kind: command.Switch, Summary: "make a call by each way and end"}},
		Daemon: true,
		Run:    runDemo,
	}
}

func runDemo(ctx context.Context, env *command.Env) error {
	once := env.Flags.Bool("once")
	exchangeAt, gatewayAt, log := exchangePort, gatewayPort, env.Log
	if once {
		exchangeAt, gatewayAt = "0", "0"
		if !env.Settings.Verbose {
			log = slog.New(slog.DiscardHandler)
		}
	}
	d := demo{log: log}
	defer d.close()
	if err := d.start(ctx, exchangeAt, gatewayAt); err != nil {
		return err
	}
	if once {
		if err := d.callBothWays(ctx, env.Out); err != nil {
			return err
		}
	} else {
		if err := d.invite(env); err != nil {
			return err
		}
		<-ctx.Done()
	}
	return drain(log, defaultGrace, d.shutdown)
}

// demo is a whole small world in one process. Only callers from outside need its sockets.
type demo struct {
	log     *slog.Logger
	ex      *exchange.Exchange
	conn    *service.Conn // in memory, of the services and the gateway
	door    *door
	serving sync.WaitGroup

	exchangeAt, gatewayAt string // addresses, once started
}

func (d *demo) start(ctx context.Context, exchangeAt, gatewayAt string) error {
	var err error
	if d.ex, err = exchange.New(&exchange.Options{Logger: d.log, Software: "netsvc " + command.Version()}); err != nil {
		return err
	}
	open, err := listenSomewhere(exchangeAt)
	if err != nil {
		return err
	}
	for _, l := range open {
		d.serving.Go(func() { d.ex.Serve(l) }) // ends when the exchange closes the listener
	}
	d.exchangeAt = open.addresses()[0]
	d.conn, err = service.Connect(ctx, d.exchangeAt, &service.Options{Dial: d.ex.Dial, Program: "netsvc demo", Logger: d.log})
	if err != nil {
		return err
	}
	if err := d.announce(ctx); err != nil {
		return err
	}
	return d.openDoor(gatewayAt)
}

// listenSomewhere listens on a port of the loopback addresses, or on another one if it is taken.
func listenSomewhere(port string) (listeners, error) {
	open, err := listenLoopback(port)
	if errors.Is(err, syscall.EADDRINUSE) {
		open, err = listenLoopback("0")
	}
	if err != nil {
		return nil, notListening(command.Place{Port: port}, err)
	}
	return open, nil
}

func (d *demo) announce(ctx context.Context) error {
	for _, name := range services.Names() {
		s, err := services.New(name)
		if err != nil {
			return err
		}
		if err := d.conn.Announce(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) openDoor(port string) error {
	var err error
	opts := &doorOptions{gateway: xmlrpc.GatewayOptions{Timeout: gatewayTimeout, Logger: d.log}}
	if d.door, err = newDoor(d.conn, xmlrpc.Selection{Groups: []string{gatewayGroup}}, opts); err != nil {
		return err
	}
	open, err := listenSomewhere(port)
	if err != nil {
		return err
	}
	d.door.open(open, false, d.log)
	d.gatewayAt = open.addresses()[0]
	return nil
}

// invite prints where everything is and three commands to try. They name the exchange when it
// is not the one they would find by themselves.
func (d *demo) invite(env *command.Env) error {
	at := ""
	if d.exchangeAt != env.Settings.Exchange {
		at = " -x " + d.exchangeAt
	}
	_, err := fmt.Fprintf(env.Out, "exchange  %s\ngateway   %s\nservices  %s\n\ntry:\n"+
		"  netsvc ls%s\n  netsvc call math.multiply 3 4%s\n  netsvc describe math%s\n\nCtrl-C ends it.\n",
		d.exchangeAt, d.url(""), strings.Join(services.Names(), " "), at, at, at)
	return err
}

// url is that of a service at the gateway, or of the page that lists them all.
func (d *demo) url(name string) string { return "http://" + d.gatewayAt + gatewayMount + "/" + name }

// callBothWays makes the same call as a client of the exchange and as one of the gateway, both
// over their sockets, and prints the results.
func (d *demo) callBothWays(ctx context.Context, out io.Writer) error {
	product, err := callExchange(ctx, d.exchangeAt, 3, 4)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "exchange  math.multiply 3 4 = %v\n", product)
	if product, err = callGateway(ctx, d.url("math"), 3, 4); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "gateway   math.multiply 3 4 = %v\n", product)
	return err
}

// shutdown ends everything in good order: the door first, then the services, and last what
// joins them.
func (d *demo) shutdown(ctx context.Context) error {
	return errors.Join(d.door.shutdown(ctx), d.conn.Shutdown(ctx), d.ex.Shutdown(ctx))
}

// close ends at once what has begun.
func (d *demo) close() {
	if d.door != nil {
		d.door.close()
	}
	if d.conn != nil {
		d.conn.Close()
	}
	if d.ex != nil {
		d.ex.Close()
	}
	d.serving.Wait()
}
