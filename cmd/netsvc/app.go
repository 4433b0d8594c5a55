package main

import (
	"github.com/urfave/cli/v2"

	"github.com/netsvc/netsvc/internal/command"
)

// app describes the table to urfave/cli. Lines come to it sorted, with known commands and
// flags and checked values; it reads the flags and dispatches. All its own ways to
// talk and to exit are closed.
func (p *program) app(table command.Table) *cli.App {
	app := &cli.App{
		Name:                      "netsvc",
		Usage:                     "networked services through an exchange",
		HideHelpCommand:           true,
		HideVersion:               true,
		DisableSliceFlagSeparator: true,
		Flags:                     cliFlags(command.GlobalFlags()),
		HideHelp:                  true,
		Reader:                    p.std.in,
		ErrWriter:                 p.std.err,
		OnUsageError:              onUsageError,
		ExitErrHandler:            func(*cli.Context, error) {},
		CommandNotFound:           func(*cli.Context, string) {},
	}
	app.Commands = p.cliCommands(table)
	return app
}

// cliCommands are commands in the library's form.
func (p *program) cliCommands(table command.Table) []*cli.Command {
	var list []*cli.Command
	for _, c := range table {
		list = append(list, &cli.Command{
			Name:         c.Word(),
			Aliases:      c.Aliases,
			Usage:        c.Summary,
			ArgsUsage:    c.Args,
			HideHelp:     true,
			Flags:        cliFlags(c.Flags),
			Subcommands:  p.cliCommands(c.Sub),
			OnUsageError: onUsageError,
			Action:       func(flags *cli.Context) error { return p.execute(c, flags) },
		})
	}
	return list
}

func onUsageError(_ *cli.Context, err error, _ bool) error { return command.Usage("", "%v", err) }

// cliFlags are flags in the library's form. Help is the library's own, and the version is asked
// for before it sees the line.
func cliFlags(flags []command.Flag) []cli.Flag {
	var list []cli.Flag
	lists := map[string]bool{"": true}
	for _, f := range flags {
		if !lists[f.Into] {
			lists[f.Into] = true
			list = append(list, &cli.StringSliceFlag{Name: f.Into})
		}
		if f.Name == "help" || f.Name == "version" {
			continue
		}
		list = append(list, cliFlag(f))
	}
	return list
}

func cliFlag(f command.Flag) cli.Flag {
	switch f.Kind {
	case command.Switch:
		return &cli.BoolFlag{Name: f.Name}
	case command.Texts:
		return &cli.StringSliceFlag{Name: f.Name}
	case command.Duration:
		return &cli.DurationFlag{Name: f.Name}
	case command.Count, command.Size:
		return &cli.IntFlag{Name: f.Name}
	case command.Text:
	}
	return &cli.StringFlag{Name: f.Name}
}
