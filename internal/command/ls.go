package command

import (
	"context"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// exchangeName is the service that the exchange itself is.
const exchangeName = "_exchange"

func lsCommand() *Command {
	return &Command{
		Name:    "ls",
		Section: SectionLook,
		Args:    "[GLOB]",
		Summary: "list services",
		Doc:     "GLOB selects names: * is any run of characters, ? any one. Names that begin with _ are listed\nonly by a GLOB that does.",
		MaxArgs: 1,
		Flags: []Flag{
			{Name: "group", Kind: Text, Arg: "GROUP", Summary: "only services with an instance in this group", Complete: AnyGroup},
			{Name: "instances", Kind: Switch, Summary: "a row for each instance; JSON always has them"},
		},
		Formats:  []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatName, FormatRaw},
		Complete: AnyName,
		Run:      runLs,
	}
}

func runLs(ctx context.Context, env *Env) error {
	conn, err := env.Connect(ctx, false)
	if err != nil {
		return err
	}
	ctx, cancel := env.bounded(ctx)
	defer cancel()
	var glob string
	if len(env.Args) > 0 {
		glob = env.Args[0]
	}
	services, err := servicesOf(ctx, conn, glob, env.Flags.String("group"))
	if err != nil {
		return err
	}
	return printNamed(env, services, func(s exchange.ServiceInfo) string { return s.Name }, func() *render.Table {
		if env.Flags.Bool("instances") {
			return render.InstanceTable(services)
		}
		return render.ServiceTable(services)
	})
}

// servicesOf asks the exchange which services there are.
func servicesOf(ctx context.Context, conn *service.Conn, glob, group string) ([]exchange.ServiceInfo, error) {
	return service.Call[[]exchange.ServiceInfo](ctx, conn.Endpoint(exchangeName), "services", glob, group)
}
