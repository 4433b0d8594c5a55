package command

import (
	"context"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/exchange"
)

func groupsCommand() *Command {
	return &Command{
		Name:    "groups",
		Section: SectionLook,
		Summary: "list groups and their members",
		Doc:     "A group is there while it has a member. Members are addresses such as math@3, oldest first.",
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatName, FormatRaw},
		Run:     runGroups,
	}
}

func runGroups(ctx context.Context, env *Env) error {
	groups, err := askExchange[[]exchange.GroupInfo](ctx, env, "groups")
	if err != nil {
		return err
	}
	return printNamed(env, groups, func(g exchange.GroupInfo) string { return g.Name }, func() *render.Table {
		return render.GroupTable(groups)
	})
}
