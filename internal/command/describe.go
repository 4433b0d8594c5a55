package command

import (
	"context"
	"slices"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

func describeCommand() *Command {
	return &Command{
		Name:    "describe",
		Aliases: []string{"desc"},
		Section: SectionLook,
		Args:    "SERVICE[.METHOD]",
		Summary: "show a service, its instances and its methods, or one method",
		MinArgs: 1, MaxArgs: 1,
		Formats:  []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Complete: describable,
		Run:      runDescribe,
	}
}

func runDescribe(ctx context.Context, env *Env) error {
	target, method := value.SplitTarget(env.Args[0])
	if target == "" {
		return usage("such as math or math.multiply", "describe wants SERVICE or SERVICE.METHOD, not %q", env.Args[0])
	}
	conn, err := env.Connect(ctx, false)
	if err != nil {
		return err
	}
	ctx, cancel := env.bounded(ctx)
	defer cancel()
	d, err := conn.Describe(ctx, target)
	if err != nil {
		e := explain(err).about(target, method)
		if e.Exit == ExitNotFound {
			e.namesNothing(ctx, conn, nil)
		}
		return e
	}
	description := describe(d, inflight(ctx, conn, target))
	if method != "" {
		if err := description.keep(ctx, conn, target, method); err != nil {
			return err
		}
	}
	return env.printShape(description.Description, description.text(method))
}

// described is a description on its way to the output.
type described struct{ render.Description }

// describe makes the shape of the contract. Calls in flight are known of listed instances only.
func describe(d *service.Description, inflight map[string]int) *described {
	out := &described{render.Description{
		Groups: []string{}, Instances: []exchange.InstanceInfo{}, Methods: []render.Method{}, Subjects: []string{},
	}}
	for _, info := range d.Infos {
		out.Name, out.Description.Description = info.Name, info.Description
		out.Groups = append(out.Groups, info.Groups...)
		out.Instances = append(out.Instances, instanceOf(info, inflight))
		out.Subjects = append(out.Subjects, info.Subjects...)
	}
	slices.Sort(out.Subjects)
	out.Subjects = slices.Compact(out.Subjects)
	out.Fallback = hasFallback(d)
	slices.Sort(out.Groups)
	out.Groups = slices.Compact(out.Groups)
	for i := range d.Methods {
		out.Methods = append(out.Methods, render.MethodOf(&d.Methods[i]))
	}
	return out
}

// hasFallback reports whether a method of any name may be answered.
func hasFallback(d *service.Description) bool {
	return slices.ContainsFunc(d.Infos, func(i service.Info) bool { return i.Fallback })
}

func instanceOf(i service.Info, inflight map[string]int) exchange.InstanceInfo {
	address := i.Address.String()
	return exchange.InstanceInfo{
		Address: address, Origin: originOf(i.Address), PID: i.Process.PID, Host: i.Process.Host,
		User: i.Process.User, Program: i.Process.Program, Since: i.Since.UTC(), State: i.State.String(),
		Inflight: inflight[address], Version: i.Version,
	}
}

// inflight asks the exchange for the calls in flight at each instance of a name.
func inflight(ctx context.Context, conn *service.Conn, name string) map[string]int {
	counts := map[string]int{}
	services, err := servicesOf(ctx, conn, name, "")
	if err != nil {
		return counts
	}
	for _, s := range services {
		for _, i := range s.Instances {
			counts[i.Address] = i.Inflight
		}
	}
	return counts
}

// keep leaves only one of the methods.
func (d *described) keep(ctx context.Context, conn *service.Conn, target, method string) error {
	var names []string
	for _, m := range d.Methods {
		names = append(names, m.Name)
		if m.Name == method {
			d.Methods = []render.Method{m}
			return nil
		}
	}
	e := explain(service.ErrNoMethod).about(target, method)
	e.namesNothing(ctx, conn, names)
	return e
}

// text is the description for people: of the whole service, or of one method.
func (d *described) text(method string) func(dst []byte, l render.Look) []byte {
	if method != "" {
		return d.Methods[0].Append
	}
	return d.Description.Append
}
