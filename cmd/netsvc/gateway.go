package main

import (
	"context"
	"slices"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

const (
	gatewayPort  = "8000"
	gatewayMount = "/xmlrpc/service"
	gatewayGroup = "web-services"
)

func gatewayCommand() *command.Command {
	return &command.Command{
		Name:    "gateway",
		Section: command.SectionRun,
		Summary: "let programs that speak XML-RPC over HTTP call services",
		Doc: "Each service has a URL, http://127.0.0.1:8000/xmlrpc/service/math, and all share /RPC2, where\n" +
			"the method is math.multiply. Without --group, --service, --instance and --all it is the members of\n" +
			gatewayGroup + " that can be called.\n\n" +
			"SIGINT and SIGTERM let it answer every request that has come, and end. Sockets that a supervisor\n" +
			"hands over (LISTEN_FDS, as systemd does) are used in the place of --listen; clients that come\n" +
			"while such a gateway is restarted wait, and no call fails.\n\n" +
			"GET /healthz says that the process lives, GET /readyz that calls should come here: not while the\n" +
			"exchange is away, and not from the moment when it is told to end.",
		Flags:  slices.Concat(listenFlags(gatewayPort), servedFlags(), documentFlags(), callerFlags(), browserFlags(), loadFlags(), logFlags(), endFlags()),
		Daemon: true,
		Run:    runGateway,
	}
}

func runGateway(ctx context.Context, env *command.Env) error {
	selection, err := selectionOf(env.Flags)
	if err != nil {
		return err
	}
	opts, err := doorOptionsOf(env)
	if err != nil {
		return err
	}
	conn, err := env.Connect(ctx, true)
	if err != nil {
		return err
	}
	d, err := newDoor(conn, selection, opts)
	if err != nil {
		return command.Usage("", "%v", err)
	}
	defer d.close()
	open, handed, err := listenGateway(env.Flags)
	if err != nil {
		return err
	}
	d.ready(ctx, conn)
	d.open(open, handed, env.Log)
	if err := writeAddressFile(env.Flags.String("address-file"), open.addresses()); err != nil {
		return err
	}
	logListening(env.Log, open)
	select {
	case <-ctx.Done():
		d.announceEnd(env.Flags.Duration("drain-delay"))
		return drain(env.Log, graceOf(env.Flags), d.shutdown)
	case <-conn.Done(): // the exchange refuses it for good
		return conn.Err()
	}
}

// selectionOf is what the flags let through.
func selectionOf(flags command.Flags) (xmlrpc.Selection, error) {
	s := xmlrpc.Selection{
		All: flags.Bool("all"), Groups: flags.StringSlice("group"), Services: flags.StringSlice("service"),
	}
	for _, other := range []string{"group", "service", "instance"} {
		if s.All && len(flags.StringSlice(other)) > 0 {
			return s, command.Usage("leave one of them out", "--all and --%s: all services can be called, or some", other)
		}
	}
	for _, text := range flags.StringSlice("instance") {
		name, number, ok := wire.ParseTarget(text)
		if !ok || number == 0 {
			return s, command.Usage("such as math@3", "--instance wants an address, not %q", text)
		}
		s.Instances = append(s.Instances, service.Address{Name: name, Number: number})
	}
	if !s.All && len(s.Groups)+len(s.Services)+len(s.Instances) == 0 {
		s.Groups = []string{gatewayGroup}
	}
	return s, nil
}
