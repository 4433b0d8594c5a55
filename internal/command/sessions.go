package command

import (
	"context"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/exchange"
)

func sessionsCommand() *Command {
	return &Command{
		Name:    "sessions",
		Section: SectionLook,
		Summary: "list the processes that are connected",
		Doc: "Of each there is what it says of itself, and what the exchange sees: rtt_ms is the way to it and back\n" +
			"as last measured, 10 s ago at most, null before that; queue_bytes is what waits to be sent to it.\n" +
			"This command is a process, too.",
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatName, FormatRaw},
		Run:     runSessions,
	}
}

func runSessions(ctx context.Context, env *Env) error {
	sessions, err := askExchange[[]exchange.SessionInfo](ctx, env, "sessions")
	if err != nil {
		return err
	}
	return printNamed(env, sessions, func(s exchange.SessionInfo) string { return s.Address }, func() *render.Table {
		return render.SessionTable(sessions)
	})
}
