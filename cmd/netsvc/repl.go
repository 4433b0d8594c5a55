package main

import (
	"context"

	"github.com/netsvc/netsvc/internal/command"
)

func (p *program) replCommand() *command.Command {
	return &command.Command{
		Name:    "repl",
		Section: command.SectionWatch,
		Summary: "type statements at a prompt, or run scripts of them",
		Flags:   replFlags(),
		Formats: []command.Format{
			command.FormatJSON, command.FormatJSONL, command.FormatYAML, command.FormatTable, command.FormatName, command.FormatRaw,
		},
		Run: func(ctx context.Context, env *command.Env) error { return p.runScript(ctx, env) },
	}
}
